import * as op from '../execution/opcodes.ts';
import type { Program } from '../execution/program.ts';
import type { NicProfile } from '../profile.ts';
import { emitInstruction } from './emit-instruction.ts';
import { emitSwap, emitTurn } from './emit-swap.ts';
import { emitBranch, emitJump, type Target } from './emit-taken.ts';
import { livenessOf, setsCodes } from './liveness.ts';
import * as word from './pipeline-words.ts';
import type { RegionBlock } from './region-flow.ts';
import * as local from './region-locals.ts';
import { emitLoads, emitStores, type UsedState } from './state-transfer.ts';
import { isBranch, isTranslated } from './translatable.ts';
import * as wasm from './wasm-code.ts';
import { encodeModule, WasmCode } from './wasm-code.ts';

/** Deferred instructions of a branch. */
const MOST_SLOTS = 3;

/** How the codes stand where control is handed over: set by the instruction just before; 'kept' as the block was entered. */
export type Fresh = boolean | 'kept';

/**
 * Turns a region into the octets of a WebAssembly module. Its function has this shape:
 *
 *     load state and registers
 *     block exit
 *       loop dispatch
 *         block place
 *           block turn
 *             block n-1 ... block 0
 *               br_table on the block to enter
 *             end
 *             block 0's instructions; falls into block 1
 *             ...
 *           end
 *           the next context's turn
 *         end
 *         find the block that begins at a place
 *     store state and registers
 *
 * A branch to a later block leaves the nested blocks up to it; one to an earlier block goes through the dispatch, except
 * that a block that branches to its own start is a loop of its own. Swaps go to `turn`, jumps to `place`.
 */
export class RegionEmitter implements UsedState {
  readonly program: Program;
  readonly costs: NicProfile['costs'];
  readonly registers = new local.RegisterLocals();
  /** Whether contexts may give the pipeline away within it. */
  readonly swaps: boolean;
  code = new WasmCode();
  private readonly blocks: readonly RegionBlock[];
  /** By first instruction: index of the block. */
  private readonly blockAt: ReadonlyMap<number, number>;
  private readonly usedPointers = new Set<number>();
  // Labels.
  private exit = 0;
  private dispatch = 0;
  private place = 0;
  private turn = 0;
  private labels: readonly number[] = [];
  /** Index of the block being emitted, and the label of the loop around it. */
  private current = 0;
  private currentLoop: number | undefined;

  constructor(program: Program, costs: NicProfile['costs'], blocks: readonly RegionBlock[]) {
    this.program = program;
    this.costs = costs;
    this.blocks = blocks;
    this.blockAt = new Map(blocks.map(({ start }, index) => [start, index]));
    this.swaps = this.has(op.OP_CTX_ARB);
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
      floats: local.FLOATS,
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
    return this.blocks.some(({ start, end }) => this.program.op.subarray(start, end + MOST_SLOTS).some(isRare));
  }

  /** Continues at an instruction. */
  goTo(target: Target, cycles: number, fresh: Fresh): void {
    const { code } = this;
    if ('placeIn' in target) {
      this.advance(cycles);
      this.setFresh(fresh);
      code.get(target.placeIn).set(local.NEXT_PLACE).branch(this.place);
      return;
    }
    const index = this.blockAt.get(target.place);
    if (index === undefined) {
      this.leave(target, cycles, fresh);
      return;
    }
    this.advance(cycles);
    this.setFresh(fresh);
    if (index > this.current) code.branch(this.labels[index]!);
    else if (index === this.current && this.currentLoop !== undefined) code.branch(this.currentLoop);
    else code.constant(index).set(local.ENTRY).branch(this.dispatch);
  }

  /** Gives the pipeline to the next context, as the locals say that `emitTurn` reads. */
  goToTurn(): void {
    this.code.branch(this.turn);
  }

  /** Ends the region before an instruction, which is the next one. */
  leave(next: Target, cycles: number, fresh: Fresh, slots = 0, slotTarget: Target = { place: 0 }): void {
    const { code } = this;
    this.advance(cycles);
    this.setFresh(fresh);
    this.push(next);
    code.set(local.NEXT_PLACE).constant(slots).set(local.SLOTS);
    this.push(slotTarget);
    code.set(local.SLOT_TARGET).branch(this.exit);
  }

  leaveToInterpreter(next: Target, cycles: number, fresh: Fresh, slots = 0, slotTarget?: Target): void {
    this.code.constant(word.ENDED_FOR_INTERPRETER).set(local.ENDING);
    this.leave(next, cycles, fresh, slots, slotTarget);
  }

  advance(cycles: number): void {
    if (cycles > 0) this.code.get(local.CYCLE).constant(cycles).op(wasm.I32_ADD).set(local.CYCLE);
  }

  setFresh(fresh: Fresh): void {
    if (fresh !== 'kept') this.code.constant(fresh ? 1 : 0).set(local.FRESH);
  }

  /** Pushes the NIC's cycle, a float. @param cycles behind `CYCLE` */
  pushCycle(cycles: number): void {
    this.code.get(local.CYCLE).constant(cycles).op(wasm.I32_ADD, wasm.F64_CONVERT_I32_S);
    this.code.get(local.NEXT).op(wasm.F64_ADD);
  }

  private push(target: Target): void {
    if ('placeIn' in target) this.code.get(target.placeIn);
    else this.code.constant(target.place);
  }

  private emitBlocks(): void {
    const { code, blocks } = this;
    this.exit = code.block();
    this.dispatch = code.loop();
    this.place = code.block();
    this.turn = code.block();
    const labels = blocks.map(() => code.block()).reverse();
    this.labels = labels;
    code.get(local.ENTRY).branchTable(labels);
    for (const [index, block] of blocks.entries()) {
      code.end();
      this.current = index;
      this.emitBlock(block);
    }
    code.end();
    if (this.swaps) emitTurn(this, () => code.branch(this.place));
    code.end();
    if (this.swaps || this.has(op.OP_JUMP)) this.emitSearch(0, blocks.length);
    this.leave({ placeIn: local.NEXT_PLACE }, 0, 'kept');
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
    for (let i = block.start; i < block.end && open; i++) {
      const now = cycles;
      const was = fresh;
      const leave = () => this.leaveToInterpreter({ place: i }, now, was);
      cycles += this.costs.instructionCycles;
      const operation = program.op[i]!;
      if (!isTranslated(program, i)) leave();
      else if (isBranch(operation)) emitBranch(this, i, now, fresh, leave);
      else if (operation === op.OP_JUMP) emitJump(this, i, now, leave);
      else if (operation === op.OP_CTX_ARB) emitSwap(this, i, cycles);
      else emitInstruction(this, i, needs[i - block.start]!, now, leave);
      fresh = setsCodes(program, i);
      open = isTranslated(program, i) && !ENDS_BLOCK.has(operation);
    }
    if (open) this.fallInto(block.end, cycles, fresh);
    if (loops) code.end();
    this.currentLoop = undefined;
  }

  /** Goes on behind a block. */
  private fallInto(place: number, cycles: number, fresh: Fresh): void {
    if (this.blockAt.get(place) !== this.current + 1) this.goTo({ place }, cycles, fresh);
    else {
      this.advance(cycles);
      this.setFresh(fresh);
    }
  }

  /** Enters the block that begins at `NEXT_PLACE`, if it is one of those from `first` to `end - 1`. */
  private emitSearch(first: number, end: number): void {
    const { code, blocks } = this;
    code.get(local.NEXT_PLACE);
    if (end - first === 1) {
      code.constant(blocks[first]!.start).op(wasm.I32_EQ).if();
      code.constant(first).set(local.ENTRY).branch(this.dispatch);
    } else {
      const middle = (first + end) >>> 1;
      code.constant(blocks[middle]!.start).op(wasm.I32_LT_S).if();
      this.emitSearch(first, middle);
      code.else();
      this.emitSearch(middle, end);
    }
    code.end();
  }

  private branchesToItself(block: RegionBlock): boolean {
    for (let i = block.start; i < block.end; i++) {
      if (isBranch(this.program.op[i]!) && this.program.x[i] === block.start) return true;
    }
    return false;
  }

  private has(operation: number): boolean {
    return this.blocks.some(({ start, end }) => this.program.op.subarray(start, end).includes(operation));
  }
}

/** Instructions that no other follows. */
const ENDS_BLOCK: ReadonlySet<number> = new Set([op.OP_BR, op.OP_JUMP, op.OP_CTX_ARB]);

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
