import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { assemble } from '../assembler/assembler.ts';
import { interpretCore } from '../execution/interpreter.ts';
import { parseNicProfile } from '../profile.ts';
import { createTranslatingEngine } from '../translate/translating-engine.ts';
import { type ProgramRun, runProgram, type TracedStep } from './run-program.ts';

const profile = parseNicProfile(
  parse(readFileSync(new URL('../../topology/profiles/nics/agilio-cx-2x10.yaml', import.meta.url), 'utf8')),
);
const ALL = [0, 1, 2, 3, 4, 5, 6, 7];

function run(text: string, options: Partial<ProgramRun> = {}) {
  const { instructions, errors } = assemble(text);
  expect(errors).toEqual([]);
  return runProgram({ profile, instructions, limitCycles: 1_000_000, ...options });
}

/** Reads a word of EMEM and of CTM, adds, writes to EMEM with deferred instructions; ends itself. */
const MIXED = `
  immed[gprA_1, 0x9800, <<16]
  immed[gprB_2, 20]
loop:
  mem[read32, $xfer_0, gprA_1, <<8, gprB_3, 1], ctx_swap[sig1]
  alu[gprB_4, gprB_4, +, $xfer_0]
  alu[$xfer_1, --, B, gprB_4]
  mem[write32, $xfer_1, gprA_1, <<8, gprB_3, 1], ctx_swap[sig2], defer[1]
  alu[gprB_3, gprB_3, +, 4]
  mem[read32, $xfer_2, gprA_15, 0, 2], sig_done[sig3]
  ctx_arb[sig3]
  alu[gprB_2, gprB_2, -, 1]
  bne[loop]
  ctx_arb[kill]`;

const ECHO = `
receive:
  mem[ctm.packet_add_thread, $xfer_0, gprA_15, 0, 4], ctx_swap[sig1]
  alu[$xfer_0, --, B, $xfer_0]
  alu[$xfer_1, --, B, $xfer_1]
  mem[ctm.packet_complete_unicast, $xfer_0, gprA_15, 0, 2], ctx_swap[sig1]
  br[receive]`;

const frames = (count: number) => Array.from({ length: count }, () => ({ octets: new Uint8Array(64).fill(7) }));

describe('what is there before the start', () => {
  test('registers of every context that starts, and of one alone', () => {
    const text = 'alu[gprB_0, gprA_0, +, 1]\nctx_arb[kill]';
    const state = run(text, { starts: [0, 1], registers: { gprA_0: 5, '@gprA_16': 8, nreg_2: 3, out_1: 4 } });
    expect([0, 1, 2].map((context) => state.register('gprB_0', context))).toEqual([6, 9, 0]);
    expect([state.register('nreg_2', 1), state.register('out_1', 1)]).toEqual([3, 4]);
  });

  test.each(['gprA_16', 'gpr_1', 'xfer_32', '@gprA_128', '@xfer_0'])('no register %s', (name) => {
    expect(() => run('ctx_arb[kill]', { registers: { [name]: 1 } })).toThrow(/no register/);
  });

  test('memories, local memory and the packet buffer of each context', () => {
    const octets = Uint8Array.from([1, 2, 3, 4]);
    const text = `
      br=ctx[1, other]
      alu[gprA_0, --, B, *l$index0[2]]
    other:
      mem[read8, $xfer_0, gprA_1, 126, 4], ctx_swap[sig1]
      cls[read, $xfer_2, gprA_15, 4, 1], ctx_swap[sig1]
      ctx_arb[kill]`;
    const state = run(text, {
      starts: [0, 1],
      registers: { '@gprA_17': 2048 },
      data: [
        { memory: 'local', address: 8, octets },
        { memory: 'cls', address: 4, octets },
      ],
      packetBuffer: Uint8Array.from([9, 8, 7, 6]),
    });
    expect(state.faults).toEqual([]);
    expect(state.register('gprA_0')).toBe(0x01020304);
    expect([0, 1].map((context) => state.register('xfer_0', context))).toEqual([0x09080706, 0x09080706]);
    expect(state.register('xfer_2')).toBe(0x01020304);
  });

  test.each([
    ['cores', { cores: 57 }, /expected 1 to 56 cores/],
    ['contexts', { starts: [8] }, /expected some of 0 to 7, got 8/],
    ['a packet buffer', { packetBuffer: new Uint8Array(2000) }, /do not fit into a packet buffer/],
    ['an engine', { engine: interpretCore, account: true }, /expected no engine/],
    ['repeated packets', { packets: frames(1), repeat: 2 }, /repeat the packets/],
  ])('refuses %s', (_, options, expected) => {
    expect(() => run('ctx_arb[kill]', options)).toThrow(expected);
  });
});

describe('looking at every instruction', () => {
  test('changes nothing: registers, memories, cycles and counters are those of the other engines', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 7 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 6 }),
        (starts, cores) => {
          const watched = run(MIXED, { starts, cores, account: true });
          for (const engine of [interpretCore, createTranslatingEngine()]) {
            const other = run(MIXED, { starts, cores, engine });
            expect(watched.cycles).toBe(other.cycles);
            expect(watched.changes()).toEqual(other.changes());
            expect(watched.npu.counters).toEqual(other.npu.counters);
            expect(watched.npu.busyCycles).toEqual(other.npu.busyCycles);
          }
        },
      ),
      { numRuns: 20 },
    );
  });

  test('the cycles of each context add up to the one in which it ended, and the pipeline is used by one at a time', () => {
    const ends = new Map<number, number>();
    const state = run(MIXED, {
      starts: ALL,
      account: true,
      trace: ({ context, cycle }) => ends.set(context, cycle + 1),
    });
    expect(state.account).toHaveLength(8);
    let pipeline = 0;
    for (const account of state.account) {
      const { instructions, branchCycles, spacingCycles, libraryCycles, signalWaitCycles, pipelineWaitCycles } =
        account;
      const busy = instructions + branchCycles + spacingCycles + libraryCycles;
      pipeline += busy;
      expect(busy + signalWaitCycles + pipelineWaitCycles).toBe(ends.get(account.context));
      // Three waits a turn of the loop, and the end.
      expect(account).toMatchObject({
        instructions: 2 + 20 * 9 + 1,
        swaps: 61,
        libraryCycles: 0,
        branchCycles: 19 * 3,
      });
    }
    expect(pipeline).toBe(state.npu.busyCycles[0]!.cycles);
    expect(Math.max(...ends.values())).toBe(state.cycles);
  });

  test('library cycles and waits for frames are accounted apart', () => {
    const { account, cycles } = run(ECHO, { packets: frames(10), account: true });
    const { packet, costs, memories } = profile;
    expect(account).toEqual([
      {
        core: 0,
        context: 0,
        instructions: 51,
        branchCycles: 10 * (costs.branchTakenEarlyCycles - 1),
        spacingCycles: 0,
        libraryCycles: 10 * (packet.receiveCoreCycles + packet.sendCoreCycles),
        swaps: 21,
        signalWaitCycles: 10 * (packet.dispatchCycles - 1 + packet.sendCycles - 1),
        pipelineWaitCycles: 0,
      },
    ]);
    expect(memories.ctm.octets).toBeGreaterThan(cycles);
  });

  test('a trace has every instruction with its cycle and what it changed', () => {
    const steps: TracedStep[] = [];
    run(
      'immed[gprA_0, 7]\nalu[--, gprA_0, -, 7]\nbeq[there]\nnop\nthere:\nalu[@gprA_17, --, B, gprA_0]\nctx_arb[kill]',
      {
        trace: (step) => steps.push(step),
      },
    );
    expect(steps.map(({ instruction, cycle, changed }) => [instruction, cycle, changed])).toEqual([
      [0, 0, { gprA_0: 7 }],
      [1, 1, {}],
      [2, 2, {}],
      [4, 6, { 'ctx1.gprA_1': 7 }],
      [5, 7, {}],
    ]);
  });

  test('what a read brings stands at its command', () => {
    const steps: TracedStep[] = [];
    const data = [{ memory: 'ctm' as const, address: 4, octets: Uint8Array.from([0, 0, 0, 6]) }];
    run('mem[read32, $xfer_2, gprA_0, 4, 1], ctx_swap[sig1]\nctx_arb[kill]', {
      data,
      trace: (step) => steps.push(step),
    });
    expect(steps.map(({ changed }) => changed)).toEqual([{ xfer_2: 6 }, {}]);
    expect(steps[1]!.signalWaitCycles).toBe(profile.memories.ctm.latency.readCycles - 1);
  });

  test('stops at the instruction that a condition or a limit names', () => {
    const text = 'loop:\nalu[gprA_0, gprA_0, +, 1]\nbr[loop]';
    const condition = run(text, { until: (state) => state.register('gprA_0') === 100 });
    expect(condition).toMatchObject({ end: 'condition', ended: false });
    expect(condition.register('gprA_0')).toBe(100);
    const limit = run(text, { limitInstructions: 9 });
    expect(limit).toMatchObject({ end: 'instruction-limit', ended: false });
    expect(limit.register('gprA_0')).toBe(5);
  });
});

describe('how a run ends', () => {
  test('at the limit of cycles, with the place of every context', () => {
    const state = run('loop:\nnop\nbr[loop]', { starts: [0, 1], limitCycles: 400 });
    expect(state).toMatchObject({ end: 'cycle-limit', cycles: 400 });
    expect(state.unfinished.map(({ context }) => context)).toEqual([0, 1]);
  });

  test('waiting for signals that nothing raises', () => {
    const state = run('nop\nctx_arb[sig3, sig5]\nctx_arb[kill]');
    expect(state.end).toBe('waiting');
    expect(state.unfinished).toEqual([{ core: 0, context: 0, instruction: 1, signals: [3, 5] }]);
  });

  test('a context that waits for a frame has ended', () => {
    expect(run(ECHO).end).toBe('ended');
  });

  test('what is left otherwise is told, by place', () => {
    const state = run(MIXED, { data: [{ memory: 'emem', address: 4, octets: Uint8Array.from([0, 0, 0, 9]) }] });
    const { registers, memory } = state.changes();
    expect(registers.find(({ name }) => name === 'gprB_4')).toEqual({
      core: 0,
      context: 0,
      name: 'gprB_4',
      before: 0,
      after: 9,
    });
    expect(memory[0]).toEqual({
      memory: 'emem',
      of: 0,
      address: 11,
      before: Uint8Array.from([0]),
      after: Uint8Array.from([9]),
    });
    expect(memory).toHaveLength(18);
  });

  test('again and again, with memories and caches as they were left', () => {
    const text = 'immed[gprA_1, 0x9800, <<16]\nmem[read32, $xfer_0, gprA_1, <<8, 0, 1], ctx_swap[sig1]\nctx_arb[kill]';
    const { rounds } = run(text, { repeat: 3 });
    expect(rounds).toEqual([rounds[1]! + profile.ememCache.readMissCycles, rounds[1], rounds[1]]);
  });
});

describe('packets', () => {
  test('contexts hide waits, cores add up until the MAC has no more', () => {
    const rate = (cores: number, starts: readonly number[], megahertz = profile.clock) =>
      run(ECHO, {
        profile: { ...profile, clock: megahertz },
        packets: frames(6000),
        cores,
        starts,
        keepFrames: 0,
        limitCycles: 1e9,
      }).packets;
    const one = rate(1, [0]);
    const eight = rate(1, ALL);
    const two = rate(2, ALL);
    expect(one.cyclesPerPacket).toBeGreaterThan(eight.cyclesPerPacket * 1.2);
    expect(two.packetsPerSecond / eight.packetsPerSecond).toBeCloseTo(2, 1);
    expect(eight.cyclesPerPacket * eight.packetsPerSecond).toBeCloseTo(633e6, -3);
    expect(one).toMatchObject({ delivered: 6000, sent: 6000, dropped: 0, untaken: 0 });
    const limit = profile.mac.ingressFramesPerSecond!;
    expect(rate(56, ALL).packetsPerSecond).toBeLessThanOrEqual(limit * 1.001);
    const quick = { cycles: 3, picoseconds: 1000 };
    expect(rate(56, ALL, quick).packetsPerSecond / limit).toBeCloseTo(1, 2);
  });

  test('come at their cycles, and are lost where the queue is full', () => {
    const small = { ...profile, packet: { ...profile.packet, queueFrames: 2 } };
    const packets = [1000, 1000, 1000, 1000, 5000].map((cycle) => ({ cycle, octets: new Uint8Array(64) }));
    const state = run(ECHO, { profile: small, packets });
    expect(state.packets).toMatchObject({ delivered: 5, sent: 4, dropped: 1, untaken: 0 });
    expect(state.frames[0]!.cycle).toBeGreaterThan(1000);
    expect(state.frames[3]!.cycle).toBeGreaterThan(5000);
  });

  test('that no context takes are counted', () => {
    expect(run('ctx_arb[kill]', { packets: frames(3) }).packets).toMatchObject({ delivered: 3, untaken: 3, sent: 0 });
  });
});
