import { findCommandByAlternative } from '../isa/commands.ts';
import type { CommandAddress, CommandInstruction, CommandTarget } from '../isa/instruction.ts';
import type { Modifiers } from './modifiers.ts';
import { parseNumber, parseSource, parseTransferRegister } from './operands.ts';
import { LineError, type Piece } from './scan.ts';

/** `mem[read32, $xfer_0, gprA_1, <<8, gprB_2, 8], ctx_swap[sig1]` and the like. Throws `LineError`. */
export function parseCommand(
  target: CommandTarget,
  pieces: readonly Piece[],
  modifiers: Modifiers,
): CommandInstruction {
  const name = pieces[0];
  if (name === undefined) throw new LineError('asm-operand-count', `${target} needs a command`, 1);
  const command = findCommandByAlternative(target, name.text);
  if (command === undefined) {
    throw new LineError('asm-command', `${target} has no command "${name.text}"`, name.column);
  }
  const { address, xfer, count } = parseAddress(name, pieces.slice(1));
  const indirect = modifiers.flag('indirect_ref');
  const swapSignal = modifiers.signal('ctx_swap');
  const doneSignal = modifiers.signal('sig_done');
  if (swapSignal !== undefined && doneSignal !== undefined) {
    throw new LineError('asm-modifier', 'ctx_swap and sig_done exclude each other', name.column);
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

interface ParsedAddress {
  readonly address: CommandAddress;
  readonly xfer: number;
  readonly count: number;
}

/** The operands after the command tell the address form apart by their number and kinds. */
function parseAddress(name: Piece, pieces: readonly Piece[]): ParsedAddress {
  const first = pieces[0];
  const transfer = first?.text.startsWith('$') === true;
  const shifted = pieces[2]?.text === '<<8';
  if (pieces.length === 5 && shifted) {
    const [data, base, , offset, count] = pieces as [Piece, Piece, Piece, Piece, Piece];
    const parts = { base: parseSource(base), offset: parseSource(offset) };
    const address: CommandAddress = transfer
      ? { kind: 'shifted', ...parts }
      : { kind: 'third_party', dataReference: parseNumber(data, '$xfer_n or a data reference'), ...parts };
    return { address, xfer: transfer ? parseTransferRegister(data) : 0, count: parseNumber(count, 'a count') };
  }
  if (pieces.length === 4 && transfer) {
    const [data, a, b, count] = pieces as [Piece, Piece, Piece, Piece];
    const address: CommandAddress = { kind: 'sum', a: parseSource(a), b: parseSource(b) };
    return { address, xfer: parseTransferRegister(data), count: parseNumber(count, 'a count') };
  }
  if (pieces.length === 3 && transfer) {
    const [data, value, count] = pieces as [Piece, Piece, Piece];
    const address: CommandAddress = { kind: 'immediate', address: parseNumber(value, 'an address') };
    return { address, xfer: parseTransferRegister(data), count: parseNumber(count, 'a count') };
  }
  if (pieces.length === 3 && pieces[1]?.text === '--') {
    const [data, , count] = pieces as [Piece, Piece, Piece];
    const address: CommandAddress = { kind: 'immediate_data', data: parseNumber(data, 'data') };
    return { address, xfer: 0, count: parseNumber(count, 'a count') };
  }
  if (pieces.length === 2) {
    const [value, data] = pieces as [Piece, Piece];
    const address: CommandAddress = {
      kind: 'immediate_pair',
      address: parseNumber(value, 'an address'),
      data: parseNumber(data, 'data'),
    };
    return { address, xfer: 0, count: 1 };
  }
  throw new LineError(
    'asm-operand-count',
    `${name.text}: expected "$xfer_n, a, b, count" or "$xfer_n, a, <<8, b, count"`,
    name.column,
  );
}
