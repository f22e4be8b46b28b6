import { COMMANDS, type CommandCode, findCommandByAlternative, findCommandOfFirmware } from '../isa/commands.ts';
import type { CommandAddress, CommandInstruction, CommandTarget } from '../isa/instruction.ts';
import { LineError, type Piece } from './line-error.ts';
import { parseTransferRegister } from './operands.ts';
import { nearest } from './spelling.ts';
import type { StatementReader } from './statement-reader.ts';

/** `mem[read32, $xfer_0, gprA_1, <<8, gprB_2, 8], ctx_swap[sig1]` and the like. Throws `LineError`. */
export function parseCommand(reader: StatementReader): CommandInstruction {
  const target = reader.name as CommandTarget;
  const { modifiers } = reader;
  const [name, ...pieces] = reader.take(...FORMS) as [Piece, ...Piece[]];
  const command = findCommandByAlternative(target, name.text) ?? findCommandOfFirmware(target, name.text);
  if (command === undefined) {
    const names = COMMANDS.filter((other) => other.target === target).map((other) => other.name);
    throw new LineError(
      'asm-command',
      `${target} has no command "${name.text}"`,
      name.column,
      nearest(name.text, names),
    );
  }
  const { address, xfer, count } = parseAddress(reader, name, pieces, command);
  const indirect = modifiers.flag('indirect_ref');
  const swapSignal = modifiers.signal('ctx_swap');
  const doneSignal = modifiers.signal('sig_done');
  if (swapSignal !== undefined && doneSignal !== undefined) {
    const hint = 'ctx_swap waits for the signal, sig_done does not: keep one';
    throw new LineError('asm-modifier', 'ctx_swap and sig_done exclude each other', name.column, hint);
  }
  return {
    kind: 'command',
    target,
    command: command.name,
    xfer,
    address,
    count,
    indirect,
    completion: swapSignal !== undefined ? 'swap' : doneSignal !== undefined ? 'done' : 'none',
    signal: swapSignal ?? doneSignal ?? 0,
    defer: modifiers.defer() as 0 | 1 | 2,
  };
}

/** Mnemonics of commands take one of these, told apart by the number and the kinds of their operands. */
const FORMS = [
  'command, $xfer, a, <<8, b, count',
  'command, $xfer, a, b, count',
  'command, --, a, <<8, b',
  'command, --, a, b',
  'command, $xfer, address, count',
  'command, address, data',
];

interface ParsedAddress {
  readonly address: CommandAddress;
  readonly xfer: number;
  readonly count: number;
}

function parseAddress(
  reader: StatementReader,
  name: Piece,
  pieces: readonly Piece[],
  command: CommandCode,
): ParsedAddress {
  const transferRegister = (piece: Piece): number => {
    reader.mark('xfer', piece);
    return piece.text === '--' ? 0 : parseTransferRegister(piece);
  };
  const first = pieces[0];
  // `--` is how firmware writes commands without data; objdump prints $xfer_0.
  const none = first?.text === '--';
  const transfer = none || first?.text.startsWith('$') === true;
  const shifted = pieces[2]?.text === '<<8';
  const least = command.lengthBits + 1;
  if (pieces.length === 4 && shifted && transfer) {
    const [data, base, , offset] = pieces as [Piece, Piece, Piece, Piece];
    const address: CommandAddress = { kind: 'shifted', base: reader.source(base), offset: reader.source(offset) };
    return { address, xfer: transferRegister(data), count: least };
  }
  if (pieces.length === 3 && none) {
    const [, a, b] = pieces as [Piece, Piece, Piece];
    const address: CommandAddress = { kind: 'sum', a: reader.source(a), b: reader.source(b) };
    return { address, xfer: 0, count: least };
  }
  if (pieces.length === 5 && shifted) {
    const [data, base, , offset, count] = pieces as [Piece, Piece, Piece, Piece, Piece];
    const parts = { base: reader.source(base), offset: reader.source(offset) };
    const address: CommandAddress = transfer
      ? { kind: 'shifted', ...parts }
      : { kind: 'third_party', dataReference: reader.number(data, 'data', '$xfer_n or a data reference'), ...parts };
    return { address, xfer: transfer ? transferRegister(data) : 0, count: reader.number(count, 'count', 'a count') };
  }
  if (pieces.length === 4 && transfer) {
    const [data, a, b, count] = pieces as [Piece, Piece, Piece, Piece];
    const address: CommandAddress = { kind: 'sum', a: reader.source(a), b: reader.source(b) };
    return { address, xfer: transferRegister(data), count: reader.number(count, 'count', 'a count') };
  }
  if (pieces.length === 3 && transfer) {
    const [data, value, count] = pieces as [Piece, Piece, Piece];
    const address: CommandAddress = { kind: 'immediate', address: reader.number(value, 'address', 'an address') };
    return { address, xfer: transferRegister(data), count: reader.number(count, 'count', 'a count') };
  }
  if (pieces.length === 3 && pieces[1]?.text === '--') {
    const [data, , count] = pieces as [Piece, Piece, Piece];
    const address: CommandAddress = { kind: 'immediate_data', data: reader.number(data, 'data', 'data') };
    return { address, xfer: 0, count: reader.number(count, 'count', 'a count') };
  }
  if (pieces.length === 2) {
    const [value, data] = pieces as [Piece, Piece];
    const address: CommandAddress = {
      kind: 'immediate_pair',
      address: reader.number(value, 'address', 'an address'),
      data: reader.number(data, 'data', 'data'),
    };
    return { address, xfer: 0, count: 1 };
  }
  const expected = FORMS.map((form) => `${reader.name}[${form}]`).join(' or ');
  throw new LineError('asm-operand', `the operands of ${name.text} have no form of a command`, name.column, expected);
}
