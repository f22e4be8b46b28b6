import type { Handler } from '../handler.ts';
import * as op from '../opcodes.ts';
import * as alu from './alu.ts';
import { arbitrate } from './arbitration.ts';
import { findFirstSet, populationCount, populationStep } from './bit-search.ts';
import * as branches from './branch.ts';
import { byteAlignBig, byteAlignLittle } from './byte-align.ts';
import * as cam from './cam.ts';
import { command, swapContext } from './command.ts';
import { crc } from './crc.ts';
import { csrRead, csrWrite } from './csr.ts';
import { loadField, loadFieldDouble } from './field.ts';
import { loadConstant, loadConstantPart, loadCsrValue, nothing } from './immediate.ts';
import { multiplyHigh, multiplyLow, multiplyNext, multiplyStart } from './multiply.ts';
import { predicated } from './predicated.ts';
import * as shifts from './shift.ts';

/** What executes each operation of `opcodes.ts`, by its number. */
export const HANDLERS: readonly Handler[] = table([
  [op.OP_NOP, nothing],
  [op.OP_B, alu.passB],
  [op.OP_NOT_B, alu.passNotB],
  [op.OP_ADD, alu.add],
  [op.OP_ADD8, alu.addLowOctet],
  [op.OP_ADD16, alu.addLowHalf],
  [op.OP_ADD_CARRY, alu.addWithCarry],
  [op.OP_SUB, alu.subtract],
  [op.OP_SUB_CARRY, alu.subtractWithCarry],
  [op.OP_REVERSE_SUB, alu.subtractReversed],
  [op.OP_AND, alu.and],
  [op.OP_NOT_A_AND, alu.notAAnd],
  [op.OP_AND_NOT_B, alu.andNotB],
  [op.OP_OR, alu.or],
  [op.OP_XOR, alu.exclusiveOr],
  [op.OP_SHIFT_LEFT, shifts.shiftLeft],
  [op.OP_SHIFT_RIGHT, shifts.shiftRight],
  [op.OP_ALU_SHIFT, shifts.aluShift],
  [op.OP_DOUBLE_SHIFT, shifts.doubleShift],
  [op.OP_DOUBLE_SHIFT_INDIRECT, shifts.doubleShiftIndirect],
  [op.OP_ARITHMETIC_SHIFT, shifts.arithmeticShift],
  [op.OP_ARITHMETIC_SHIFT_INDIRECT, shifts.arithmeticShiftIndirect],
  [op.OP_IMMED, loadConstant],
  [op.OP_IMMED_PART, loadConstantPart],
  [op.OP_IMMED_CSR, loadCsrValue],
  [op.OP_LOAD_FIELD, loadField],
  [op.OP_LOAD_FIELD_DOUBLE, loadFieldDouble],
  [op.OP_MUL_START, multiplyStart],
  [op.OP_MUL_STEP, multiplyNext],
  [op.OP_MUL_LAST, multiplyLow],
  [op.OP_MUL_LAST2, multiplyHigh],
  [op.OP_FFS, findFirstSet],
  [op.OP_POP_COUNT_STEP, populationStep],
  [op.OP_POP_COUNT, populationCount],
  [op.OP_BYTE_ALIGN_BIG, byteAlignBig],
  [op.OP_BYTE_ALIGN_LITTLE, byteAlignLittle],
  [op.OP_CRC, crc],
  [op.OP_CAM_CLEAR, cam.camClear],
  [op.OP_CAM_LOOKUP, cam.camLookup],
  [op.OP_CAM_WRITE, cam.camWrite],
  [op.OP_CAM_WRITE_STATE, cam.camWriteState],
  [op.OP_CAM_READ_TAG, cam.camReadTag],
  [op.OP_CAM_READ_STATE, cam.camReadState],
  [op.OP_BR, branches.branch],
  [op.OP_BEQ, branches.branchIfEqual],
  [op.OP_BNE, branches.branchIfNotEqual],
  [op.OP_BMI, branches.branchIfMinus],
  [op.OP_BPL, branches.branchIfPlus],
  [op.OP_BCS, branches.branchIfCarry],
  [op.OP_BCC, branches.branchIfNoCarry],
  [op.OP_BVS, branches.branchIfOverflow],
  [op.OP_BVC, branches.branchIfNoOverflow],
  [op.OP_BGE, branches.branchIfGreaterOrEqual],
  [op.OP_BLT, branches.branchIfLess],
  [op.OP_BLE, branches.branchIfLessOrEqual],
  [op.OP_BGT, branches.branchIfGreater],
  [op.OP_BR_CTX, branches.branchIfContext],
  [op.OP_BR_NOT_CTX, branches.branchIfOtherContext],
  [op.OP_BR_SIGNAL, branches.branchIfSignal],
  [op.OP_BR_NOT_SIGNAL, branches.branchIfNoSignal],
  [op.OP_BR_INPUT_STATE, branches.branchIfInputState],
  [op.OP_BR_NOT_INPUT_STATE, branches.branchIfNotInputState],
  [op.OP_BR_BSET, branches.branchIfBit],
  [op.OP_BR_BCLR, branches.branchIfNoBit],
  [op.OP_BR_BYTE_EQUAL, branches.branchIfOctet],
  [op.OP_BR_BYTE_NOT_EQUAL, branches.branchIfOtherOctet],
  [op.OP_JUMP, branches.jump],
  [op.OP_CTX_ARB, arbitrate],
  [op.OP_CSR_READ, csrRead],
  [op.OP_CSR_WRITE, csrWrite],
  [op.OP_COMMAND, command],
  [op.OP_SWAP_NOW, swapContext],
  [op.OP_END_OF_CODE, branches.endOfCode],
  [op.OP_PREDICATED, predicated((operation) => HANDLERS[operation]!)],
]);

function table(entries: readonly (readonly [operation: number, handler: Handler])[]): readonly Handler[] {
  const handlers = new Array<Handler>(op.OPERATIONS).fill(branches.endOfCode);
  for (const [operation, handler] of entries) handlers[operation] = handler;
  return handlers;
}
