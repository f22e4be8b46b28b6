import * as op from '../execution/opcodes.ts';
import { BOTH_BANKS, CONSTANTS, GPR_A, GPR_B, SINK } from '../execution/registers.ts';
import type { RegionEmitter } from './emit-region.ts';
import { pushCarry } from './flags.ts';
import { CODES_LIVE, givesResult, PREVIOUS_A_LIVE, PREVIOUS_LIVE, replacesPreviousA, setsCodes } from './liveness.ts';
import { LocalMemoryAccess } from './local-memory-access.ts';
import * as local from './region-locals.ts';
import { isLocalMemory, pointerOfCsr } from './translatable.ts';
import type { WasmCode } from './wasm-code.ts';
import * as wasm from './wasm-code.ts';

/** Writes one operand's value onto the stack, as often as it is asked. */
type Push = () => void;

/**
 * Emits an instruction that is no branch.
 * @param live the state that it has to leave (`liveness.ts`)
 * @param cycles from the region's `CYCLE` to this instruction
 * @param leave emits the end of the region before this instruction
 */
export function emitInstruction(
  region: RegionEmitter,
  i: number,
  live: number,
  cycles: number,
  leave: () => void,
): void {
  const { code, program } = region;
  const memory = new LocalMemoryAccess(region, cycles, leave);
  const destination = program.destination[i]!;
  // Everything that may end the region comes before anything changes.
  const writes = givesResult(program.op[i]!);
  if (writes && isLocalMemory(destination)) memory.locate(destination, local.WORD_OF_RESULT);
  const a = operand(region, memory, program.a[i]!, local.OPERAND_A);
  const b = operand(region, memory, program.b[i]!, local.OPERAND_B);
  switch (program.op[i]!) {
    case op.OP_NOP:
      return;
    case op.OP_MUL_START:
      code.constant64(0).set(local.PRODUCT);
      return;
    case op.OP_MUL_STEP:
      emitMultiplyStep(code, a, b, program.x[i]!, program.y[i]!);
      return;
    case op.OP_CSR_READ:
      code.get(region.pointer(pointerOfCsr(program.x[i]!))).set(local.CSR_VALUE);
      return;
    case op.OP_CSR_WRITE:
      memory.setPointer(pointerOfCsr(program.x[i]!), b);
      return;
  }
  const addition = pushResult(region, i, a, b);
  code.set(local.VALUE);
  if (live & CODES_LIVE && setsCodes(program, i)) {
    code.get(local.VALUE).set(local.RESULT);
    if (addition === undefined) {
      code.constant(0).set(local.SUM).constant(0).set(local.ADDEND_A).constant(0).set(local.ADDEND_B);
    } else {
      addition.a();
      code.set(local.ADDEND_A);
      addition.b();
      code.set(local.ADDEND_B);
      code.get(local.VALUE).set(local.SUM);
    }
  }
  if (live & PREVIOUS_A_LIVE && replacesPreviousA(program.op[i]!)) {
    a();
    code.set(local.PREVIOUS_A);
  }
  if (live & PREVIOUS_LIVE) code.get(local.VALUE).set(local.PREVIOUS);
  store(region, destination, memory);
}

function operand(region: RegionEmitter, memory: LocalMemoryAccess, codeOf: number, into: number): Push {
  const { code, registers } = region;
  if (isLocalMemory(codeOf)) {
    memory.locate(codeOf, local.WORD);
    memory.load(local.WORD);
    code.set(into);
    return () => code.get(into);
  }
  if (codeOf >= CONSTANTS) return () => code.constant(codeOf - CONSTANTS);
  return () => code.get(registers.read(codeOf));
}

function store(region: RegionEmitter, destination: number, memory: LocalMemoryAccess): void {
  const { code, registers } = region;
  if (destination === SINK) return;
  if (isLocalMemory(destination)) memory.store(local.WORD_OF_RESULT, local.VALUE);
  else if (destination >= BOTH_BANKS) {
    code.get(local.VALUE).set(registers.write(destination - BOTH_BANKS + GPR_A));
    code.get(local.VALUE).set(registers.write(destination - BOTH_BANKS + GPR_B));
  } else code.get(local.VALUE).set(registers.write(destination));
}

/** Pushes the result. @returns the addends that C and V come from; undefined: both are cleared */
function pushResult(region: RegionEmitter, i: number, a: Push, b: Push): { a: Push; b: Push } | undefined {
  const { code, program } = region;
  const x = program.x[i]!;
  const y = program.y[i]!;
  const not = (value: Push) => () => {
    value();
    code.constant(-1).op(wasm.I32_XOR);
  };
  const binary = (operator: number, left: Push, right: Push): void => {
    left();
    right();
    code.op(operator);
  };
  switch (program.op[i]!) {
    case op.OP_B:
      b();
      return undefined;
    case op.OP_NOT_B:
      not(b)();
      return undefined;
    case op.OP_ADD:
      binary(wasm.I32_ADD, a, b);
      return { a, b };
    case op.OP_ADD8:
    case op.OP_ADD16: {
      const part = () => {
        b();
        code.constant(program.op[i] === op.OP_ADD8 ? 0xff : 0xffff).op(wasm.I32_AND);
      };
      binary(wasm.I32_ADD, a, part);
      return { a, b: part };
    }
    case op.OP_ADD_CARRY:
      binary(wasm.I32_ADD, a, b);
      pushCarry(code);
      code.op(wasm.I32_ADD);
      return { a, b };
    case op.OP_SUB:
      binary(wasm.I32_SUB, a, b);
      return { a, b: not(b) };
    case op.OP_SUB_CARRY:
      binary(wasm.I32_ADD, a, not(b));
      pushCarry(code);
      code.op(wasm.I32_ADD);
      return { a, b: not(b) };
    case op.OP_REVERSE_SUB:
      binary(wasm.I32_SUB, b, a);
      return { a: b, b: not(a) };
    case op.OP_SHIFT_LEFT:
      b();
      code.constant(x).op(wasm.I32_SHL);
      return undefined;
    case op.OP_SHIFT_RIGHT:
      b();
      code.constant(x).op(wasm.I32_SHR_U);
      return undefined;
    case op.OP_ALU_SHIFT:
      pushCombined(code, y & 0xff, a, () => pushShifted(code, b, y >>> 8, x));
      return undefined;
    case op.OP_DOUBLE_SHIFT:
      if (x === 0) {
        b();
        return undefined;
      }
      a();
      code.constant(32 - x).op(wasm.I32_SHL);
      b();
      code.constant(x).op(wasm.I32_SHR_U, wasm.I32_OR);
      return undefined;
    case op.OP_DOUBLE_SHIFT_INDIRECT:
      // The lower word of A:B shifted right by 0 to 31.
      a();
      code.op(wasm.I64_EXTEND_I32_U).constant64(32).op(wasm.I64_SHL);
      b();
      code.op(wasm.I64_EXTEND_I32_U, wasm.I64_OR);
      code.get(local.PREVIOUS_A).constant(31).op(wasm.I32_AND, wasm.I64_EXTEND_I32_U, wasm.I64_SHR_U);
      code.op(wasm.I32_WRAP_I64);
      return undefined;
    case op.OP_ARITHMETIC_SHIFT:
      pushSignedShift(code, b, () => code.constant(x));
      return undefined;
    case op.OP_ARITHMETIC_SHIFT_INDIRECT:
      pushSignedShift(code, b, () => code.get(local.PREVIOUS_A).constant(31).op(wasm.I32_AND));
      return undefined;
    case op.OP_IMMED:
      code.constant(x);
      return undefined;
    case op.OP_IMMED_PART:
      a();
      code.constant(~y).op(wasm.I32_AND).constant(x).op(wasm.I32_OR);
      return undefined;
    case op.OP_IMMED_CSR:
      code.get(local.CSR_VALUE);
      return undefined;
    case op.OP_LOAD_FIELD:
      a();
      code.constant(~y).op(wasm.I32_AND);
      pushShifted(code, b, x >>> 5, x & 31);
      code.constant(y).op(wasm.I32_AND, wasm.I32_OR);
      return undefined;
    case op.OP_MUL_LAST:
      code.get(local.PRODUCT).op(wasm.I32_WRAP_I64);
      return undefined;
    case op.OP_MUL_LAST2:
      code.get(local.PRODUCT).constant64(32).op(wasm.I64_SHR_U, wasm.I32_WRAP_I64);
      return undefined;
    case op.OP_FFS:
      // 32 for no bit at all: 0 then.
      b();
      code.op(wasm.I32_CTZ).constant(31).op(wasm.I32_AND);
      return undefined;
    case op.OP_POP_COUNT:
      b();
      code.op(wasm.I32_POPCNT);
      return undefined;
    default:
      pushCombined(code, program.op[i]!, a, b);
      return undefined;
  }
}

function pushCombined(code: WasmCode, operator: number, a: Push, b: Push): void {
  switch (operator) {
    case op.OP_B:
      b();
      return;
    case op.OP_NOT_B:
      b();
      code.constant(-1).op(wasm.I32_XOR);
      return;
    case op.OP_NOT_A_AND:
      a();
      code.constant(-1).op(wasm.I32_XOR);
      b();
      code.op(wasm.I32_AND);
      return;
    case op.OP_AND_NOT_B:
      a();
      b();
      code.constant(-1).op(wasm.I32_XOR, wasm.I32_AND);
      return;
    default:
      a();
      b();
      code.op(operator === op.OP_AND ? wasm.I32_AND : operator === op.OP_XOR ? wasm.I32_XOR : wasm.I32_OR);
  }
}

function pushShifted(code: WasmCode, value: Push, kind: number, amount: number): void {
  value();
  switch (kind) {
    case op.SHIFT_ROTATE:
      code.constant(amount).op(wasm.I32_ROTR);
      return;
    case op.SHIFT_LEFT:
      code.constant(amount).op(wasm.I32_SHL);
      return;
    case op.SHIFT_RIGHT:
      code.constant(amount).op(wasm.I32_SHR_U);
      return;
    case op.SHIFT_LEFT_INDIRECT:
      code.get(local.PREVIOUS_A).op(wasm.I32_SHL); // WebAssembly, too, goes by the low five bits.
      return;
    default:
      code.get(local.PREVIOUS_A).op(wasm.I32_SHR_U);
  }
}

/** The value shifted right, with the previous result's sign from the left; 0 to 31. */
function pushSignedShift(code: WasmCode, value: Push, amount: Push): void {
  // 64 bits: 32 times the sign, then the value.
  code.get(local.PREVIOUS).constant(31).op(wasm.I32_SHR_S, wasm.I64_EXTEND_I32_U).constant64(32).op(wasm.I64_SHL);
  value();
  code.op(wasm.I64_EXTEND_I32_U, wasm.I64_OR);
  amount();
  code.op(wasm.I64_EXTEND_I32_U, wasm.I64_SHR_U, wasm.I32_WRAP_I64);
}

function emitMultiplyStep(code: WasmCode, a: Push, b: Push, shift: number, bitsOfA: number): void {
  a();
  if (bitsOfA < 32) code.constant((1 << bitsOfA) - 1).op(wasm.I32_AND);
  code.op(wasm.I64_EXTEND_I32_U);
  b();
  code.constant(shift).op(wasm.I32_SHR_U).constant(0xff).op(wasm.I32_AND, wasm.I64_EXTEND_I32_U, wasm.I64_MUL);
  code.constant64(shift).op(wasm.I64_SHL);
  code.get(local.PRODUCT).op(wasm.I64_ADD).set(local.PRODUCT);
}
