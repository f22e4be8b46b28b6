import type { NicProfile } from '../../npu/profile.ts';
import type { IrFunction, IrModule, MemoryOperation, Operation } from '../ir.ts';
import { successorsOf } from '../ir-walk.ts';
import { blockWeights } from './block-weights.ts';
import { callOrder } from './local-layout.ts';
import { HIGH_OCTET, type Placement } from './placement.ts';

/** A loop goes round so often, as `blockWeights` has it. */
const LOOP_ROUNDS = 8;
/** Sweeps after which the probabilities of blocks are taken as they are. */
const SWEEPS = 200;

/**
 * Cycles that a packet probably takes from its arrival until the context waits for the next, by the code alone: an operation
 * is an instruction, a command takes the latency of its memory, a branch goes either way alike, a loop goes round eight
 * times. Waiting for other contexts and full engines is not in it.
 */
export function predictCycles(module: IrModule, places: ReadonlyMap<string, Placement>, profile: NicProfile): number {
  const cycles = new Map<string, number>();
  for (const name of callOrder(module).toReversed()) {
    const function_ = module.functions.get(name)!;
    const cost = (operation: Operation): number => costOf(operation, cycles, places, profile);
    cycles.set(name, ofFunction(function_, cost, profile));
  }
  return Math.round(cycles.get(module.entry)!);
}

function ofFunction(function_: IrFunction, cost: (operation: Operation) => number, profile: NicProfile): number {
  const weights = blockWeights(function_);
  const { blocks } = function_;
  const { instructionCycles, branchTakenEarlyCycles } = profile.costs;
  const costs = blocks.map(({ operations, end }) => {
    const branch =
      end.op === 'return' ? branchTakenEarlyCycles : successorsOf(end).length > 1 ? 2 * instructionCycles : 0;
    return operations.reduce((sum, operation) => sum + cost(operation), branch);
  });
  const receiving = blocks.findIndex(({ operations }) => operations.some(({ op }) => op === 'receive'));
  const index = new Map(blocks.map(({ name }, position) => [name, position]));
  const edges = blocks.map(({ name, end }) => {
    const next = successorsOf(end);
    if (next.length < 2) return next.map((each) => ({ to: index.get(each)!, share: 1 }));
    const inner = (each: string): boolean => weights.get(each)! >= weights.get(name)!;
    const shareOf = (each: string, other: string): number => {
      if (inner(each) === inner(other)) return 1 / 2;
      return inner(each) ? 1 - 1 / LOOP_ROUNDS : 1 / LOOP_ROUNDS;
    };
    return next.map((each, i) => ({ to: index.get(each)!, share: shareOf(each, next[1 - i]!) }));
  });
  // How often each block runs for one packet; who comes to `receive` again is done.
  const start = receiving < 0 ? 0 : receiving;
  let often = blocks.map((_, position): number => (position === start ? 1 : 0));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const next = blocks.map((_, position): number => (position === start ? 1 : 0));
    edges.forEach((out, from) => {
      for (const { to, share } of out) if (to !== start || receiving < 0) next[to]! += often[from]! * share;
    });
    often = next;
  }
  return often.reduce((sum, times, position) => sum + times * costs[position]!, 0);
}

function costOf(
  operation: Operation,
  functions: ReadonlyMap<string, number>,
  places: ReadonlyMap<string, Placement>,
  profile: NicProfile,
): number {
  const { costs, packet } = profile;
  switch (operation.op) {
    case 'call':
      return 2 * costs.branchTakenEarlyCycles + (functions.get(operation.function) ?? 0);
    case 'memory':
      return costs.instructionCycles + (operation.completion === 'swap' ? latencyOf(operation, places, profile) : 0);
    case 'receive':
      return packet.receiveCoreCycles;
    case 'send':
      return packet.sendCoreCycles;
    default:
      return costs.instructionCycles;
  }
}

function latencyOf(
  { address, command }: MemoryOperation,
  places: ReadonlyMap<string, Placement>,
  { memories, costs }: NicProfile,
): number {
  let memory = address.form === 'object' ? (places.get(address.object)?.memory ?? 'emem') : 'emem';
  if (address.form === 'memory') memory = address.memory;
  if (address.form === 'wide' && address.high.kind === 'constant' && address.high.value === HIGH_OCTET.imem)
    memory = 'imem';
  const { latency } = memories[memory];
  const answers = /^(read|test|swap|atomic_read)/.test(command);
  const bulk = /^(read|write)/.test(command);
  const cycles = bulk
    ? answers
      ? latency.readCycles
      : latency.writeCycles
    : answers
      ? latency.atomicReadCycles
      : latency.atomicWriteCycles;
  return cycles + costs.contextSwapCycles;
}
