import { assert, unreachable } from '../../base/assert.ts';
import { InputError } from '../../base/errors.ts';
import type { CrcInstruction, Instruction, LoadFieldInstruction, Shift, UnaryInstruction } from '../isa/instruction.ts';
import type { CommandPlan } from './commands/plan.ts';
import { planCommand } from './commands/plan-command.ts';
import { type CrcPlan, OCTET_RANGE, POLYNOMIALS } from './crc.ts';
import { checkCsr } from './csr.ts';
import { CLS_RING_STATE } from './instructions/branch.ts';
import * as op from './opcodes.ts';
import { sendingDestination } from './operands.ts';
import type { Program } from './program.ts';
import { CONSTANTS, destinationCode, sourceCode } from './registers.ts';

const ALU: Readonly<Record<string, number>> = {
  B: op.OP_B,
  '~B': op.OP_NOT_B,
  '+': op.OP_ADD,
  '+8': op.OP_ADD8,
  '+16': op.OP_ADD16,
  '+carry': op.OP_ADD_CARRY,
  '-': op.OP_SUB,
  '-carry': op.OP_SUB_CARRY,
  'B-A': op.OP_REVERSE_SUB,
  AND: op.OP_AND,
  '~AND': op.OP_NOT_A_AND,
  'AND~': op.OP_AND_NOT_B,
  OR: op.OP_OR,
  XOR: op.OP_XOR,
};

const UNARIES: Readonly<Record<UnaryInstruction['operator'], number>> = {
  ffs: op.OP_FFS,
  pop_count1: op.OP_POP_COUNT_STEP,
  pop_count2: op.OP_POP_COUNT_STEP,
  pop_count3: op.OP_POP_COUNT,
  cam_read_tag: op.OP_CAM_READ_TAG,
  cam_read_state: op.OP_CAM_READ_STATE,
};

const BRANCHES: Readonly<Record<string, number>> = {
  br: op.OP_BR,
  beq: op.OP_BEQ,
  bne: op.OP_BNE,
  bmi: op.OP_BMI,
  bpl: op.OP_BPL,
  bcs: op.OP_BCS,
  bcc: op.OP_BCC,
  bvs: op.OP_BVS,
  bvc: op.OP_BVC,
  bge: op.OP_BGE,
  blt: op.OP_BLT,
  ble: op.OP_BLE,
  bgt: op.OP_BGT,
  'br=ctx': op.OP_BR_CTX,
  'br!=ctx': op.OP_BR_NOT_CTX,
  br_signal: op.OP_BR_SIGNAL,
  'br_!signal': op.OP_BR_NOT_SIGNAL,
};

/** A program while it is prepared: lists still grow. */
export type MutableProgram = Program & { readonly commands: CommandPlan[]; readonly crcs: CrcPlan[] };

/**
 * Fills in one place of a program.
 * @param previous the instruction before it in the program's text
 * @throws InputError `npu-...` for what this NPU does not execute
 */
export function prepareInstruction(
  program: MutableProgram,
  index: number,
  instruction: Instruction,
  previous: Instruction | undefined,
): void {
  const { contexts } = program;
  if ('keepConditionCodes' in instruction && instruction.keepConditionCodes) program.keepConditionCodes[index] = 1;
  if ('destination' in instruction) {
    const code = destinationCode(instruction.destination, contexts, instruction.writeBoth);
    program.destination[index] = program.sendsToNeighbours ? sendingDestination(code) : code;
  }
  if ('target' in instruction && typeof instruction.target === 'number') {
    if (instruction.target >= program.length) {
      throw new InputError('npu-bad-branch', `branch to ${instruction.target} of ${program.length} instructions`);
    }
    program.x[index] = instruction.target;
  }
  if ('defer' in instruction) program.defer[index] = instruction.defer;
  switch (instruction.kind) {
    case 'nop':
      program.op[index] = op.OP_NOP;
      break;
    case 'alu':
      program.op[index] = opcode(ALU, instruction.operator);
      program.a[index] = sourceCode(instruction.a, contexts);
      program.b[index] = sourceCode(instruction.b, contexts);
      break;
    case 'alu_shf': {
      program.a[index] = sourceCode(instruction.a, contexts);
      program.b[index] = sourceCode(instruction.b, contexts);
      const [kind, amount] = shiftCode(instruction.shift);
      program.x[index] = amount;
      if (instruction.operator === 'B' && kind === op.SHIFT_LEFT) program.op[index] = op.OP_SHIFT_LEFT;
      else if (instruction.operator === 'B' && kind === op.SHIFT_RIGHT) program.op[index] = op.OP_SHIFT_RIGHT;
      else {
        program.op[index] = op.OP_ALU_SHIFT;
        program.y[index] = kind * 256 + opcode(ALU, instruction.operator);
      }
      break;
    }
    case 'dbl_shf':
      program.a[index] = sourceCode(instruction.a, contexts);
      program.b[index] = sourceCode(instruction.b, contexts);
      program.op[index] = instruction.amount === 'indirect' ? op.OP_DOUBLE_SHIFT_INDIRECT : op.OP_DOUBLE_SHIFT;
      program.x[index] = instruction.amount === 'indirect' ? 0 : instruction.amount;
      break;
    case 'asr':
      program.b[index] = sourceCode(instruction.source, contexts);
      program.op[index] = instruction.amount === 'indirect' ? op.OP_ARITHMETIC_SHIFT_INDIRECT : op.OP_ARITHMETIC_SHIFT;
      program.x[index] = instruction.amount === 'indirect' ? 0 : instruction.amount;
      break;
    case 'immed':
      decodeImmed(program, index, instruction, previous);
      break;
    case 'ld_field':
      decodeLoadField(program, index, instruction);
      break;
    case 'mul_step':
      decodeMultiply(program, index, instruction);
      break;
    case 'unary':
      program.b[index] = sourceCode(instruction.source, contexts);
      program.op[index] = opcode(UNARIES, instruction.operator);
      break;
    case 'branch':
      program.op[index] = opcode(BRANCHES, instruction.condition);
      break;
    case 'br_context':
      program.op[index] = opcode(BRANCHES, instruction.test);
      program.y[index] = instruction.operand;
      break;
    case 'br_bit':
      program.op[index] = instruction.set ? op.OP_BR_BSET : op.OP_BR_BCLR;
      program.b[index] = sourceCode(instruction.source, contexts);
      program.y[index] = instruction.bit;
      break;
    case 'br_byte':
      program.op[index] = instruction.equal ? op.OP_BR_BYTE_EQUAL : op.OP_BR_BYTE_NOT_EQUAL;
      program.b[index] = sourceCode(instruction.source, contexts);
      program.y[index] = instruction.byte * 256 + instruction.value;
      break;
    case 'jump':
      program.op[index] = op.OP_JUMP;
      program.b[index] = sourceCode(instruction.source, contexts);
      program.x[index] = instruction.base;
      break;
    case 'ctx_arb':
      decodeArbitration(program, index, instruction);
      break;
    case 'local_csr_rd':
      checkCsr(instruction.csr, 'read');
      program.op[index] = op.OP_CSR_READ;
      program.x[index] = instruction.csr;
      break;
    case 'local_csr_wr':
      checkCsr(instruction.csr, 'write');
      program.op[index] = op.OP_CSR_WRITE;
      program.x[index] = instruction.csr;
      program.b[index] = sourceCode(instruction.source, contexts);
      break;
    case 'command': {
      const plan = planCommand(instruction, contexts);
      program.op[index] = op.OP_COMMAND;
      program.x[index] = program.commands.length;
      program.a[index] = plan.a;
      program.b[index] = plan.b;
      program.commands.push(plan);
      break;
    }
    case 'br_state':
      program.op[index] = instruction.test.includes('!') ? op.OP_BR_NOT_INPUT_STATE : op.OP_BR_INPUT_STATE;
      program.y[index] = instruction.state + (instruction.test.endsWith('cls_state') ? CLS_RING_STATE : 0);
      break;
    case 'cam_clear':
      program.op[index] = op.OP_CAM_CLEAR;
      break;
    case 'cam_lookup':
      program.op[index] = op.OP_CAM_LOOKUP;
      program.a[index] = sourceCode(instruction.source, contexts);
      if (instruction.localMemory !== undefined) {
        program.x[index] = instruction.localMemory.pointer + 1;
        program.y[index] = instruction.localMemory.offset;
      }
      break;
    case 'cam_write':
      program.op[index] = instruction.tag.kind === 'none' ? op.OP_CAM_WRITE_STATE : op.OP_CAM_WRITE;
      program.a[index] = sourceCode(instruction.tag, contexts);
      program.b[index] = sourceCode(instruction.entry, contexts);
      program.y[index] = instruction.state;
      break;
    case 'crc':
      program.op[index] = op.OP_CRC;
      program.b[index] = sourceCode(instruction.source, contexts);
      program.x[index] = program.crcs.length;
      program.crcs.push(planCrc(instruction));
      break;
    case 'byte_align':
      if (instruction.littleEndian) {
        program.op[index] = op.OP_BYTE_ALIGN_LITTLE;
        program.a[index] = sourceCode(instruction.source, contexts);
      } else {
        program.op[index] = op.OP_BYTE_ALIGN_BIG;
        program.b[index] = sourceCode(instruction.source, contexts);
      }
      break;
    default:
      unreachable(instruction);
  }
  if ('predicate' in instruction && instruction.predicate) {
    program.predicated[index] = program.op[index]!;
    program.op[index] = op.OP_PREDICATED;
  }
}

function decodeLoadField(program: MutableProgram, index: number, instruction: LoadFieldInstruction): void {
  const { contexts } = program;
  const { shift, clear } = instruction;
  program.b[index] = sourceCode(instruction.source, contexts);
  program.y[index] = octetMask(instruction.mask);
  program.keepConditionCodes[index] = instruction.loadConditionCodes ? 0 : 1;
  // The octets that stay come from the destination read as a source: with $xfer that is the transfer-in register.
  const destination = sourceCode(instruction.destination, contexts);
  if (shift.kind === 'double') {
    program.op[index] = op.OP_LOAD_FIELD_DOUBLE;
    program.a[index] = destination;
    program.x[index] = (clear ? 32 : 0) + shift.amount;
    return;
  }
  const [kind, amount] = shiftCode(shift);
  program.op[index] = op.OP_LOAD_FIELD;
  program.a[index] = clear ? CONSTANTS : destination;
  program.x[index] = kind * 32 + amount;
}

function planCrc({ operator, littleEndian, bitSwap, bytes }: CrcInstruction): CrcPlan {
  if (operator === '--' && bytes !== 'bytes_0_3') throw unsupported(`crc[--] of ${bytes}`);
  const [firstOctet, octets] = OCTET_RANGE[bytes];
  return {
    polynomial: operator === '--' ? undefined : POLYNOMIALS[operator],
    littleEndian,
    bitSwap,
    firstOctet,
    octets,
  };
}

function decodeImmed(
  program: MutableProgram,
  index: number,
  instruction: Extract<Instruction, { kind: 'immed' }>,
  previous: Instruction | undefined,
): void {
  const { width, value, shift, destination } = instruction;
  if (previous?.kind === 'local_csr_rd' && width === 'full' && value === 0) {
    program.op[index] = op.OP_IMMED_CSR;
    return;
  }
  // The inverted form is NOT (v << shift), so that ones come in from the right (Linux jit.c, wrp_immed).
  program.x[index] = value > 0xffff ? ~(~value << shift) : value << shift;
  if (width === 'full') {
    program.op[index] = op.OP_IMMED;
    return;
  }
  program.op[index] = op.OP_IMMED_PART;
  program.y[index] = (width === 'word' ? 0xffff : 0xff) << shift;
  program.a[index] = sourceCode(destination, program.contexts);
}

/** `y` of a step: how many of A's low bits count. `x`: the bits by which its partial product is shifted. */
function decodeMultiply(
  program: MutableProgram,
  index: number,
  instruction: Extract<Instruction, { kind: 'mul_step' }>,
): void {
  switch (instruction.phase) {
    case 'last':
      program.op[index] = op.OP_MUL_LAST;
      return;
    case 'last2':
      program.op[index] = op.OP_MUL_LAST2;
      return;
    case 'start':
      program.op[index] = op.OP_MUL_START;
      break;
    default:
      program.op[index] = op.OP_MUL_STEP;
      program.x[index] = 8 * (Number(instruction.phase.slice(4)) - 1);
      program.y[index] = instruction.size === '24x8' ? 24 : instruction.size === '16x16' ? 16 : 32;
  }
  program.a[index] = sourceCode(instruction.a, program.contexts);
  program.b[index] = sourceCode(instruction.b, program.contexts);
}

function decodeArbitration(
  program: MutableProgram,
  index: number,
  instruction: Extract<Instruction, { kind: 'ctx_arb' }>,
): void {
  if (instruction.wait === 'breakpoint') throw unsupported('ctx_arb[bpt]');
  program.op[index] = op.OP_CTX_ARB;
  const signals = instruction.signals.reduce((mask, signal) => mask | (1 << signal), 0);
  // In the form of CSR ActCtxWkpEvt: bit 16 any, 15..1 signals, 0 voluntary; none of them is `kill`.
  program.y[index] =
    instruction.wait === 'none'
      ? op.EVENTS_OF_CSR
      : instruction.wait === 'voluntary'
        ? 1
        : signals + (instruction.any ? 1 << 16 : 0);
  program.x[index] = instruction.resumeAt ?? index + 1 + instruction.defer;
  if (program.x[index]! > program.length) throw new InputError('npu-bad-branch', 'ctx_arb resumes behind the program');
}

function shiftCode(shift: Shift): readonly [kind: number, amount: number] {
  switch (shift.kind) {
    case 'rotate':
      return [op.SHIFT_ROTATE, shift.amount];
    case 'left':
      return shift.amount === 'indirect' ? [op.SHIFT_LEFT_INDIRECT, 0] : [op.SHIFT_LEFT, shift.amount];
    case 'right':
      return shift.amount === 'indirect' ? [op.SHIFT_RIGHT_INDIRECT, 0] : [op.SHIFT_RIGHT, shift.amount];
  }
}

/** Bits of the octets that a 4-bit mask names; bit 3 of the mask is the most significant octet. */
function octetMask(mask: number): number {
  let bits = 0;
  for (let octet = 0; octet < 4; octet++) if ((mask >> octet) & 1) bits |= 0xff << (8 * octet);
  return bits;
}

function opcode(table: Readonly<Record<string, number>>, name: string): number {
  const code = table[name];
  assert(code !== undefined, `no opcode for ${name}`);
  return code;
}

function unsupported(what: string): InputError {
  return new InputError('npu-unsupported-instruction', `${what} is not executed by this NPU`);
}
