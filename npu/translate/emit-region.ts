import * as op from '../execution/opcodes.ts';
import type { Program } from '../execution/program.ts';
import { CONSTANTS } from '../execution/registers.ts';
import type { NicProfile } from '../profile.ts';
import { isAlwaysLate, pushCondition, testsCodes } from './emit-branch.ts';
import { emitInstruction } from './emit-instruction.ts';
import { ALL_LIVE, livenessOf, setsCodes } from './liveness.ts';
import { LocalMemoryAccess } from './local-memory-access.ts';
import * as word from './pipeline-words.ts';
import type { RegionBlock } from './region-flow.ts';
import * as local from './region-locals.ts';
import { emitLoads, emitStores, type UsedState } from './state-transfer.ts';
import { isBranch, isLocalMemory, isTranslated } from './translatable.ts';
import * as wasm from './wasm-code.ts';
import { encodeModule, WasmCode } from './wasm-code.ts';

/** Deferred instructions of a branch. */
const MOST_SLOTS = 3;

/** Where control may be handed over, and how the codes stand then: 'kept' as the block was entered. */
type Fresh = boolean | 'kept';

/**
 * Turns a region into the octets of a WebAssembly module. Its function has this shape:
 *
 *     load state and registers
 *     block exit
 *       loop dispatch
 *         block n-1 ... block 0
 *           br_table on the block to enter
 *         end
 *         block 0's instructions; falls into block 1
 *         ...
 *     store state and registers
 *
 * A branch to a later block leaves the nested blocks up to it; one to an earlier block goes through the dispatch, except
 * that a block that branches to its own start is a loop of its own.
 */
export class RegionEmitter implements UsedState {
  readonly program: Program;
  readonly costs: NicProfile['costs'];
  readonly registers = new local.RegisterLocals();
  code = new WasmCode();
  private readonly blocks: readonly RegionBlock[];
  private readonly usedPointers = new Set<number>();
  private exit = 0;
  private dispatch = 0;
  private labels: readonly number[] = [];
  /** Index of the block being emitted, and the label of the loop around it. */
  private current = 0;
  private currentLoop: number | undefined;

  constructor(program: Program, costs: NicProfile['costs'], blocks: readonly RegionBlock[]) {
    this.program = program;
    this.costs = costs;
    this.blocks = blocks;
  }

  emit(): Uint8Array {
    this.emitBlocks();
    const body = this.code.finish();
    // What the region uses is known only now.
    this.code = new WasmCode();
    emitLoads(this.code, this);
    const loads = this.code.finish();
    this.code = new WasmCode();
    emitStores(this.code, this);
    return encodeModule({
      parameters: local.PARAMETERS,
      locals64: local.LOCALS64,
      locals32: this.registers.count,
      code: [...loads, ...body, ...this.code.finish()],
    });
  }

  /** The local that holds a local-memory pointer. */
  pointer(index: number): number {
    this.usedPointers.add(index);
    return local.POINTER + index;
  }

  /** Local-memory pointers that the region uses, when it has been emitted. */
  get pointers(): readonly number[] {
    return [...this.usedPointers];
  }

  get usesRareState(): boolean {
    return this.usedPointers.size > 0 || this.blocks.some((block) => usesMultiplierOrCsr(this.program, block));
  }

  private emitBlocks(): void {
    const { code, blocks } = this;
    this.exit = code.block();
    this.dispatch = code.loop();
    const labels = blocks.map(() => code.block()).reverse();
    this.labels = labels;
    code.get(local.ENTRY).branchTable(labels);
    for (const [index, block] of blocks.entries()) {
      code.end();
      this.current = index;
      this.emitBlock(block);
    }
    code.end().end();
  }

  private emitBlock(block: RegionBlock): void {
    const { code, program } = this;
    const loops = this.branchesToItself(block);
    this.currentLoop = loops ? code.loop() : undefined;
    const needs = livenessOf(program, block);
    let cycles = 0;
    let fresh: Fresh = 'kept';
    let open = true;
    for (let i = block.start; i < block.end; i++) {
      if (!isTranslated(program, i)) {
        this.leaveToInterpreter(i, cycles, fresh);
        open = false;
        break;
      }
      const now = cycles;
      cycles += this.costs.instructionCycles;
      const leave = () => this.leaveToInterpreter(i, now, fresh);
      if (isBranch(program.op[i]!)) {
        this.emitBranch(i, now, fresh, leave);
        fresh = false;
        if (program.op[i] === op.OP_BR) open = false;
      } else if (program.op[i] === op.OP_CTX_ARB) {
        this.emitSwap(i, cycles);
        open = false;
        break;
      } else {
        emitInstruction(this, i, needs[i - block.start]!, now, leave);
        fresh = setsCodes(program, i);
      }
    }
    if (open) this.goTo(block.end, cycles, fresh, this.current);
    if (loops) code.end();
    this.currentLoop = undefined;
  }

  private branchesToItself(block: RegionBlock): boolean {
    for (let i = block.start; i < block.end; i++) {
      if (isBranch(this.program.op[i]!) && this.program.x[i] === block.start) return true;
    }
    return false;
  }

  private emitBranch(i: number, cycles: number, fresh: Fresh, leave: () => void): void {
    const { code, program, costs } = this;
    const operation = program.op[i]!;
    if (operation === op.OP_BR) {
      this.emitTaken(i, cycles, false);
      return;
    }
    const bCode = program.b[i]!;
    let pushB = () => {
      if (bCode >= CONSTANTS) code.constant(bCode - CONSTANTS);
      else code.get(this.registers.read(bCode));
    };
    if (isLocalMemory(bCode)) {
      const memory = new LocalMemoryAccess(this, cycles, leave);
      memory.locate(bCode, local.WORD);
      pushB = () => memory.load(local.WORD);
    }
    pushCondition(code, program, i, pushB);
    code.if();
    if (!testsCodes(operation)) this.emitTaken(i, cycles, isAlwaysLate(operation));
    else if (fresh === 'kept' && costs.branchTakenCycles !== costs.branchTakenEarlyCycles) {
      code.get(local.FRESH).if();
      this.emitTaken(i, cycles, true);
      code.else();
      this.emitTaken(i, cycles, false);
      code.end();
    } else this.emitTaken(i, cycles, fresh === true);
    code.end();
  }

  /** What a taken branch does: the pipeline refills, the deferred instructions run, and on it goes at the target. */
  private emitTaken(i: number, before: number, late: boolean): void {
    const { code, program, costs } = this;
    const slots = program.defer[i]!;
    const target = program.x[i]!;
    const lost = (late ? costs.branchTakenCycles : costs.branchTakenEarlyCycles) - 1;
    this.advance(before + costs.instructionCycles + Math.max(0, lost - slots));
    code.get(local.CYCLE).get(local.LIMIT).op(wasm.I32_GT_S);
    code.if();
    code.constant(word.ENDED_AT_LIMIT).set(local.ENDING);
    if (slots === 0) this.leave(target, 0, false);
    else this.leave(i + 1, 0, false, slots, target);
    code.end();
    const last = this.emitSlots(i, 0, target);
    if (last !== undefined) this.goTo(target, last.cycles, last.fresh, undefined);
  }

  /** `ctx_arb`: the deferred instructions, then the swap place, which is the interpreter's. */
  private emitSwap(i: number, cycles: number): void {
    const { swapPlace } = this.program;
    this.code.constant(i + 1).set(local.HELD);
    const last = this.emitSlots(i, cycles, swapPlace);
    if (last !== undefined) this.leaveToInterpreter(swapPlace, last.cycles, last.fresh);
  }

  /** The deferred instructions of `i`. @returns how things stand behind them; undefined: the region ends before */
  private emitSlots(
    i: number,
    before: number,
    target: number,
  ): { readonly cycles: number; readonly fresh: boolean } | undefined {
    const { program, costs } = this;
    const slots = program.defer[i]!;
    let cycles = before;
    let fresh = false;
    for (let slot = 1; slot <= slots; slot++) {
      const at = i + slot;
      const now = cycles;
      const wasFresh = fresh;
      const left = slots - slot + 1;
      const leave = () => this.leaveToInterpreter(at, now, wasFresh, left, target);
      if (!isTranslated(program, at) || isBranch(program.op[at]!) || program.op[at] === op.OP_CTX_ARB) {
        leave();
        return undefined;
      }
      cycles += costs.instructionCycles;
      emitInstruction(this, at, ALL_LIVE, now, leave);
      fresh = setsCodes(program, at);
    }
    return { cycles, fresh };
  }

  /** Continues at an instruction. `from`: the block that ends just before it, from which control may simply fall. */
  private goTo(target: number, cycles: number, fresh: Fresh, from: number | undefined): void {
    const { code } = this;
    const index = this.blocks.findIndex((block) => block.start === target);
    if (index < 0) {
      this.leave(target, cycles, fresh);
      return;
    }
    this.advance(cycles);
    this.setFresh(fresh);
    if (index > this.current) {
      if (from === undefined || index !== from + 1) code.branch(this.labels[index]!);
    } else if (index === this.current && this.currentLoop !== undefined) code.branch(this.currentLoop);
    else code.constant(index).set(local.ENTRY).branch(this.dispatch);
  }

  /** Ends the region before an instruction, which is the next one. */
  private leave(next: number, cycles: number, fresh: Fresh, slots = 0, slotTarget = 0): void {
    const { code } = this;
    this.advance(cycles);
    this.setFresh(fresh);
    code
      .constant(next)
      .set(local.NEXT_PLACE)
      .constant(slots)
      .set(local.SLOTS)
      .constant(slotTarget)
      .set(local.SLOT_TARGET);
    code.branch(this.exit);
  }

  private leaveToInterpreter(next: number, cycles: number, fresh: Fresh, slots = 0, slotTarget = 0): void {
    this.code.constant(word.ENDED_FOR_INTERPRETER).set(local.ENDING);
    this.leave(next, cycles, fresh, slots, slotTarget);
  }

  private advance(cycles: number): void {
    if (cycles > 0) this.code.get(local.CYCLE).constant(cycles).op(wasm.I32_ADD).set(local.CYCLE);
  }

  private setFresh(fresh: Fresh): void {
    if (fresh !== 'kept') this.code.constant(fresh ? 1 : 0).set(local.FRESH);
  }
}

function usesMultiplierOrCsr(program: Program, { start, end }: RegionBlock): boolean {
  // The deferred instructions of a block's last branch are translated with it.
  return program.op.subarray(start, end + MOST_SLOTS).some(isRare);
}

function isRare(operation: number): boolean {
  switch (operation) {
    case op.OP_MUL_START:
    case op.OP_MUL_STEP:
    case op.OP_MUL_LAST:
    case op.OP_MUL_LAST2:
    case op.OP_CSR_READ:
    case op.OP_IMMED_CSR:
      return true;
    default:
      return false;
  }
}
