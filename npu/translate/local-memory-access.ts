import { POINTER_WRITTEN } from '../execution/context-block.ts';
import { LOCAL_MEMORY, STEP_UP } from '../execution/registers.ts';
import type { RegionEmitter } from './emit-region.ts';
import * as local from './region-locals.ts';
import { pushOfContext } from './state-transfer.ts';
import * as wasm from './wasm-code.ts';

const LOCAL_WORDS = 1024;
const ADDRESS_MASK = 0xffc;

/** Emits what one instruction does with local memory. */
export class LocalMemoryAccess {
  private readonly region: RegionEmitter;
  private readonly cycles: number;
  private readonly leave: () => void;

  /**
   * @param cycles from the region's `CYCLE` to the instruction
   * @param leave emits the end of the region before the instruction
   */
  constructor(region: RegionEmitter, cycles: number, leave: () => void) {
    this.region = region;
    this.cycles = cycles;
    this.leave = leave;
  }

  /**
   * Sets a local to the word that an operand names, moves its pointer, and leaves the region first if the word is not in
   * the context's own slice: the interpreter knows what else it may touch.
   */
  locate(operand: number, into: number): void {
    const { code, program } = this.region;
    const how = operand - LOCAL_MEMORY;
    const pointer = how >>> 6;
    this.region.pointer(pointer);
    code.get(local.POINTER + pointer).get(local.POINTER_OLD + pointer);
    this.pushSettled(pointer);
    code.op(wasm.SELECT).tee(local.POINTER_VALUE).constant(2).op(wasm.I32_SHR_U);
    code
      .constant(how & 15)
      .op(wasm.I32_ADD)
      .constant(LOCAL_WORDS - 1)
      .op(wasm.I32_AND)
      .tee(into);
    code.constant(Math.log2(LOCAL_WORDS / program.contexts)).op(wasm.I32_SHR_U);
    code.get(local.CONTEXT).op(wasm.I32_NE).if();
    this.leave();
    code.end();
    const step = (how >>> 4) & 3;
    if (step !== 0) this.movePointer(pointer, step === STEP_UP ? 4 : -4);
  }

  /** Pushes the word at an index that `locate` found. */
  load(index: number): void {
    this.pushAddress(index);
    this.region.code.load(0);
  }

  store(index: number, value: number): void {
    this.pushAddress(index);
    this.region.code.get(value).store(0);
  }

  /** A new value for a pointer; the old one counts until it has settled. */
  setPointer(pointer: number, pushValue: () => void): void {
    const { code, costs } = this.region;
    this.region.pointer(pointer);
    this.pushSettled(pointer);
    code.if();
    code
      .get(local.POINTER + pointer)
      .set(local.POINTER_OLD + pointer)
      .end();
    pushValue();
    code
      .constant(ADDRESS_MASK)
      .op(wasm.I32_AND)
      .set(local.POINTER + pointer);
    this.pushNow();
    code
      .constant(costs.localMemoryPointerCycles)
      .op(wasm.I32_ADD)
      .set(local.POINTER_SETTLED + pointer);
    pushOfContext(code, 32);
    this.region.pushCycle(this.cycles);
    code.storeFloat(POINTER_WRITTEN + 8 * pointer);
  }

  private movePointer(pointer: number, octets: number): void {
    const { code } = this.region;
    const next = (): void => {
      code.get(local.POINTER_VALUE).constant(octets).op(wasm.I32_ADD).constant(ADDRESS_MASK).op(wasm.I32_AND);
    };
    this.pushSettled(pointer);
    code.if();
    next();
    code.set(local.POINTER + pointer).else();
    next();
    code.set(local.POINTER_OLD + pointer).end();
  }

  private pushSettled(pointer: number): void {
    this.pushNow();
    this.region.code.get(local.POINTER_SETTLED + pointer).op(wasm.I32_GT_S);
  }

  private pushNow(): void {
    this.region.code.get(local.CYCLE).constant(this.cycles).op(wasm.I32_ADD);
  }

  private pushAddress(index: number): void {
    const { code } = this.region;
    code.get(index).constant(2).op(wasm.I32_SHL).get(local.LOCAL_MEMORY_BASE).op(wasm.I32_ADD);
  }
}
