import { commandOfCode } from '../isa/commands.ts';
import type { CommandAddress, CommandSource, ContextMode, Instruction, Operand } from '../isa/instruction.ts';
import { restrictedOperand } from '../isa/operands.ts';
import { bit, bits } from './decode-field.ts';
import { COMMAND_MODE, COMMAND_NO_SWAP } from './encode-command.ts';

/** The command that a word means, or undefined. */
export function decodeCommand(word: number, contexts: ContextMode): Instruction | undefined {
  const mode = bits(word, 42, 3);
  const pair = mode === COMMAND_MODE.immediatePair;
  const length = bits(word, 25, 3);
  const command = commandOfCode(bits(word, 32, 7), pair ? 0 : bits(word, 18, 2), length);
  const address = decodeAddress(word, mode, contexts);
  if (command === undefined || address === undefined) return undefined;
  const thirdParty = address.kind === 'third_party';
  const hasTransfer = !pair && !thirdParty && address.kind !== 'immediate_data';
  const swap = bits(word, 8, 2);
  const signal = pair ? 0 : bits(word, 28, 4);
  return {
    kind: 'command',
    target: command.target,
    command: command.name,
    xfer: hasTransfer ? transferField(word) : 0,
    address,
    count: pair ? 1 : length + 1,
    indirect: !thirdParty && bit(word, 41),
    completion: swap !== COMMAND_NO_SWAP ? 'swap' : signal === 0 ? 'none' : 'done',
    signal,
    defer: swap === COMMAND_NO_SWAP ? 0 : (swap as 0 | 1 | 2),
  };
}

function transferField(word: number): number {
  return bits(word, 40, 1) * 32 + bits(word, 20, 5);
}

function decodeAddress(word: number, mode: number, contexts: ContextMode): CommandAddress | undefined {
  const codeA = bits(word, 0, 8);
  const codeB = bits(word, 10, 8);
  const value = codeB * 256 + codeA;
  switch (mode) {
    case COMMAND_MODE.immediateAddress:
      return { kind: 'immediate', address: value };
    case COMMAND_MODE.immediateData:
      return { kind: 'immediate_data', data: transferField(word) * 0x10000 + value };
    case COMMAND_MODE.immediatePair: {
      const data = bits(word, 28, 4) * 1024 + bits(word, 25, 3) * 128 + bits(word, 20, 5) * 4 + bits(word, 18, 2);
      return { kind: 'immediate_pair', address: value, data };
    }
  }
  const a = asCommandSource(restrictedOperand(codeA, 'A', false, 0, contexts));
  const b = asCommandSource(restrictedOperand(codeB, 'B', false, 0, contexts));
  if (a === undefined || b === undefined) return undefined;
  switch (mode) {
    case COMMAND_MODE.sum:
      return { kind: 'sum', a, b };
    case COMMAND_MODE.shiftedBaseA:
      return { kind: 'shifted', base: a, offset: b };
    case COMMAND_MODE.shiftedBaseB:
      return { kind: 'shifted', base: b, offset: a };
    default: {
      const dataReference = (bit(word, 41) ? 64 : 0) + transferField(word);
      const baseInA = mode === COMMAND_MODE.thirdPartyBaseA;
      return { kind: 'third_party', dataReference, base: baseInA ? a : b, offset: baseInA ? b : a };
    }
  }
}

function asCommandSource(operand: Operand | undefined): CommandSource | undefined {
  return operand === undefined || operand.kind === 'none' ? undefined : operand;
}
