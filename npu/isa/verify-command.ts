import { commandData } from './command-data.ts';
import { findCommand } from './commands.ts';
import type { CommandInstruction, ContextMode } from './instruction.ts';
import { bankOf, registersPerContext } from './operands.ts';
import { checkInteger, checkOperand, checkPointer, checkSources, type Report } from './verify-operands.ts';

/** Highest immediate in a command's address: 7 bits. */
const ADDRESS_IMMEDIATE_LIMIT = 0x7f;

/** The rules of `mem[...]`, `cls[...]` and the other commands. */
export function verifyCommand(instruction: CommandInstruction, contexts: ContextMode, report: Report): void {
  const { address, count, completion, signal, defer, xfer } = instruction;
  const command = findCommand(instruction.target, instruction.command);
  if (command === undefined) {
    report('npu-unknown-command', `${instruction.target} has no command ${instruction.command}`);
  }
  const pair = address.kind === 'immediate_pair';
  checkInteger(count, 1, 8, 'count', 'npu-count-range', report, 'count');
  // An immediate pair has its data where the length is otherwise.
  const length = address.kind === 'immediate_pair' ? (address.data >> 7) & 7 : count - 1;
  if (command !== undefined && (length & command.lengthMask) !== command.lengthBits) {
    const free = [1, 2, 3, 4, 5, 6, 7, 8].filter((n) => ((n - 1) & command.lengthMask) === command.lengthBits);
    report('npu-count-range', `${instruction.command} takes a count of ${free.join(', ')}, not ${length + 1}`, 'count');
  }
  checkInteger(signal, 0, 15, 'signal', 'npu-signal-range', report, 'signal');
  checkInteger(defer, 0, completion === 'swap' ? 2 : 0, 'defer', 'npu-defer', report, 'defer');
  if ((completion === 'done' && signal === 0) || (completion === 'none' && signal !== 0)) {
    report('npu-form', 'sig_done names a signal; without it there is none');
  }

  switch (address.kind) {
    case 'sum':
    case 'shifted':
    case 'third_party': {
      const [first, second] = address.kind === 'sum' ? [address.a, address.b] : [address.base, address.offset];
      for (const operand of [first, second]) {
        checkOperand(operand, 'restricted', contexts, ADDRESS_IMMEDIATE_LIMIT, report);
        checkPointer(operand, 'a command', report);
      }
      checkSources(first, second, report);
      if (address.kind === 'sum' && (bankOf(first) === 'B' || (bankOf(second) === 'A' && bankOf(first) !== 'A'))) {
        const rule = 'of two addresses that are added the first comes from bank A, the second from bank B';
        report('npu-operand-kind', rule, bankOf(first) === 'B' ? first : second);
      }
      if (address.kind === 'third_party') {
        checkInteger(address.dataReference, 0, 0x7f, 'data reference', 'npu-immediate-range', report, 'data');
        if (instruction.indirect) report('npu-form', 'a third-party command has no indirect_ref');
      }
      break;
    }
    case 'immediate':
      checkInteger(address.address, 0, 0xffff, 'address', 'npu-immediate-range', report, 'address');
      break;
    case 'immediate_data':
      checkInteger(address.data, 0, 0x3fffff, 'data', 'npu-immediate-range', report, 'data');
      break;
    case 'immediate_pair':
      checkInteger(address.address, 0, 0xffff, 'address', 'npu-immediate-range', report, 'address');
      checkInteger(address.data, 0, 0x3fff, 'data', 'npu-immediate-range', report, 'data');
      if (command !== undefined && command.token !== 0) {
        report('npu-form', `${instruction.command} cannot carry immediate address and data`);
      }
      if (count !== 1 || signal !== 0) report('npu-form', 'an immediate pair has neither count nor signal');
      break;
  }

  const hasTransfer = !pair && address.kind !== 'immediate_data' && address.kind !== 'third_party';
  if (!hasTransfer) {
    if (xfer !== 0) report('npu-form', 'this address form has no transfer register');
    return;
  }
  const registers = 2 * registersPerContext(contexts);
  checkInteger(xfer, 0, registers - 1, '$xfer', 'npu-register-range', report, 'xfer');
  const data = commandData(instruction.target, instruction.command, count);
  if (data !== undefined && !instruction.indirect) {
    const last = xfer + Math.max(data.inWords, data.outWords) - 1;
    if (last >= registers)
      report('npu-transfer-range', `the data ends in $xfer_${last}; the last is $xfer_${registers - 1}`, 'xfer');
  }
}
