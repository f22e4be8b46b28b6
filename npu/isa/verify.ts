import { CSR_ADDRESS_LIMIT, CSR_ADDRESS_RESERVED } from './csr.ts';
import {
  BRANCH_SPACE,
  type ContextMode,
  type Instruction,
  type LoadFieldInstruction,
  type Operand,
  type ResultFlags,
  type Shift,
} from './instruction.ts';
import { verifyCommand } from './verify-command.ts';
import {
  checkInteger,
  checkOperand,
  checkPointer,
  checkSources,
  type InstructionProblem,
  type OperandForm,
  type Report,
} from './verify-operands.ts';

/** What one instruction breaks, by itself. Empty: `encodeInstruction` takes it. */
export function verifyInstruction(instruction: Instruction, contexts: ContextMode = 8): InstructionProblem[] {
  const problems: InstructionProblem[] = [];
  const report: Report = (code, message, place) => problems.push({ code, message, place });
  const check = (form: OperandForm, operand: Operand, immediateLimit = 0xff): void =>
    checkOperand(operand, form, contexts, immediateLimit, report);

  switch (instruction.kind) {
    case 'alu':
      check('unrestricted', instruction.destination);
      check('unrestricted', instruction.a);
      check('unrestricted', instruction.b);
      checkFirstOperand(instruction.operator, instruction.a, report);
      checkSources(instruction.a, instruction.b, report);
      break;
    case 'unary': {
      const withoutDestination = instruction.operator === 'pop_count1' || instruction.operator === 'pop_count2';
      if (withoutDestination && instruction.destination.kind !== 'none') {
        report('npu-form', `${instruction.operator} has no destination`);
      }
      check('unrestricted', instruction.destination);
      check('unrestricted', instruction.source);
      break;
    }
    case 'cam_lookup':
      check('unrestricted', instruction.destination);
      check('unrestricted', instruction.source);
      break;
    case 'cam_write':
      check('unrestricted', instruction.entry);
      check('unrestricted', instruction.tag);
      checkInteger(instruction.state, 0, 15, 'CAM state', 'npu-immediate-range', report, 'state');
      checkSources(instruction.tag, instruction.entry, report);
      break;
    case 'cam_clear':
    case 'nop':
      break;
    case 'crc':
      check('unrestricted', instruction.destination);
      check('unrestricted', instruction.source);
      break;
    case 'alu_shf':
      check('restricted', instruction.destination);
      check('restricted', instruction.a);
      check('restricted', instruction.b);
      checkFirstOperand(instruction.operator, instruction.a, report);
      checkSources(instruction.a, instruction.b, report);
      checkShift(instruction.shift, report);
      break;
    case 'dbl_shf':
      check('restricted', instruction.destination);
      check('restricted', instruction.a);
      check('restricted', instruction.b);
      checkSources(instruction.a, instruction.b, report);
      checkAmount(instruction.amount, report);
      break;
    case 'asr':
      check('restricted', instruction.destination);
      check('restricted', instruction.source);
      checkAmount(instruction.amount, report);
      break;
    case 'byte_align':
      check('restricted', instruction.destination);
      check('restricted', instruction.source);
      checkPointer(instruction.source, 'byte_align', report);
      break;
    case 'immed':
      check('unrestricted', instruction.destination);
      checkImmed(instruction.width, instruction.value, instruction.shift, report);
      if (instruction.destination.kind === 'none' && [0, 0xffffffff].includes(instruction.value)) {
        report('npu-form', 'an immed of 0 without destination has the word of nop');
      }
      break;
    case 'ld_field':
      check('restricted', instruction.destination);
      check('restricted', instruction.source);
      checkInteger(instruction.mask, 0, 15, 'octet mask', 'npu-immediate-range', report, 'mask');
      checkSources(instruction.destination, instruction.source, report);
      checkShift(instruction.shift, report);
      break;
    case 'mul_step':
      if ('destination' in instruction) {
        check('unrestricted', instruction.destination);
      } else {
        check('unrestricted', instruction.a);
        check('unrestricted', instruction.b);
        checkSources(instruction.a, instruction.b, report);
      }
      break;
    case 'branch':
      checkBranch(instruction, report);
      break;
    case 'br_context': {
      const isContext = instruction.test.endsWith('ctx');
      const limit = isContext ? 7 : 15;
      checkInteger(
        instruction.operand,
        0,
        limit,
        isContext ? 'context' : 'signal',
        'npu-signal-range',
        report,
        'operand',
      );
      checkBranch(instruction, report);
      break;
    }
    case 'br_state':
      checkInteger(instruction.state, 0, 15, 'state', 'npu-immediate-range', report, 'state');
      checkBranch(instruction, report);
      break;
    case 'br_bit':
      check('restricted', instruction.source);
      checkInteger(instruction.bit, 0, 31, 'bit', 'npu-immediate-range', report, 'bit');
      checkBranch(instruction, report);
      break;
    case 'br_byte':
      check('restricted', instruction.source);
      checkInteger(instruction.byte, 0, 3, 'byte', 'npu-immediate-range', report, 'byte');
      checkInteger(instruction.value, 0, 255, 'byte value', 'npu-immediate-range', report, 'value');
      checkBranch(instruction, report);
      break;
    case 'jump':
      check('unrestricted', instruction.source);
      checkBranch({ target: instruction.base, defer: instruction.defer }, report);
      break;
    case 'ctx_arb': {
      const { wait, signals, any, resumeAt, defer } = instruction;
      for (const signal of signals) checkInteger(signal, 1, 15, 'signal', 'npu-signal-range', report);
      if (signals.some((signal, i) => i > 0 && signal <= signals[i - 1]!)) {
        report('npu-form', 'signals are listed once each, in ascending order');
      }
      if ((wait === 'signals') !== signals.length > 0)
        report('npu-form', 'ctx_arb waits for signals or for something else');
      if (any && wait === 'kill') report('npu-form', 'nothing wakes a context that ctx_arb[kill] ended: no "any"');
      checkBranch({ target: resumeAt ?? 0, defer }, report);
      break;
    }
    case 'local_csr_rd':
      checkCsr(instruction.csr, report);
      break;
    case 'local_csr_wr':
      checkCsr(instruction.csr, report);
      check('unrestricted', instruction.source);
      break;
    case 'command':
      verifyCommand(instruction, contexts, report);
      break;
  }
  if ('writeBoth' in instruction && instruction.writeBoth) checkWriteBoth(instruction, report);
  return problems;
}

function checkFirstOperand(operator: string, a: Operand, report: Report): void {
  const unary = operator === 'B' || operator === '~B';
  if (unary !== (a.kind === 'none')) {
    report('npu-form', unary ? `${operator} takes -- as first operand` : `${operator} takes two operands`, a);
  }
}

function checkShift(shift: Shift | LoadFieldInstruction['shift'], report: Report): void {
  if (shift.kind === 'rotate' || shift.kind === 'double') {
    checkInteger(shift.amount, 0, 31, 'rotation', 'npu-shift-range', report, 'shift');
  } else {
    checkAmount(shift.amount, report);
  }
}

function checkAmount(amount: number | 'indirect', report: Report): void {
  if (amount !== 'indirect') checkInteger(amount, 1, 31, 'shift', 'npu-shift-range', report, 'shift');
}

function checkImmed(width: 'full' | 'word' | 'byte', value: number, shift: number, report: Report): void {
  const limit = width === 'byte' ? 0xff : 0xffff;
  const inverted = width === 'full' && value >= 0xffff0000 && value <= 0xffffffff && Number.isInteger(value);
  if (!inverted) {
    const range = width === 'full' ? 'immediate (or 0xffff0000 and above)' : 'immediate';
    checkInteger(value, 0, limit, range, 'npu-immediate-range', report, 'value');
  }
  const shifts = width === 'full' ? [0, 8, 16, 24] : width === 'word' ? [0, 16] : [0, 8, 16, 24];
  if (!shifts.includes(shift)) report('npu-shift-range', `shift ${shift} is not one of ${shifts.join(', ')}`, 'shift');
}

function checkBranch(branch: { readonly target: number; readonly defer: number }, report: Report): void {
  checkInteger(branch.target, 0, BRANCH_SPACE - 1, 'branch target', 'npu-branch-range', report, 'target');
  checkInteger(branch.defer, 0, 3, 'defer', 'npu-defer', report, 'defer');
}

function checkCsr(csr: number, report: Report): void {
  checkInteger(csr / 4, 0, CSR_ADDRESS_LIMIT / 4 - 1, 'CSR word', 'npu-csr-range', report, 'csr');
  if (csr === CSR_ADDRESS_RESERVED) report('npu-csr-range', 'the code store is not reached through local_csr', 'csr');
}

function checkWriteBoth(instruction: Partial<ResultFlags> & object, report: Report): void {
  const destination = 'destination' in instruction ? (instruction.destination as Operand) : undefined;
  if (destination?.kind !== 'gpr' && destination?.kind !== 'absolute_gpr') {
    report('npu-write-both', 'gpr_wrboth needs a general-purpose register as destination', destination);
  }
}
