import { InputError } from '../../../base/errors.ts';
import type { CommandInstruction, ContextMode } from '../../isa/instruction.ts';
import { CONSTANTS, sourceCode } from '../registers.ts';
import { COMMAND_ATOMIC, COMMAND_RECEIVE, COMMAND_SEND } from './action.ts';
import { meaningOf } from './meaning.ts';
import type { CommandPlan } from './plan.ts';

/** @throws InputError `npu-unsupported-command` for what this NPU does not execute */
export function planCommand(instruction: CommandInstruction, contexts: ContextMode): CommandPlan {
  const { target, command, address } = instruction;
  const meaning = meaningOf(target, command, address.kind === 'shifted');
  if (meaning === undefined || (target !== 'mem' && target !== 'cls' && target !== 'ct')) {
    throw unsupported(`${target}[${command}]`);
  }
  if (meaning.needsOverride && !instruction.indirect) throw unsupported(`${target}[${command}] without indirect_ref`);
  const packet = meaning.action === COMMAND_RECEIVE || meaning.action === COMMAND_SEND;
  if (packet && (instruction.completion !== 'swap' || instruction.signal === 0)) {
    throw unsupported(`${target}[${command}] without ctx_swap on a signal`);
  }
  let a = CONSTANTS;
  let b = CONSTANTS;
  let offset = 0;
  let shifted = false;
  let { count } = instruction;
  if (address.kind === 'sum') {
    a = sourceCode(address.a, contexts);
    b = sourceCode(address.b, contexts);
  } else if (address.kind === 'shifted' && target !== 'ct') {
    a = sourceCode(address.base, contexts);
    b = sourceCode(address.offset, contexts);
    shifted = true;
  } else if (address.kind === 'immediate') offset = address.address;
  else if (address.kind === 'immediate_pair' && meaning.immediate) {
    // 16 bits of address and 14 of data, of which the length field has the upper ones (GNU nfp-dis.c).
    offset = address.address;
    count = 1;
  } else throw unsupported(`${target}[${command}] with ${address.kind} addressing`);
  const wide = target === 'mem' && meaning.action === COMMAND_ATOMIC && meaning.unit === 8;
  // Bit 2 of the length field says "64 bits wide" for the arithmetic atomics and counts in all others.
  const counted = wide || (target === 'mem' && meaning.immediate) ? ((count - 1) & 3) + 1 : count;
  return {
    ...meaning,
    memory: target,
    wideByLength: target === 'mem' && meaning.arithmetic,
    shifted,
    a,
    b,
    offset,
    xfer: instruction.xfer,
    count: meaning.immediate ? 1 : counted,
    operand: address.kind === 'immediate_pair' ? address.data : counted,
    indirect: instruction.indirect,
    swap: instruction.completion === 'swap',
    signal: instruction.completion === 'none' ? 0 : instruction.signal,
    defer: instruction.defer,
    name: `${target}[${command}]`,
  };
}

function unsupported(what: string): InputError {
  return new InputError('npu-unsupported-command', `${what} is not executed by this NPU`);
}
