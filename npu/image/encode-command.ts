import { assert, unreachable } from '../../base/assert.ts';
import { findCommand, TARGET_CODE } from '../isa/commands.ts';
import type { CommandInstruction, CommandSource, ContextMode } from '../isa/instruction.ts';
import { placeSources, restrictedCode } from '../isa/operands.ts';
import { field, flag } from './encode-field.ts';

/** How the address of a command is made: 3 bits. */
export const COMMAND_MODE = {
  shiftedBaseA: 0,
  shiftedBaseB: 1,
  thirdPartyBaseA: 2,
  thirdPartyBaseB: 3,
  sum: 4,
  immediateAddress: 5,
  immediatePair: 6,
  immediateData: 7,
} as const;

/** In the field that otherwise counts the deferred instructions of a context swap. */
export const COMMAND_NO_SWAP = 3;

/** The word of a command to a memory or another unit. */
export function encodeCommand(instruction: CommandInstruction, contexts: ContextMode): number {
  const command = findCommand(instruction.target, instruction.command);
  assert(command !== undefined, `no command ${instruction.target}[${instruction.command}]: verify before encoding`);
  const length = instruction.count - 1;
  const { address } = instruction;
  if (address.kind !== 'immediate_pair') {
    assert((length & command.lengthMask) === command.lengthBits, `count ${instruction.count} names another command`);
  }
  const swap = instruction.completion === 'swap' ? instruction.defer : COMMAND_NO_SWAP;
  const common = field(swap, 8, 2) + field(TARGET_CODE[command.target] + command.action, 32, 7);
  if (address.kind === 'immediate_pair') {
    // The 14 bits of data lie where token, transfer register, length and signal are otherwise.
    return (
      common +
      addressValue(address.address) +
      field(address.data & 3, 18, 2) +
      field((address.data >> 2) & 0x1f, 20, 5) +
      field((address.data >> 7) & 7, 25, 3) +
      field(address.data >> 10, 28, 4) +
      flag(instruction.indirect, 41) +
      field(COMMAND_MODE.immediatePair, 42, 3)
    );
  }
  const rest = common + field(command.token, 18, 2) + field(length, 25, 3) + field(instruction.signal, 28, 4);
  switch (address.kind) {
    case 'sum':
      return (
        rest +
        sources(address.a, address.b, contexts) +
        xferField(instruction.xfer) +
        flag(instruction.indirect, 41) +
        field(COMMAND_MODE.sum, 42, 3)
      );
    case 'shifted': {
      const { a, b, swapped } = placeSources(address.base, address.offset);
      const mode = swapped ? COMMAND_MODE.shiftedBaseB : COMMAND_MODE.shiftedBaseA;
      return (
        rest +
        restrictedPairOf(a, b, contexts) +
        xferField(instruction.xfer) +
        flag(instruction.indirect, 41) +
        field(mode, 42, 3)
      );
    }
    case 'third_party': {
      const { a, b, swapped } = placeSources(address.base, address.offset);
      const mode = swapped ? COMMAND_MODE.thirdPartyBaseB : COMMAND_MODE.thirdPartyBaseA;
      return (
        rest +
        restrictedPairOf(a, b, contexts) +
        xferField(address.dataReference & 0x3f) +
        field(address.dataReference >> 6, 41, 1) +
        field(mode, 42, 3)
      );
    }
    case 'immediate':
      return (
        rest +
        addressValue(address.address) +
        xferField(instruction.xfer) +
        flag(instruction.indirect, 41) +
        field(COMMAND_MODE.immediateAddress, 42, 3)
      );
    case 'immediate_data':
      return (
        rest +
        addressValue(address.data & 0xffff) +
        xferField(address.data >> 16) +
        flag(instruction.indirect, 41) +
        field(COMMAND_MODE.immediateData, 42, 3)
      );
    default:
      return unreachable(address);
  }
}

function xferField(register: number): number {
  return field(register & 0x1f, 20, 5) + field(register >> 5, 40, 1);
}

/** 16 bits over both source fields. */
function addressValue(value: number): number {
  return field(value & 0xff, 0, 8) + field(value >> 8, 10, 8);
}

function sources(a: CommandSource, b: CommandSource, contexts: ContextMode): number {
  const placed = placeSources(a, b);
  assert(!placed.swapped, 'the first address operand comes from bank A: verify before encoding');
  return restrictedPairOf(placed.a, placed.b, contexts);
}

function restrictedPairOf(
  a: Parameters<typeof restrictedCode>[0],
  b: Parameters<typeof restrictedCode>[0],
  contexts: ContextMode,
): number {
  return field(restrictedCode(a, 'source', contexts), 0, 8) + field(restrictedCode(b, 'source', contexts), 10, 8);
}
