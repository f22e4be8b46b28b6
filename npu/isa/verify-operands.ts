import type { ContextMode, Operand } from './instruction.ts';
import { bankOf, registersPerContext } from './operands.ts';

/** A rule of the instruction set that an instruction breaks. Codes are stable. */
export interface InstructionProblem {
  readonly code:
    | 'npu-register-range'
    | 'npu-same-bank'
    | 'npu-same-kind'
    | 'npu-operand-kind'
    | 'npu-immediate-range'
    | 'npu-shift-range'
    | 'npu-count-range'
    | 'npu-transfer-range'
    | 'npu-unknown-command'
    | 'npu-signal-range'
    | 'npu-csr-range'
    | 'npu-branch-range'
    | 'npu-write-both'
    | 'npu-form'
    | 'npu-defer'
    | 'npu-falls-off-end'
    | 'npu-program-size';
  readonly message: string;
  /** Which part of the instruction breaks the rule; undefined where it is the whole. */
  readonly place?: ProblemPlace | undefined;
}

/** An operand, as the object that the instruction holds, or one of its numbers. */
export type ProblemPlace = Operand | NumberPlace;
export type NumberPlace =
  | 'address'
  | 'bit'
  | 'byte'
  | 'count'
  | 'csr'
  | 'data'
  | 'defer'
  | 'mask'
  | 'operand'
  | 'shift'
  | 'signal'
  | 'state'
  | 'target'
  | 'value'
  | 'xfer';

export type Report = (code: InstructionProblem['code'], message: string, place?: ProblemPlace) => void;

/** How an instruction codes its operands: see `operands.ts`. */
export type OperandForm = 'unrestricted' | 'restricted';

/** Register numbers, immediates and local-memory offsets that fit the form. */
export function checkOperand(
  operand: Operand,
  form: OperandForm,
  contexts: ContextMode,
  immediateLimit: number,
  report: Report,
): void {
  const registers = registersPerContext(contexts);
  switch (operand.kind) {
    case 'gpr':
      checkInteger(operand.index, 0, registers - 1, `gpr${operand.bank}`, 'npu-register-range', report, operand);
      break;
    case 'absolute_gpr':
      if (form === 'restricted')
        report('npu-operand-kind', 'an absolute register does not fit this instruction', operand);
      checkInteger(operand.index, 0, 127, `@gpr${operand.bank}`, 'npu-register-range', report, operand);
      break;
    case 'xfer':
      checkInteger(operand.index, 0, 2 * registers - 1, '$xfer', 'npu-register-range', report, operand);
      break;
    case 'neighbour':
      if (form === 'restricted')
        report('npu-operand-kind', 'a next-neighbour register does not fit this instruction', operand);
      checkInteger(operand.index, 0, registers - 1, 'n$reg', 'npu-register-range', report, operand);
      break;
    case 'local_memory': {
      const limit = form === 'restricted' ? 7 : 15;
      checkInteger(operand.offset, 0, limit, 'local-memory offset', 'npu-register-range', report, operand);
      checkInteger(operand.pointer, 0, 3, 'local-memory pointer', 'npu-register-range', report, operand);
      if (operand.step !== 0 && form === 'restricted') {
        report('npu-operand-kind', 'this instruction has no post-increment of local memory', operand);
      }
      if (operand.step !== 0 && operand.offset !== 0) report('npu-form', 'post-increment takes no offset', operand);
      break;
    }
    case 'immediate':
      checkInteger(operand.value, 0, immediateLimit, 'immediate', 'npu-immediate-range', report, operand);
      break;
    case 'indexed_xfer':
    case 'indexed_neighbour':
    case 'none':
      break;
  }
}

/** Local memory through pointers 2 and 3 takes a bit that not every word has. */
export function checkPointer(operand: Operand, what: string, report: Report): void {
  if (operand.kind === 'local_memory' && operand.pointer > 1) {
    report('npu-operand-kind', `${what} reads local memory through pointers 0 and 1 only`, operand);
  }
}

/**
 * The two sources of an instruction come from two ports: not two GPRs of one bank, nor two of the same other kind.
 * Source: Linux `nfp_asm.c` (`swreg_to_unrestricted`, `swreg_to_restricted`).
 */
export function checkSources(left: Operand, right: Operand, report: Report): void {
  const leftBank = bankOf(left);
  if (leftBank !== undefined && leftBank === bankOf(right)) {
    report('npu-same-bank', `both sources are in bank ${leftBank}`, right);
  } else if (leftBank === undefined && left.kind !== 'none' && portOf(left) === portOf(right)) {
    report('npu-same-kind', `both sources are ${KIND_NAME[portOf(left)]}`, right);
  }
}

type Port = 'gpr' | 'xfer' | 'neighbour' | 'local_memory' | 'immediate' | 'none';

const KIND_NAME: Record<Port, string> = {
  gpr: 'registers',
  xfer: 'transfer registers',
  neighbour: 'next-neighbour registers',
  local_memory: 'local memory',
  immediate: 'immediates',
  none: 'absent',
};

function portOf(operand: Operand): Port {
  switch (operand.kind) {
    case 'absolute_gpr':
      return 'gpr';
    case 'indexed_xfer':
      return 'xfer';
    case 'indexed_neighbour':
      return 'neighbour';
    default:
      return operand.kind;
  }
}

export function checkInteger(
  value: number,
  lowest: number,
  highest: number,
  what: string,
  code: InstructionProblem['code'],
  report: Report,
  place?: ProblemPlace,
): void {
  if (!Number.isInteger(value) || value < lowest || value > highest) {
    report(code, `${what} ${value} is outside ${lowest}..${highest}`, place);
  }
}
