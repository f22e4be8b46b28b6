import { describe, expect, test } from 'vitest';
import { InputError } from '../../base/errors.ts';
import { loadNicProfile } from '../../topology/load-topology.ts';
import { assemble } from '../assembler/assembler.ts';
import { interpretCore } from '../execution/interpreter.ts';
import type { FirmwareRegion, FirmwareSymbol } from '../image/firmware-image.ts';
import type { NicOptions } from './dispatch-policy.ts';
import { Npu, type NpuFault } from './npu.ts';

/**
 * Two lambdas on one NIC. A frame's octet 14 is the id of its lambda (1 web, 2 image, 0 none), octets 18 to 21 are the
 * EMEM address that the lambda's code touches, octet 15 how many hundreds of cycles it works.
 */
const PROGRAM = `
receive:
  mem[ctm.packet_add_thread, $xfer_0, gprA_15, 0, 4], ctx_swap[sig1]
  alu[gprA_0, --, B, $xfer_0]
  alu[gprA_1, --, B, $xfer_1]
  mem[read32, $xfer_4, gprA_1, 14, 2], ctx_swap[sig1]
  immed[gprA_3, 0x9800, <<16]
  alu[gprB_2, --, B, $xfer_5]
  alu_shf[gprA_4, --, B, $xfer_4, >>24]
  ld_field_w_clr[gprA_5, 0001, $xfer_4, >>rot16]
  br=byte[gprA_4, 0, 1, web]
  br=byte[gprA_4, 0, 2, image]
  mem[write32, $xfer_8, gprA_3, <<8, gprB_2, 1], ctx_swap[sig1]
  br[send]
web:
  mem[write32, $xfer_8, gprA_3, <<8, gprB_2, 1], ctx_swap[sig1]
web_work:
  alu[gprA_5, gprA_5, -, 1]
  bmi[send]
  immed[gprA_6, 24]
web_inner:
  alu[gprA_6, gprA_6, -, 1]
  bne[web_inner]
  br[web_work]
image:
  mem[write32, $xfer_8, gprA_3, <<8, gprB_2, 1], ctx_swap[sig1]
  br[send]
send:
  alu[$xfer_0, --, B, gprA_0]
  alu[$xfer_1, --, B, gprA_1]
  mem[ctm.packet_complete_unicast, $xfer_0, gprA_15, 0, 2], ctx_swap[sig1]
  br[receive]
`;
const WEB_BEGIN = 12;
const IMAGE_BEGIN = 19;
const SEND_BEGIN = 21;

const profile = loadNicProfile('agilio-cx-2x10');
const oneCore = { ...profile, islands: [{ number: 32, cores: 1 }], coreCount: 1 };

const own = (owner: string, address: number, over: Partial<FirmwareRegion> = {}): FirmwareRegion => ({
  name: `of-${owner}`,
  owner,
  memory: 'emem',
  address,
  octets: 64,
  read: true,
  write: true,
  ...over,
});
const RUNTIME_AT = 0;
const WEB_AT = 1024;
const IMAGE_AT = 2048;
const REGIONS = [own('runtime', RUNTIME_AT), own('web', WEB_AT), own('image', IMAGE_AT)];

const code = (owner: string, address: number, end: number): FirmwareSymbol => ({
  name: owner,
  owner,
  memory: 'code',
  address,
  size: end - address,
});

class Tenants {
  readonly sent: { readonly cycle: number; readonly lambda: number; readonly work: number; readonly mark: number }[] =
    [];
  readonly faults: NpuFault[] = [];
  readonly npu: Npu;
  private end = 50_000_000;

  constructor(options: NicOptions & { regions?: FirmwareRegion[]; cores?: typeof profile } = {}) {
    const { instructions, errors } = assemble(PROGRAM);
    expect(errors).toEqual([]);
    const { regions = REGIONS, cores = profile, ...nic } = options;
    const events = {
      onSend: (cycle: number, _: number, frame: Uint8Array) =>
        this.sent.push({ cycle, lambda: frame[14]!, work: frame[15]!, mark: frame[22]! }),
      onFault: (fault: NpuFault) => this.faults.push(fault),
    };
    const lambdaIdOf = (frame: Uint8Array) => (frame[14] === 0 ? undefined : frame[14]);
    this.npu = new Npu(cores, events, interpretCore, { lambdaIdOf, ...nic });
    this.npu.loadProgram({
      instructions,
      contexts: 8,
      entry: 0,
      data: [],
      regions,
      symbols: [
        code('runtime', 0, WEB_BEGIN),
        code('web', WEB_BEGIN, IMAGE_BEGIN),
        code('image', IMAGE_BEGIN, SEND_BEGIN),
        { ...code('runtime', SEND_BEGIN, instructions.length), name: 'send' },
      ],
      lines: instructions.map((_, instruction) => ({ instruction, file: 'tenants.asm', line: instruction + 1 })),
      lambdas: [
        { name: 'web', id: 1 },
        { name: 'image', id: 2 },
      ],
    });
    this.npu.run(10_000);
  }

  deliver(cycle: number, lambda: number, address: number, { work = 0, mark = 0 } = {}): boolean {
    const frame = new Uint8Array(64);
    frame[14] = lambda;
    frame[15] = work;
    new DataView(frame.buffer).setUint32(18, address);
    frame[22] = mark;
    this.npu.run(cycle);
    return this.npu.deliver(cycle, 0, frame);
  }

  finish(): this {
    this.npu.run(this.end);
    this.end += 50_000_000;
    return this;
  }
}

describe('memory', () => {
  test.each([
    ['web', 1, WEB_AT, true],
    ['web', 1, WEB_AT + 60, true],
    ['web', 1, WEB_AT + 64, false],
    ['web', 1, IMAGE_AT, false],
    ['web', 1, RUNTIME_AT, false],
    ['image', 2, IMAGE_AT, true],
    ['image', 2, WEB_AT, false],
    ['runtime', 0, RUNTIME_AT, true],
    ['runtime', 0, WEB_AT, false],
  ] as const)('code of %s (lambda %i) writes at %i: %s', (owner, lambda, address, allowed) => {
    const nic = new Tenants();
    nic.deliver(20_000, lambda, address);
    nic.finish();
    expect(nic.sent).toHaveLength(allowed ? 1 : 0);
    if (allowed) return;
    const instruction = { web: WEB_BEGIN, image: IMAGE_BEGIN, runtime: 10 }[owner];
    expect(nic.faults).toMatchObject([
      {
        kind: 'unmapped-write',
        owner,
        lambda: lambda === 0 ? '' : owner,
        instruction,
        file: 'tenants.asm',
        line: instruction + 1,
        memory: 'emem',
        address,
      },
    ]);
  });

  test('a grant is the same region once more, under the name of whom it is granted to, with rights of its own', () => {
    const granted = [...REGIONS, own('image', WEB_AT, { write: false }), own('web', RUNTIME_AT)];
    const nic = new Tenants({ regions: granted });
    nic.deliver(20_000, 1, RUNTIME_AT);
    nic.deliver(20_000, 2, WEB_AT);
    nic.finish();
    expect(nic.sent.map(({ lambda }) => lambda)).toEqual([1]);
    expect(nic.faults.map(({ owner, address }) => [owner, address])).toEqual([['image', WEB_AT]]);
  });

  test('who is stopped disturbs nobody: all others end in the very cycle in which they end without', () => {
    // Every third request strays. In the run to compare with, it is not there at all; cores have one request at a time.
    const run = (strays: boolean) => {
      const nic = new Tenants();
      for (let i = 0; i < 600; i++) {
        const cycle = 20_000 + i * 1_000;
        if (i % 3 === 1) {
          if (strays) nic.deliver(cycle, 1, IMAGE_AT, { mark: 1 });
        } else nic.deliver(cycle, 1 + (i % 2), i % 2 === 0 ? WEB_AT : IMAGE_AT);
      }
      return nic.finish();
    };
    const [clean, disturbed] = [run(false), run(true)];
    expect(disturbed.faults).toHaveLength(200);
    expect(clean.sent).toHaveLength(400);
    expect(disturbed.sent).toEqual(clean.sent);
    expect(disturbed.npu.memory('emem').read(IMAGE_AT, 64)).toEqual(clean.npu.memory('emem').read(IMAGE_AT, 64));
  });
});

describe('cycle budget', () => {
  const budgeted = { lambdas: { web: 1_000 } };

  test('a request over its budget is stopped, counted, and named with its lambda; others go on', () => {
    const nic = new Tenants({ cycleBudget: budgeted });
    nic.deliver(20_000, 1, WEB_AT, { work: 3, mark: 1 });
    nic.deliver(20_000, 1, WEB_AT, { work: 200, mark: 2 });
    nic.deliver(20_000, 2, IMAGE_AT, { mark: 3 });
    nic.finish();
    expect(nic.sent.map(({ mark }) => mark).sort()).toEqual([1, 3]);
    expect(nic.faults).toMatchObject([{ kind: 'cycle-budget', lambda: 'web', owner: 'web', file: 'tenants.asm' }]);
    expect(nic.npu.counters).toMatchObject({ faults: 1, overBudget: 1 });
    // Its context serves again, under the same budget.
    for (let i = 0; i < 448; i++) nic.deliver(60_000_000 + i * 500, 1, WEB_AT, { work: 3 });
    nic.finish();
    expect(nic.sent).toHaveLength(450);
  });

  test('the default is for lambdas without one; frames of no lambda have the watchdog alone', () => {
    const nic = new Tenants({ cycleBudget: { default: 110, lambdas: { web: 5_000 } } });
    nic.deliver(20_000, 1, WEB_AT);
    nic.deliver(20_000, 2, IMAGE_AT);
    nic.deliver(20_000, 0, RUNTIME_AT);
    nic.finish();
    expect(nic.sent.map(({ lambda }) => lambda).sort()).toEqual([0, 1]);
    expect(nic.faults).toMatchObject([{ kind: 'cycle-budget', lambda: 'image' }]);
  });

  test('a request that stays within its budget costs the same cycles as without one', () => {
    const cycles = (options: NicOptions) => {
      const nic = new Tenants(options);
      nic.deliver(20_000, 1, WEB_AT, { work: 5 });
      return nic.finish().sent[0]!.cycle;
    };
    expect(cycles({ cycleBudget: { lambdas: { web: 100_000 } } })).toBe(cycles({}));
  });
});

describe('weighted fair queueing', () => {
  const wfq = { kind: 'wfq', weights: { web: 3, image: 1 }, defaultWeight: 1 } as const;

  /** Floods one core with both lambdas at once; lambdas in the order in which answers come. */
  function flood(options: NicOptions): number[] {
    const nic = new Tenants({ ...options, cores: oneCore });
    for (let i = 0; i < 400; i++)
      for (const lambda of [2, 1]) nic.deliver(20_000, lambda, lambda === 1 ? WEB_AT : IMAGE_AT);
    return nic.finish().sent.map(({ lambda }) => lambda);
  }

  test('shares the contexts by weight while both wait; the FIFO gives them as they came', () => {
    const share = (order: readonly number[]) => order.slice(40, 240).filter((lambda) => lambda === 1).length / 200;
    expect(share(flood({ dispatch: wfq }))).toBeCloseTo(0.75, 1);
    expect(share(flood({}))).toBeCloseTo(0.5, 1);
  });

  test('loses no work: all are served, and the last answer comes when it does with the FIFO but for the classifier', () => {
    const end = (options: NicOptions) => {
      const nic = new Tenants({ ...options, cores: oneCore });
      for (let i = 0; i < 300; i++) nic.deliver(20_000 + i * 20, 1 + (i % 2), i % 2 === 0 ? WEB_AT : IMAGE_AT);
      nic.finish();
      expect(nic.sent).toHaveLength(300);
      return nic.sent.at(-1)!.cycle;
    };
    const { latencyCycles } = profile.packet.classifier!;
    expect(Math.abs(end({ dispatch: wfq }) - end({}) - latencyCycles)).toBeLessThan(60);
  });

  test('a lone frame pays the classifier its latency, and nothing else', () => {
    const cycle = (options: NicOptions) => {
      const nic = new Tenants(options);
      nic.deliver(20_000, 1, WEB_AT);
      return nic.finish().sent[0]!.cycle;
    };
    expect(cycle({ dispatch: wfq })).toBe(cycle({}) + profile.packet.classifier!.latencyCycles);
  });

  test('the same frames give the same run, however it is cut into pieces', () => {
    const run = (piece: number) => {
      const nic = new Tenants({ dispatch: wfq, cores: oneCore });
      for (let i = 0; i < 200; i++)
        nic.deliver(20_000 + i * 7, 1 + ((i * 5) % 2), (i * 5) % 2 === 0 ? WEB_AT : IMAGE_AT);
      for (let cycle = 22_000; cycle < 200_000; cycle += piece) nic.npu.run(cycle);
      return nic.finish().sent;
    };
    expect(run(13)).toEqual(run(200_000));
  });

  test('a NIC that cannot tell lambdas apart before dispatch is refused', () => {
    const { classifier: _, ...packet } = profile.packet;
    expect(() => new Tenants({ dispatch: wfq, cores: { ...profile, packet } })).toThrow(InputError);
  });
});
