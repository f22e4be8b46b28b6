import * as op from '../execution/opcodes.ts';
import { CONSTANTS } from '../execution/registers.ts';
import { isAlwaysLate, pushCondition, testsCodes } from './emit-branch.ts';
import { emitInstruction } from './emit-instruction.ts';
import type { Fresh, RegionEmitter } from './emit-region.ts';
import { ALL_LIVE, setsCodes } from './liveness.ts';
import { LocalMemoryAccess } from './local-memory-access.ts';
import * as word from './pipeline-words.ts';
import * as local from './region-locals.ts';
import { isBranch, isLocalMemory, isTranslated } from './translatable.ts';
import * as wasm from './wasm-code.ts';

/** Where control goes behind deferred instructions: an instruction, or what a local says. */
export type Target = { readonly place: number } | { readonly placeIn: number };

/**
 * Emits a branch.
 * @param cycles from the region's `CYCLE` to it
 * @param leave emits the end of the region before it
 */
export function emitBranch(region: RegionEmitter, i: number, cycles: number, fresh: Fresh, leave: () => void): void {
  const { code, program, costs } = region;
  const operation = program.op[i]!;
  const target = { place: program.x[i]! };
  if (operation === op.OP_BR) {
    emitTaken(region, i, target, cycles, false);
    return;
  }
  pushCondition(region, i, cycles, operandB(region, i, cycles, leave));
  code.if();
  if (!testsCodes(operation)) emitTaken(region, i, target, cycles, isAlwaysLate(operation));
  else if (fresh === 'kept' && costs.branchTakenCycles !== costs.branchTakenEarlyCycles) {
    code.get(local.FRESH).if();
    emitTaken(region, i, target, cycles, true);
    code.else();
    emitTaken(region, i, target, cycles, false);
    code.end();
  } else emitTaken(region, i, target, cycles, fresh === true);
  code.end();
}

/** `jump`, `rtn`: to base + register; what lies behind the program is the interpreter's to refuse. */
export function emitJump(region: RegionEmitter, i: number, cycles: number, leave: () => void): void {
  const { code, program } = region;
  operandB(region, i, cycles, leave)();
  code.constant(program.x[i]!).op(wasm.I32_ADD).tee(local.JUMP_TARGET);
  code.constant(program.length).op(wasm.I32_GE_U).if();
  leave();
  code.end();
  emitTaken(region, i, { placeIn: local.JUMP_TARGET }, cycles, true);
}

/** @returns what pushes operand B, as often as it is asked */
function operandB(region: RegionEmitter, i: number, cycles: number, leave: () => void): () => void {
  const { code, program, registers } = region;
  const operand = program.b[i]!;
  if (isLocalMemory(operand)) {
    const memory = new LocalMemoryAccess(region, cycles, leave);
    memory.locate(operand, local.WORD);
    return () => memory.load(local.WORD);
  }
  if (operand >= CONSTANTS) return () => code.constant(operand - CONSTANTS);
  return () => code.get(registers.read(operand));
}

/** What a taken branch does: the pipeline refills, the deferred instructions run, and on it goes at the target. */
function emitTaken(region: RegionEmitter, i: number, target: Target, before: number, late: boolean): void {
  const { code, program, costs } = region;
  const slots = program.defer[i]!;
  const lost = (late ? costs.branchTakenCycles : costs.branchTakenEarlyCycles) - 1;
  region.advance(before + costs.instructionCycles + Math.max(0, lost - slots));
  code.get(local.CYCLE).get(local.LIMIT).op(wasm.I32_GT_S);
  code.if();
  code.constant(word.ENDED_AT_LIMIT).set(local.ENDING);
  if (slots === 0) region.leave(target, 0, false);
  else region.leave({ place: i + 1 }, 0, false, slots, target);
  code.end();
  const last = emitDeferred(region, i, 0, target);
  if (last !== undefined) region.goTo(target, last.cycles, last.fresh);
}

/**
 * Emits the deferred instructions of `i`.
 * @param target where control goes behind them
 * @returns how things stand behind them; undefined: the region ends before
 */
export function emitDeferred(
  region: RegionEmitter,
  i: number,
  before: number,
  target: Target,
): { readonly cycles: number; readonly fresh: boolean } | undefined {
  const { program, costs } = region;
  const slots = program.defer[i]!;
  let cycles = before;
  let fresh = false;
  for (let slot = 1; slot <= slots; slot++) {
    const at = i + slot;
    const now = cycles;
    const wasFresh = fresh;
    const left = slots - slot + 1;
    const leave = () => region.leaveToInterpreter({ place: at }, now, wasFresh, left, target);
    if (!isTranslated(program, at) || changesFlow(program.op[at]!)) {
      leave();
      return undefined;
    }
    cycles += costs.instructionCycles;
    emitInstruction(region, at, ALL_LIVE, now, leave);
    fresh = setsCodes(program, at);
  }
  return { cycles, fresh };
}

function changesFlow(operation: number): boolean {
  return isBranch(operation) || operation === op.OP_JUMP || operation === op.OP_CTX_ARB;
}
