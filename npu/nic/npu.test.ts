import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { InputError } from '../../base/errors.ts';
import { assemble } from '../assembler/assembler.ts';
import { encodeProgram } from '../image/encode.ts';
import type { FirmwareRegion } from '../image/firmware-image.ts';
import { type NicProfile, parseNicProfile } from '../profile.ts';
import { type LoadableProgram, Npu, type NpuFault } from './npu.ts';

const profile = parseNicProfile(
  parse(readFileSync(new URL('../../topology/profiles/nics/agilio-cx-2x10.yaml', import.meta.url), 'utf8')),
);

/** Receives, works `work` instructions, stamps island and context into the frame, sends it back where it came from. */
const ECHO = (work: number): string => `
receive:
  mem[ctm.packet_add_thread, $xfer_0, gprA_15, 0, 4], ctx_swap[sig1]
  alu[gprA_0, --, B, $xfer_0]
  alu[gprA_1, --, B, $xfer_1]
${'  nop\n'.repeat(work)}
  local_csr_rd[ActCtxStatus]
  immed[gprA_2, 0]
  alu[$xfer_4, --, B, gprA_2]
  alu[$xfer_5, --, B, $xfer_3]
  mem[write32, $xfer_4, gprA_1, 14, 2], ctx_swap[sig1]
  alu[$xfer_0, --, B, gprA_0]
  alu[$xfer_1, --, B, gprA_1]
  mem[ctm.packet_complete_unicast, $xfer_0, gprA_15, 0, 2], ctx_swap[sig1]
  br[receive]
`;

interface Sent {
  readonly cycle: number;
  readonly port: number;
  readonly frame: Uint8Array;
}

class Rig {
  readonly sent: Sent[] = [];
  readonly faults: NpuFault[] = [];
  readonly npu: Npu;
  readonly program: LoadableProgram;

  constructor(text: string, options: { regions?: FirmwareRegion[]; profile?: NicProfile } = {}) {
    this.npu = new Npu(options.profile ?? profile, {
      onSend: (cycle, port, frame) => this.sent.push({ cycle, port, frame }),
      onFault: (fault) => this.faults.push(fault),
    });
    this.program = image(text, options.regions);
    this.npu.loadProgram(this.program);
    this.npu.run(10_000);
  }

  deliver(cycle: number, frame: Uint8Array = new Uint8Array(64), port = 0): boolean {
    this.npu.run(cycle);
    return this.npu.deliver(cycle, port, frame);
  }

  finish(): void {
    this.npu.run(100_000_000);
  }
}

function image(text: string, regions: FirmwareRegion[] = []): LoadableProgram {
  const { instructions, errors } = assemble(text);
  expect(errors).toEqual([]);
  return { instructions, contexts: 8, entry: 0, data: [], regions, symbols: [], lines: [] };
}

/** Which context stamped a frame: [island, core, context]. */
function stamp({ frame }: Sent): number[] {
  const status = new DataView(frame.buffer).getUint32(14);
  // The first core of an island is its master 4.
  return [(status >>> 25) & 63, ((status >>> 3) & 15) - 4, status & 7];
}

describe('dispatch', () => {
  test('the first frames spread over islands, then cores, then contexts', () => {
    const rig = new Rig(ECHO(0));
    for (let i = 0; i < 60; i++) rig.deliver(20_000);
    rig.finish();
    const places = rig.sent
      .map((sent) => ({ place: stamp(sent), arrival: new DataView(sent.frame.buffer).getUint32(18) }))
      .sort((a, b) => a.arrival - b.arrival)
      .map(({ place }) => place);
    expect(places.slice(0, 6)).toEqual([
      [32, 0, 0],
      [33, 0, 0],
      [34, 0, 0],
      [35, 0, 0],
      [36, 0, 0],
      [32, 1, 0],
    ]);
    // 56 cores have one frame each before any has two.
    expect(new Set(places.slice(0, 56).map(([island, core]) => `${island}.${core}`)).size).toBe(56);
    expect(places[56]).toEqual([32, 0, 1]);
  });

  test('the context that has been idle longest is next', () => {
    const rig = new Rig(ECHO(0));
    for (let i = 0; i < 449; i++) {
      rig.deliver(20_000 + i * 5_000);
    }
    rig.finish();
    expect(stamp(rig.sent[448]!)).toEqual(stamp(rig.sent[0]!));
    expect(new Set(rig.sent.slice(0, 448).map((sent) => stamp(sent).join('.'))).size).toBe(448);
  });

  test('frames wait in one queue while all contexts are busy, in order of arrival; too many are dropped', () => {
    const small = { ...profile, packet: { ...profile.packet, queueFrames: 100 } };
    const rig = new Rig(ECHO(300), { profile: small });
    const taken = Array.from({ length: 600 }, () => rig.deliver(20_000));
    expect(taken.filter((ok) => ok)).toHaveLength(548);
    rig.finish();
    expect(rig.npu.counters).toMatchObject({ framesIn: 600, framesOut: 548, framesDropped: 52, queueMaximum: 100 });
    const waited = rig.sent.map((sent) => new DataView(sent.frame.buffer).getUint32(18)).filter((n) => n >= 448);
    // They begin in order; within one core's contexts they also end so, over all cores nearly.
    expect(waited).toHaveLength(100);
    expect(Math.max(...waited.map((n, i) => Math.abs(n - 448 - i)))).toBeLessThan(60);
  });

  test('one frame alone: dispatch, the library of the firmware, the program, and nothing else', () => {
    const rig = new Rig(ECHO(10));
    rig.deliver(20_000);
    rig.finish();
    const { packet, memories } = profile;
    const beforeWrite = 2 + 10 + 2 + 2;
    const expected =
      packet.dispatchCycles +
      packet.receiveCoreCycles +
      beforeWrite +
      memories.ctm.latency.writeCycles +
      1 + // The second of the two words lies in the next 8 octets: another beat.
      2 +
      packet.sendCoreCycles;
    expect(rig.sent[0]!.cycle - 20_000).toBe(expected);
  });

  test('a busy core: its contexts take turns, and the NIC as a whole serves 56 times as much as one core', () => {
    const work = 400;
    const one = new Rig(ECHO(work), { profile: { ...profile, islands: [{ number: 32, cores: 1 }], coreCount: 1 } });
    const all = new Rig(ECHO(work));
    for (let i = 0; i < 60; i++) one.deliver(20_000);
    for (let i = 0; i < 3360; i++) all.deliver(20_000);
    one.finish();
    all.finish();
    const rate = (rig: Rig) => rig.sent.length / (rig.sent.at(-1)!.cycle - rig.sent[0]!.cycle);
    expect(rate(all) / rate(one)).toBeGreaterThan(50);
    expect(rate(all) / rate(one)).toBeLessThan(58);
  });
});

describe('isolation', () => {
  const region = (over: Partial<FirmwareRegion>): FirmwareRegion => ({
    name: 'table',
    owner: 'runtime',
    memory: 'emem',
    address: 4096,
    octets: 256,
    read: true,
    write: true,
    ...over,
  });

  /** Touches the address that the frame's octets 14..17 name, in EMEM (or, with 0xff at 18, in the own CTM). */
  const TOUCH = (command: string): string => `
receive:
  mem[ctm.packet_add_thread, $xfer_0, gprA_15, 0, 4], ctx_swap[sig1]
  alu[gprA_0, --, B, $xfer_0]
  alu[gprA_1, --, B, $xfer_1]
  mem[read32, $xfer_4, gprA_1, 14, 2], ctx_swap[sig1]
  immed[gprA_3, 0x9800, <<16]
  alu[gprB_2, --, B, $xfer_4]
  alu_shf[gprA_4, --, B, $xfer_5, >>24]
  br=byte[gprA_4, 0, 0xff, own]
  mem[${command}, $xfer_8, gprA_3, <<8, gprB_2, 4], ctx_swap[sig1]
  br[send]
own:
  mem[${command}, $xfer_8, gprA_15, gprB_2, 4], ctx_swap[sig1]
send:
  alu[$xfer_0, --, B, gprA_0]
  alu[$xfer_1, --, B, gprA_1]
  mem[ctm.packet_complete_unicast, $xfer_0, gprA_15, 0, 2], ctx_swap[sig1]
  br[receive]
`;

  function frame(address: number, own = false): Uint8Array {
    const octets = new Uint8Array(64);
    new DataView(octets.buffer).setUint32(14, address);
    if (own) octets[18] = 0xff;
    return octets;
  }

  test.each([
    ['read32', 4096, false, true],
    ['read32', 4096 + 240, false, true],
    ['read32', 4096 + 244, false, false],
    ['read32', 4092, false, false],
    ['write32', 4096, false, true],
    ['write32', 8192, false, false],
    ['read32', 8192, false, true],
    // The own packet buffer, and the one behind it.
    ['write32', 2048 - 16, true, true],
    ['write32', 2048 - 12, true, false],
    ['read32', 200_000, true, false],
  ] as const)('%s at %i (own CTM: %s): allowed %s', (command, address, own, allowed) => {
    const rig = new Rig(TOUCH(command), {
      regions: [region({}), region({ name: 'constant', address: 8192, write: false })],
    });
    rig.deliver(20_000, frame(address, own));
    rig.finish();
    expect(rig.sent).toHaveLength(allowed ? 1 : 0);
    expect(rig.faults.map((fault) => fault.address)).toEqual(allowed ? [] : [address]);
  });

  test('a stopped request does not disturb the others, and its context serves again', () => {
    const rig = new Rig(TOUCH('write32'), { regions: [region({})] });
    const clean = new Rig(TOUCH('write32'), { regions: [region({})] });
    for (let i = 0; i < 900; i++) {
      rig.deliver(20_000 + i * 2_000, frame(i % 3 === 1 ? 100_000 : 4096));
      clean.deliver(20_000 + i * 2_000, frame(4096));
    }
    rig.finish();
    clean.finish();
    expect(rig.faults).toHaveLength(300);
    expect(rig.faults[0]).toMatchObject({ kind: 'unmapped-write', memory: 'emem', sequence: 1, ingressPort: 0 });
    const kept = clean.sent.filter((_, i) => i % 3 !== 1).map((sent) => sent.cycle);
    expect(rig.sent.map((sent) => sent.cycle)).toEqual(kept);
  });

  test('a frame that leaves the buffer or has no sensible length is not sent', () => {
    const rig = new Rig(`
receive:
  mem[ctm.packet_add_thread, $xfer_0, gprA_15, 0, 4], ctx_swap[sig1]
  alu_shf[gprA_0, --, B, $xfer_0, >>16]
  alu_shf[$xfer_0, --, B, gprA_0, <<17]
  alu[$xfer_1, --, B, $xfer_1]
  mem[ctm.packet_complete_unicast, $xfer_0, gprA_15, 0, 2], ctx_swap[sig1]
  br[receive]`);
    for (const octets of [60, 761, 762, 1000]) rig.deliver(20_000, new Uint8Array(octets));
    rig.finish();
    expect(rig.sent.map((sent) => sent.frame.length)).toEqual([120, 1522]);
    expect(rig.faults.map((fault) => fault.kind)).toEqual(['bad-frame', 'bad-frame']);
  });
});

describe('loading', () => {
  const refused = (load: () => void): string => {
    try {
      load();
    } catch (error) {
      if (error instanceof InputError) return error.code;
      throw error;
    }
    return 'accepted';
  };
  const npu = () => new Npu(profile, { onSend: () => {}, onFault: () => {} });

  test('an image that does not fit is refused with a code', () => {
    const nop = { kind: 'nop' } as const;
    const base = image('ctx_arb[kill]');
    const region = {
      name: 'x',
      owner: 'runtime',
      memory: 'imem',
      address: 4 << 20,
      octets: 1,
      read: true,
      write: true,
    } as const;
    expect(refused(() => npu().loadProgram({ ...base, instructions: Array(16_385).fill(nop) }))).toBe('npu-code-store');
    expect(refused(() => npu().loadProgram({ ...base, entry: 1 }))).toBe('npu-entry');
    expect(refused(() => npu().loadProgram({ ...base, regions: [region] }))).toBe('npu-image-region');
    const data = [{ memory: 'cls', address: 65_530, octets: new Uint8Array(8) }] as const;
    expect(refused(() => npu().loadProgram({ ...base, data }))).toBe('npu-image-data');
    const { instructions } = assemble('ctx_arb[bpt]\nctx_arb[kill]');
    expect(refused(() => npu().loadProgram({ ...base, instructions }))).toBe('npu-unsupported-instruction');
    const csr = assemble('local_csr_wr[MiscControl, gprA_0]\nctx_arb[kill]');
    expect(refused(() => npu().loadProgram({ ...base, instructions: csr.instructions }))).toBe('npu-unsupported-csr');
  });

  test('an image whose program breaks a rule is refused before it runs, by instruction', () => {
    const { instructions } = assemble('br[.0], defer[1]\nbr[.0]\nctx_arb[kill]', { fragment: true });
    const words = { ...image('ctx_arb[kill]'), lambdas: [], instructions: encodeProgram(instructions) };
    expect(refused(() => npu().load(words))).toBe('npu-defer');
    expect(() => npu().load(words)).toThrow('instruction 1: a deferred instruction');
  });

  test('data of per-island memories is in every copy; a new load starts from zero', () => {
    const rig = new Rig(`
receive:
  mem[ctm.packet_add_thread, $xfer_0, gprA_15, 0, 4], ctx_swap[sig1]
  alu[gprA_0, --, B, $xfer_0]
  alu[gprA_1, --, B, $xfer_1]
  cls[read, $xfer_4, gprA_15, 8, 1], ctx_swap[sig1]
  alu[$xfer_4, --, B, $xfer_4]
  mem[write32, $xfer_4, gprA_1, 14, 1], ctx_swap[sig1]
  alu[$xfer_0, --, B, gprA_0]
  alu[$xfer_1, --, B, gprA_1]
  mem[ctm.packet_complete_unicast, $xfer_0, gprA_15, 0, 2], ctx_swap[sig1]
  br[receive]`);
    const octets = Uint8Array.from([0xde, 0xad, 0xbe, 0xef]);
    const regions = [
      { name: 'c', owner: 'runtime', memory: 'cls', address: 8, octets: 4, read: true, write: false },
    ] as const;
    rig.npu.memory('imem').writeWord(0, 5);
    rig.npu.loadProgram({ ...rig.program, regions, data: [{ memory: 'cls', address: 8, octets }] }, 50_000);
    expect(rig.npu.memory('imem').readWord(0)).toBe(0);
    for (let i = 0; i < 5; i++) rig.deliver(60_000);
    rig.finish();
    expect(rig.sent.map(({ frame }) => new DataView(frame.buffer).getUint32(14))).toEqual(Array(5).fill(0xdeadbeef));
  });

  test('the same frames at the same cycles give the same run', () => {
    const runs = [1, 2].map(() => {
      const rig = new Rig(ECHO(37));
      for (let i = 0; i < 2000; i++) rig.deliver(20_000 + ((i * 7919) % 13) + i * 11, new Uint8Array(60 + (i % 200)));
      rig.finish();
      return { sent: rig.sent, counters: rig.npu.counters, busy: rig.npu.busyCycles };
    });
    expect(runs[0]).toEqual(runs[1]);
  });
});
