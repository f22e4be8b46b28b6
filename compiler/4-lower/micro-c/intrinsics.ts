import { assert } from '../../../base/assert.ts';
import { INTRINSICS } from '../../3-analyze/micro-c/intrinsics.ts';
import type { TypedExpression } from '../../3-analyze/micro-c/typed-tree.ts';
import type { MemoryCommand, Operand } from '../../ir.ts';
import { constant } from '../../ir-builder.ts';
import { lowerValue } from './evaluate.ts';
import type { Lowering } from './lowering.ts';
import { memoryAddress } from './pointers.ts';
import { NONE, type Place, type TransferPlace, type Value, word } from './value.ts';

type Call = Extract<TypedExpression, { kind: 'intrinsic' }>;

/** A function that the compiler knows: one operation of the NIC. */
export function lowerIntrinsic(lowering: Lowering, call: Call): Value {
  const { b } = lowering;
  const intrinsic = INTRINSICS.get(call.name);
  assert(intrinsic !== undefined, `intrinsic ${call.name}`);
  if (intrinsic.command !== undefined) return memoryCommand(lowering, call, intrinsic.command, intrinsic.unitOctets);
  const operand = (index: number): Operand =>
    lowering.wordOf(lowerValue(lowering, call.arguments[index] as TypedExpression));
  const csr = (): string => {
    const first = call.arguments[0];
    assert(first?.kind === 'string', 'the analysis names the register');
    return new TextDecoder().decode(first.octets);
  };
  switch (call.name) {
    case 'ctx_swap':
      b.at(call.position).yield();
      return NONE;
    case 'halt':
      b.at(call.position).halt();
      return NONE;
    case 'ctx':
      return word(b.at(call.position).contextNumber());
    case 'local_csr_read':
      return word(b.at(call.position).csrRead(csr()));
    case 'local_csr_write': {
      const source = operand(1);
      b.at(call.position).csrWrite(csr(), source);
      return NONE;
    }
    case 'ffs': {
      const source = operand(0);
      return word(b.at(call.position).ffs(source));
    }
    case 'mul_high': {
      const [left, right] = [operand(0), operand(1)];
      return word(b.at(call.position).binary('mulhigh', left, right));
    }
    case 'dbl_shf': {
      const [high, low, amount] = [operand(0), operand(1), operand(2)];
      return word(b.at(call.position).funnel(high, low, amount));
    }
    case 'wait_for_all':
    case '__wait_for_all': {
      const signals = call.arguments.map((argument) => signalOf(lowering, argument));
      b.at(call.position).wait([...new Set(signals)]);
      return NONE;
    }
    case 'packet_receive':
    case 'packet_send': {
      const place = transferArgument(lowering, call.arguments[0] as TypedExpression);
      if (place === undefined) return NONE;
      if (call.name === 'packet_receive') b.at(call.position).receive(place.group);
      else b.at(call.position).send(place.group);
      return NONE;
    }
    default:
      assert(false, `intrinsic ${call.name} has no operation`);
  }
}

/** A command of a memory engine: `(registers, address, octets)`, `(registers, address)` or `(address)`. */
function memoryCommand(lowering: Lowering, call: Call, command: string, unitOctets: number): Value {
  const { b } = lowering;
  const hasRegisters = INTRINSICS.get(call.name)?.arguments[0] !== 'memory';
  const registers = hasRegisters ? transferArgument(lowering, call.arguments[0] as TypedExpression) : undefined;
  if (hasRegisters && registers === undefined) return NONE;
  const pointer = lowerValue(lowering, call.arguments[hasRegisters ? 1 : 0] as TypedExpression);
  assert(pointer.kind === 'pointer', 'the analysis wants a pointer');
  const size = call.arguments[2];
  let count: Operand = constant(1);
  if (size !== undefined) {
    const octets = lowering.wordOf(lowerValue(lowering, size));
    // The engine counts octets for the 8-bit forms and words for the others.
    if (unitOctets === 1) count = octets;
    else
      count = octets.kind === 'constant' ? constant(octets.value >>> 2) : b.at(call.position).binary('shr', octets, 2);
  }
  if (registers !== undefined && !fits(lowering, registers, count, unitOctets)) {
    lowering.error('lower-out-of-bounds', call.position, `${call.name} needs more registers than the object has`);
    return NONE;
  }
  const [sync, signal] = call.arguments.slice(hasRegisters ? 4 : 3);
  const waitsLater = sync?.kind === 'constant' && sync.value !== 0n;
  const completion = waitsLater && signal !== undefined ? signalOf(lowering, signal) : 'swap';
  b.at(call.position);
  const address = memoryAddress(lowering, pointer.place);
  if (registers === undefined) b.memory(command as MemoryCommand, address);
  else {
    const first = registers.octets >> 2;
    b.memory(command as MemoryCommand, address, { group: registers.group, first, count, completion });
  }
  return NONE;
}

/** By the function and the object that a `SIGNAL` is: its number among the signals of the function. */
const signalNumbers = new WeakMap<object, Map<string, number>>();

/** The number of a signal given by address; it has to be known when compiling, as it is part of instructions. */
function signalOf(lowering: Lowering, argument: TypedExpression): number {
  const numbers = signalNumbers.get(lowering.b.function) ?? new Map<string, number>();
  signalNumbers.set(lowering.b.function, numbers);
  const pointer = lowerValue(lowering, argument);
  const key = pointer.kind === 'pointer' ? objectKey(pointer.place) : undefined;
  if (key === undefined) {
    const hint = 'give the address of a SIGNAL that is local to a function';
    lowering.error('lower-unknown-signal', argument.position, 'the signal must be known when compiling', hint);
    return 0;
  }
  const number = numbers.get(key) ?? numbers.size;
  numbers.set(key, number);
  return number;
}

function fits(lowering: Lowering, registers: TransferPlace, count: Operand, unitOctets: number): boolean {
  const words = lowering.b.function.groups[registers.group]?.words ?? 0;
  const first = registers.octets >> 2;
  if (count.kind !== 'constant') return first < words;
  return first + (unitOctets === 1 ? Math.ceil(count.value / 4) : count.value) <= words;
}

function transferArgument(lowering: Lowering, argument: TypedExpression): TransferPlace | undefined {
  const pointer = lowerValue(lowering, argument);
  if (pointer.kind !== 'pointer' || pointer.place.kind !== 'transfer') {
    const hint = 'give the array itself, or the address of one of its words';
    lowering.error('lower-unknown-registers', argument.position, 'the registers must be known when compiling', hint);
    return undefined;
  }
  if (pointer.place.words !== undefined || (pointer.place.octets & 3) !== 0) {
    lowering.error('lower-unknown-registers', argument.position, 'the registers must be known when compiling');
    return undefined;
  }
  return pointer.place;
}

/** Which object a place is, wherever it lies; undefined when that is only known at run time. */
function objectKey(place: Place): string | undefined {
  if (place.kind === 'local') {
    const isKnown = place.local !== undefined && place.words === undefined && place.base === undefined;
    return isKnown ? `local ${place.local} ${place.octets}` : undefined;
  }
  return place.kind === 'object' && place.base === undefined ? `${place.object} ${place.octets}` : undefined;
}
