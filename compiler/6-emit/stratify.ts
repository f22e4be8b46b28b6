import type { NicProfile } from '../../npu/profile.ts';
import type { IrFunction, IrModule, MemoryCommand, MemoryName, MemoryObject, Operand } from '../ir.ts';
import { MEMORY_NAMES } from '../ir.ts';
import { endSources, sourcesOf } from '../ir-walk.ts';
import { blockWeights } from './block-weights.ts';
import { callOrder } from './local-layout.ts';
import { commandExists } from './select-memory.ts';

/**
 * The paper's memory stratification (section 5.1): objects whose memory the program leaves open are placed by what their
 * accesses would cost in each memory, by size, and by the room there is. What is written is shared by all cores, so it
 * goes to IMEM or EMEM; what is only read can be copied into every island (CLS, CTM), unless a 40-bit pointer leads to it.
 * Local memory exists once a context and holds what blocks declare; no object that outlives a request can lie there.
 */
export interface PlacementEstimate {
  readonly object: string;
  readonly owner: string;
  readonly octets: number;
  readonly memory: MemoryName;
  /** `program`: named in the source; `estimate`: the cheapest that has room; `flat`: the pass is off. */
  readonly why: 'program' | 'estimate' | 'flat';
  /** Accesses that the code shows, each counted as often as its loops probably run. */
  readonly uses: number;
  /** Cycles that all of these take in each memory that is possible. */
  readonly cycles: Readonly<Partial<Record<MemoryName, number>>>;
}

/** Copies take room in every island: larger objects stay where one copy serves all. */
const ISLAND_COPY_OCTETS = 4096;
/** Larger shared objects go to EMEM, so that IMEM is left for what is used often. */
const IMEM_OBJECT_OCTETS = 256 * 1024;

interface Uses {
  count: number;
  readonly commands: Map<MemoryCommand, number>;
  /** Its address is a value of the program, so that not every access can be seen. */
  escapes: boolean;
  /** A 40-bit pointer leads to it. */
  wide: boolean;
}

/**
 * @param room octets that each memory has for objects which may be moved
 * @param enabled whether the pass runs; otherwise all of them lie in EMEM, the flat memory of the paper's section 4.2.1
 */
export function stratify(
  module: IrModule,
  profile: NicProfile,
  room: Readonly<Record<MemoryName, number>>,
  enabled: boolean,
): Map<string, PlacementEstimate> {
  const uses = usesOf(module);
  const left: Record<MemoryName, number> = { ...room };
  const considered = [...module.objects.values()].map((object) => {
    const own = uses.get(object.name) ?? { count: 0, commands: new Map(), escapes: false, wide: false };
    const cycles: Partial<Record<MemoryName, number>> = {};
    for (const memory of MEMORY_NAMES) {
      if (isMovable(object) ? !isPossible(object, own, memory) : memory !== object.memory) continue;
      cycles[memory] = cyclesIn(memory, object, own, profile);
    }
    const inEmem = cycles.emem ?? 0;
    const least = Math.min(...Object.values(cycles));
    return { object, own, cycles, gain: (inEmem - least) / Math.max(object.octets, 4) };
  });
  // Who gains most for an octet chooses first; among equals the smaller, then the order of the program.
  const order = [...considered].sort((a, b) => b.gain - a.gain || a.object.octets - b.object.octets);
  const chosen = new Map<string, MemoryName>();
  for (const { object, cycles } of order) {
    if (!isMovable(object)) continue;
    const octets = object.octets + object.align;
    const fitting = MEMORY_NAMES.filter((memory) => cycles[memory] !== undefined && left[memory] >= octets);
    fitting.sort((a, b) => cycles[a]! - cycles[b]! || left[b] - left[a]);
    const memory = (enabled ? fitting[0] : undefined) ?? 'emem';
    left[memory] -= octets;
    chosen.set(object.name, memory);
  }
  return new Map(
    considered.map(({ object, own, cycles }) => {
      const { name, owner, octets } = object;
      const memory = chosen.get(name) ?? (object.memory === 'auto' ? 'emem' : object.memory);
      const why = !isMovable(object) ? 'program' : enabled ? 'estimate' : 'flat';
      return [name, { object: name, owner, octets, memory, why, uses: own.count, cycles }];
    }),
  );
}

export function isMovable(object: MemoryObject): boolean {
  return object.fixedAddress === undefined && (object.memory === 'auto' || object.movable === true);
}

function isPossible(object: MemoryObject, uses: Uses, memory: MemoryName): boolean {
  switch (memory) {
    case 'emem':
      return true;
    case 'imem':
      return object.octets <= IMEM_OBJECT_OCTETS;
    default: {
      if (!object.readOnly || uses.wide || object.octets > ISLAND_COPY_OCTETS) return false;
      // The CLS has commands of its own, so all that reach the object must be known.
      if (memory === 'cls')
        return !uses.escapes && [...uses.commands.keys()].every((each) => commandExists(each, 'cls'));
      return true;
    }
  }
}

function cyclesIn(memory: MemoryName, object: MemoryObject, uses: Uses, profile: NicProfile): number {
  const { latency } = profile.memories[memory];
  // An object that the cache cannot hold is fetched from DRAM each time.
  const missed = memory === 'emem' && object.octets > profile.ememCache.octets;
  let cycles = 0;
  let known = 0;
  for (const [command, count] of uses.commands) {
    known += count;
    const { ememCache } = profile;
    switch (kindOf(command)) {
      case 'read':
        cycles += count * (latency.readCycles + (missed ? ememCache.readMissCycles : 0));
        break;
      case 'write':
        cycles += count * (latency.writeCycles + (missed ? ememCache.writeMissCycles : 0));
        break;
      case 'atomic-read':
        cycles += count * (latency.atomicReadCycles + (missed ? ememCache.atomicMissCycles : 0));
        break;
      case 'atomic-write':
        cycles += count * (latency.atomicWriteCycles + (missed ? ememCache.atomicMissCycles : 0));
    }
  }
  return Math.round(cycles + (uses.count - known) * latency.readCycles);
}

function kindOf(command: MemoryCommand): 'read' | 'write' | 'atomic-read' | 'atomic-write' {
  if (command.startsWith('read')) return 'read';
  if (command.startsWith('write')) return 'write';
  return command.startsWith('test') || command === 'swap' || command === 'atomic_read' ? 'atomic-read' : 'atomic-write';
}

function usesOf(module: IrModule): Map<string, Uses> {
  const uses = new Map<string, Uses>();
  const of = (object: string): Uses => {
    const known = uses.get(object);
    if (known !== undefined) return known;
    const fresh: Uses = { count: 0, commands: new Map(), escapes: false, wide: false };
    uses.set(object, fresh);
    return fresh;
  };
  for (const { addresses } of module.objects.values()) {
    for (const { object, octets } of addresses ?? []) {
      of(object).escapes = true;
      if (octets === 8) of(object).wide = true;
    }
  }
  for (const [function_, times] of functionWeights(module)) {
    const weights = blockWeights(function_);
    for (const block of function_.blocks) {
      const weight = times * weights.get(block.name)!;
      const address = (operand: Operand): void => {
        if (operand.kind !== 'address') return;
        const own = of(operand.object);
        own.escapes = true;
        own.count += operand.part === 'low' ? weight : 0;
        if (operand.part === 'high') own.wide = true;
      };
      for (const operation of block.operations) {
        sourcesOf(operation).forEach(address);
        if (operation.op !== 'memory' || operation.address.form !== 'object') continue;
        const own = of(operation.address.object);
        own.count += weight;
        own.commands.set(operation.command, (own.commands.get(operation.command) ?? 0) + weight);
      }
      endSources(block.end).forEach(address);
    }
  }
  return uses;
}

/** How often each function probably runs for one run of the entry function. */
function functionWeights(module: IrModule): Map<IrFunction, number> {
  const weights = new Map<IrFunction, number>();
  for (const name of callOrder(module)) {
    const function_ = module.functions.get(name)!;
    const times = weights.get(function_) ?? 1;
    weights.set(function_, times);
    const blocks = blockWeights(function_);
    for (const block of function_.blocks) {
      for (const operation of block.operations) {
        if (operation.op !== 'call') continue;
        const callee = module.functions.get(operation.function)!;
        weights.set(callee, (weights.get(callee) ?? 0) + times * blocks.get(block.name)!);
      }
    }
  }
  return weights;
}
