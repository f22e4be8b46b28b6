import { inspect, isDeepStrictEqual } from 'node:util';
import type { CoreEngine } from '../execution/engine.ts';
import { BLOCK_WORDS, CONSTANTS, GPR_A, GPR_B, SINK } from '../execution/registers.ts';
import type { FirmwareRegion } from '../image/firmware-image.ts';
import { type Memory, PAGE_OCTETS } from '../memory/memory.ts';
import { Npu, type NpuFault } from '../nic/npu.ts';
import type { NicProfile } from '../profile.ts';
import type { RandomRun } from './random-run.ts';
import { EMEM_BASE, SHARED_ADDRESS } from './random-wild-program.ts';

const MEMORIES = ['emem', 'imem', 'ctm', 'cls'] as const;

function wholeOf(memory: FirmwareRegion['memory'], octets: number): FirmwareRegion {
  return { name: memory, owner: 'runtime', memory, address: 0, octets, read: true, write: true };
}

/** What only has a meaning while a context is in the pipeline. */
const WITHIN_A_STAY = new Set([
  'block',
  'place',
  'issue',
  'elapsed',
  'running',
  'swapCycles',
  'conditionsAt',
  'slotsBefore',
  'untilCycles',
  'stretchCycles',
  'sharedCycles',
  'budgetCycles',
]);

/** By name of what it is: something that can be compared at a glance. */
export type Outcome = ReadonlyMap<string, unknown>;

/** Everything that anybody can see of a run. */
export function outcomeOf(run: RandomRun, engine: CoreEngine, profile: NicProfile): Outcome {
  const events: unknown[] = [];
  const npu = new Npu(
    profile,
    {
      onSend: (cycle, port, frame) => events.push({ cycle, port, frame }),
      onFault: (fault: NpuFault) => events.push(fault),
    },
    engine,
  );
  const { instructions, contexts } = run;
  const regions = MEMORIES.map((memory) => wholeOf(memory, profile.memories[memory].octets));
  if (run.opensLocalMemory) regions.push(wholeOf('local', profile.core.localMemoryOctets));
  npu.loadProgram(
    { instructions, contexts, entry: 0, data: [], regions, symbols: [], lines: [] },
    0,
    (_core, context) => run.starts.includes(context),
  );
  const indexes = Array.from({ length: profile.coreCount }, (_, i) => i);
  for (const index of indexes) preset(npu.inspect(index), run);
  for (const { until, frame } of run.pieces) {
    npu.run(until);
    if (frame !== undefined) npu.deliver(until, 0, frame);
  }
  const outcome = new Map<string, unknown>();
  for (const index of indexes) {
    const { core, file, local } = npu.inspect(index);
    // Without slots there is no place to go to behind them.
    if (core.slots === 0) core.slotTarget = 0;
    for (const [name, value] of Object.entries(core)) {
      if (!WITHIN_A_STAY.has(name)) outcome.set(`core ${index}: ${name}`, value);
    }
    outcome.set(`core ${index}: registers`, withoutSinks(file));
    outcome.set(`core ${index}: local memory`, local);
  }
  for (const [i, memory] of memoriesOf(npu, profile).entries()) {
    for (const at of memory.writtenPages()) outcome.set(`memory ${i} from ${at}`, memory.read(at, PAGE_OCTETS));
  }
  outcome.set('counters', npu.counters);
  return outcome.set('frames and faults', events);
}

/** What differs, with both values; for words with the index of the first that does. */
export function differences(actual: Outcome, expected: Outcome): string[] {
  const names = new Set([...actual.keys(), ...expected.keys()]);
  return [...names].flatMap((name) => {
    const [left, right] = [actual.get(name), expected.get(name)];
    if (left instanceof Int32Array && right instanceof Int32Array) {
      const at = left.findIndex((word, i) => word !== right[i]);
      return at < 0 ? [] : [`${name} at ${at}: ${left[at]}, not ${right[at]}`];
    }
    return isDeepStrictEqual(left, right) ? [] : [`${name}: ${inspect(left)}, not ${inspect(right)}`];
  });
}

/** Random registers, but for addresses that are good for something; each local-memory pointer in its context's slice. */
function preset({ core, file }: ReturnType<Npu['inspect']>, run: RandomRun): void {
  const sliceOctets = 4096 / run.contexts;
  for (let context = 0; context < run.contexts; context++) {
    const block = context * BLOCK_WORDS;
    for (let at = 0; at < SINK; at++) file[block + at] = run.registers[(block + at) % run.registers.length]!;
    file[block + GPR_A + 15] = SHARED_ADDRESS;
    file[block + GPR_B + 15] = EMEM_BASE;
    file[block + GPR_B + 14] = context * sliceOctets + sliceOctets / 2;
    core.localPointer.fill(context * sliceOctets + sliceOctets / 4, context * 4, context * 4 + 4);
  }
}

function memoriesOf(npu: Npu, profile: NicProfile): Memory[] {
  const perIsland = profile.islands.flatMap((_, i) => [npu.islandMemory('ctm', i), npu.islandMemory('cls', i)]);
  return [npu.memory('emem'), npu.memory('imem'), ...perIsland];
}

/** Nobody can read the sinks; constants cannot change. */
function withoutSinks(file: Int32Array): Int32Array {
  const copy = file.slice();
  for (let block = 0; block < copy.length; block += BLOCK_WORDS) copy.fill(0, block + SINK, block + CONSTANTS);
  return copy;
}
