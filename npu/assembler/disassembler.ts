import { unreachable } from '../../base/assert.ts';
import { INPUT_STATES } from '../isa/codes.ts';
import { csrText } from '../isa/csr.ts';
import {
  type CommandInstruction,
  INSTRUCTION_OCTETS,
  type Instruction,
  type Operand,
  type ResultFlags,
  type Shift,
} from '../isa/instruction.ts';

/** The text of an instruction, exactly as GNU objdump 2.40 prints it. Branch targets are `.577`. */
export function instructionText(instruction: Instruction): string {
  switch (instruction.kind) {
    case 'alu': {
      const { destination, a, operator, b } = instruction;
      return `alu[${join(destination, a)}, ${operator}, ${operandText(b)}]${resultText(instruction)}`;
    }
    case 'unary': {
      const { operator, destination, source } = instruction;
      const withoutDestination = operator === 'pop_count1' || operator === 'pop_count2';
      const operands = withoutDestination ? operandText(source) : join(destination, source);
      return `${operator}[${operands}]${resultText(instruction)}`;
    }
    case 'cam_clear':
      return `cam_clear${resultText(instruction)}`;
    case 'cam_lookup': {
      const { destination, source, localMemory } = instruction;
      const pointer = localMemory === undefined ? '' : `, lm_addr${localMemory.pointer}[${localMemory.offset}]`;
      return `cam_lookup[${join(destination, source)}]${pointer}${resultText(instruction)}`;
    }
    case 'cam_write': {
      const { entry, tag, state } = instruction;
      const text =
        tag.kind === 'none'
          ? `cam_write_state[${operandText(entry)}, ${state}]`
          : `cam_write[${join(entry, tag)}, ${state}]`;
      return text + resultText(instruction);
    }
    case 'crc': {
      const { operator, destination, source, bytes, bitSwap } = instruction;
      const name = instruction.littleEndian ? 'crc_le' : 'crc_be';
      const part = bytes === 'bytes_0_3' ? '' : `, ${bytes}`;
      const swap = bitSwap ? ', bit_swap' : '';
      return `${name}[${operator}, ${join(destination, source)}]${part}${swap}${resultText(instruction)}`;
    }
    case 'alu_shf': {
      const { destination, a, operator, b, shift } = instruction;
      const operands = `${join(destination, a)}, ${operator}, ${operandText(b)}, ${shiftText(shift)}`;
      return `alu_shf[${operands}]${resultText(instruction)}`;
    }
    case 'dbl_shf': {
      const { destination, a, b, amount } = instruction;
      return `dbl_shf[${join(destination, a, b)}, >>${amount}]${resultText(instruction)}`;
    }
    case 'asr': {
      const { destination, source, amount } = instruction;
      return `asr[${join(destination, source)}, >>${amount}]${resultText(instruction)}`;
    }
    case 'byte_align': {
      const { littleEndian, destination, source } = instruction;
      return `byte_align_${littleEndian ? 'le' : 'be'}[${join(destination, source)}]${resultText(instruction)}`;
    }
    case 'immed': {
      const { width, destination, value, shift } = instruction;
      const name = width === 'full' ? 'immed' : width === 'word' ? `immed_w${shift / 16}` : `immed_b${shift / 8}`;
      const shifted = width === 'full' && shift !== 0 ? `, <<${shift}` : '';
      return `${name}[${operandText(destination)}, ${hexadecimal(value)}${shifted}]${resultText(instruction)}`;
    }
    case 'ld_field': {
      const { clear, destination, mask, source, shift, loadConditionCodes } = instruction;
      const name = clear ? 'ld_field_w_clr' : 'ld_field';
      const operands = `${operandText(destination)}, ${mask.toString(2).padStart(4, '0')}, ${operandText(source)}`;
      const shifted = shift.kind === 'rotate' && shift.amount === 0 ? '' : `, ${shiftText(shift)}`;
      const load = loadConditionCodes ? ', load_cc' : '';
      return `${name}[${operands}${shifted}]${load}${resultText(instruction)}`;
    }
    case 'mul_step': {
      if (instruction.phase === 'start') {
        return `mul_step[${join(instruction.a, instruction.b)}], start${resultText(instruction)}`;
      }
      const step = `${instruction.size}_${instruction.phase}`;
      const operands =
        'destination' in instruction
          ? `${operandText(instruction.destination)}, --`
          : join(instruction.a, instruction.b);
      return `mul_step[${operands}], ${step}${resultText(instruction)}`;
    }
    case 'branch':
      return `${instruction.condition}[.${instruction.target}]${deferText(instruction.defer)}`;
    case 'br_context': {
      const { test, operand, target, defer } = instruction;
      return `${test}[${operand}, .${target}]${deferText(defer)}`;
    }
    case 'br_state': {
      const { test, state, target, defer } = instruction;
      const name = test.endsWith('inp_state') ? INPUT_STATES[state] : `cls_ring${state}_status`;
      return `${test}[${name}, .${target}]${deferText(defer)}`;
    }
    case 'br_bit': {
      const { set, source, bit, target, defer } = instruction;
      return `${set ? 'br_bset' : 'br_bclr'}[${operandText(source)}, ${bit}, .${target}]${deferText(defer)}`;
    }
    case 'br_byte': {
      const { equal, source, byte, value, target, defer } = instruction;
      const operands = `${operandText(source)}, ${byte}, ${hexadecimal(value)}, .${target}`;
      return `${equal ? 'br=byte' : 'br!=byte'}[${operands}]${deferText(defer)}`;
    }
    case 'jump': {
      const { source, base, defer } = instruction;
      const operands = base === 0 ? operandText(source) : `${operandText(source)}, .${base}`;
      return `${base === 0 ? 'rtn' : 'jump'}[${operands}]${deferText(defer)}`;
    }
    case 'ctx_arb': {
      const { wait, signals, any, resumeAt, defer } = instruction;
      const what = wait === 'signals' ? signals.map((signal) => `sig${signal}`).join(', ') : WAIT_TEXT[wait];
      const resume = resumeAt === undefined ? '' : `, br[.${resumeAt}]`;
      return `ctx_arb[${what}]${any ? ', any' : ''}${resume}${deferText(defer)}`;
    }
    case 'local_csr_rd':
      return `local_csr_rd[${csrText(instruction.csr)}]`;
    case 'local_csr_wr':
      return `local_csr_wr[${csrText(instruction.csr)}, ${operandText(instruction.source)}]`;
    case 'command':
      return commandText(instruction);
    case 'nop':
      return 'nop';
    default:
      return unreachable(instruction);
  }
}

const WAIT_TEXT = { voluntary: 'voluntary', kill: 'kill', none: '--', breakpoint: 'bpt' } as const;

/**
 * A program's lines as `objdump -dz --no-show-raw-insn` prints those of a text section: octet address in hexadecimal,
 * tab, instruction number with a dot, text.
 */
export function disassemblyLines(instructions: readonly Instruction[]): string[] {
  // objdump leaves out leading zeros by fours, as long as one more follows, judged by the address past the end.
  const endDigits = (instructions.length * INSTRUCTION_OCTETS).toString(16).length;
  const addressWidth = endDigits < 4 ? 4 : 8;
  const numberWidth = instructions.length.toString().length + 1;
  return instructions.map((instruction, i) => {
    const address = (i * INSTRUCTION_OCTETS).toString(16).padStart(addressWidth);
    return `${address}:\t${`.${i}`.padStart(numberWidth)}  ${instructionText(instruction)}`;
  });
}

/** The text of an operand. */
export function operandText(operand: Operand): string {
  switch (operand.kind) {
    case 'gpr':
      return `gpr${operand.bank}_${operand.index}`;
    case 'absolute_gpr':
      return `@gpr${operand.bank}_${operand.index}`;
    case 'xfer':
      return `$xfer_${operand.index}`;
    case 'indexed_xfer':
      return `*$index${stepText(operand.step)}`;
    case 'neighbour':
      return `n$reg_${operand.index}`;
    case 'indexed_neighbour':
      return `*n$index${stepText(operand.step)}`;
    case 'local_memory': {
      const offset = operand.offset === 0 ? '' : `[${operand.offset}]`;
      return `*l$index${operand.pointer}${operand.step === 0 ? offset : stepText(operand.step)}`;
    }
    case 'immediate':
      return hexadecimal(operand.value);
    case 'none':
      return '--';
    default:
      return unreachable(operand);
  }
}

function join(...operands: readonly Operand[]): string {
  return operands.map(operandText).join(', ');
}

function stepText(step: -1 | 0 | 1): string {
  return step === 1 ? '++' : step === -1 ? '--' : '';
}

function hexadecimal(value: number): string {
  return `0x${value.toString(16)}`;
}

function shiftText(shift: Shift | { readonly kind: 'double'; readonly amount: number }): string {
  switch (shift.kind) {
    case 'rotate':
      return `>>rot${shift.amount}`;
    case 'double':
      return `>>dbl${shift.amount}`;
    case 'left':
      return `<<${shift.amount}`;
    case 'right':
      return `>>${shift.amount}`;
    default:
      return unreachable(shift);
  }
}

function resultText(flags: Partial<ResultFlags>): string {
  return (
    (flags.keepConditionCodes === true ? ', no_cc' : '') +
    (flags.writeBoth === true ? ', gpr_wrboth' : '') +
    (flags.predicate === true ? ', predicate_cc' : '')
  );
}

function deferText(defer: number): string {
  return defer === 0 ? '' : `, defer[${defer}]`;
}

function commandText(instruction: CommandInstruction): string {
  const { target, command, xfer, address, count, indirect, completion, signal, defer } = instruction;
  const signalText = signal === 0 ? '--' : `sig${signal}`;
  const waits =
    completion === 'swap'
      ? `, ctx_swap[${signalText}]${deferText(defer)}`
      : completion === 'done'
        ? `, sig_done[${signalText}]`
        : '';
  return `${target}[${command}, ${addressText()}]${indirect ? ', indirect_ref' : ''}${waits}`;

  function addressText(): string {
    switch (address.kind) {
      case 'sum':
        return `$xfer_${xfer}, ${join(address.a, address.b)}, ${count}`;
      case 'shifted':
        return `$xfer_${xfer}, ${operandText(address.base)}, <<8, ${operandText(address.offset)}, ${count}`;
      case 'third_party': {
        const { dataReference, base, offset } = address;
        return `${hexadecimal(dataReference)}, ${operandText(base)}, <<8, ${operandText(offset)}, ${count}`;
      }
      case 'immediate':
        return `$xfer_${xfer}, ${hexadecimal(address.address)}, ${count}`;
      case 'immediate_data':
        return `${hexadecimal(address.data)}, --, ${count}`;
      case 'immediate_pair':
        return `${hexadecimal(address.address)}, ${hexadecimal(address.data)}`;
      default:
        return unreachable(address);
    }
  }
}
