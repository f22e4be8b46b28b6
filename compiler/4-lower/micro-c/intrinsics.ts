import { assert } from '../../../base/assert.ts';
import { INTRINSICS, type Intrinsic, isArithmetic, sizeIndex } from '../../3-analyze/micro-c/intrinsics.ts';
import type { TypedExpression } from '../../3-analyze/micro-c/typed-tree.ts';
import { CRC_BYTES, type CrcOperator, type MemoryAddress, type MemoryCommand, type Operand } from '../../ir.ts';
import { constant, wideAddress } from '../../ir-builder.ts';
import { PAIR_ODD_OCTETS } from '../../library/vendor-headers.ts';
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
  if (intrinsic.command !== undefined) {
    return memoryCommand(lowering, call, intrinsic, intrinsic.command as MemoryCommand);
  }
  const crc = /^(crc_.*)_(be|le)$/.exec(call.name);
  const operand = (index: number): Operand =>
    lowering.wordOf(lowerValue(lowering, call.arguments[index] as TypedExpression));
  const csr = (): string => {
    const first = call.arguments[0];
    assert(first?.kind === 'string', 'the analysis names the register');
    return new TextDecoder().decode(first.octets);
  };
  if (crc !== null) {
    const data = operand(0);
    const bytes = CRC_BYTES[known(lowering, call, operand(1), CRC_BYTES.length - 1, 'which octets count')];
    assert(bytes !== undefined, 'within the list');
    b.at(call.position).crc(crc[1] as CrcOperator, crc[2] === 'le', bytes, data);
    return word(data);
  }
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
    case '__wait_for_all':
    case 'wait_for_all_single':
    case 'wait_for_any':
    case '__wait_for_any': {
      const signals = call.arguments.map((argument) => signalOf(lowering, argument).number);
      b.at(call.position).wait([...new Set(signals)], call.name.endsWith('any'));
      return NONE;
    }
    case 'signal_test': {
      const { number, second } = signalOf(lowering, call.arguments[0] as TypedExpression);
      return word(b.at(call.position).signalTest(number, second));
    }
    case '__cam_lookup': {
      const tag = operand(0);
      return word(b.at(call.position).camLookup(tag));
    }
    case 'cam_read_tag':
    case 'cam_read_state': {
      const entry = operand(0);
      return word(b.at(call.position).camRead(call.name === 'cam_read_tag' ? 'tag' : 'state', entry));
    }
    case 'cam_write':
    case 'cam_write_state': {
      const entry = operand(0);
      const tag = call.name === 'cam_write' ? operand(1) : undefined;
      const state = known(lowering, call, operand(tag === undefined ? 1 : 2), 15, 'the state');
      b.at(call.position).camWrite(entry, tag, state);
      return NONE;
    }
    case 'cam_clear':
      b.at(call.position).camClear();
      return NONE;
    case '__mem_ring_read_descriptor': {
      const pointer = lowerValue(lowering, call.arguments[0] as TypedExpression);
      assert(pointer.kind === 'pointer', 'the analysis wants a pointer');
      const number = operand(1);
      b.at(call.position).memory('ring_read_descriptor', memoryAddress(lowering, pointer.place), { count: number });
      return NONE;
    }
    case 'mem_ring_journal_fast': {
      const [number, queue, given] = [operand(0), operand(1), operand(2)];
      const address = wideAddress(b.at(call.position).binary('shr', queue, 24), given);
      b.memory('ring_journal_fast', address, { count: number });
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

/** A number that is part of the instruction. */
function known(lowering: Lowering, call: Call, operand: Operand, highest: number, what: string): number {
  if (operand.kind === 'constant' && operand.value <= highest) return operand.value;
  const text = `${call.name} needs to know ${what} when compiling: 0 to ${highest}`;
  lowering.error('lower-not-constant', call.position, text);
  return 0;
}

/** A command of a memory engine: `(registers, address, octets)`, `(address)`, or `(ring, queue, registers, octets)`. */
function memoryCommand(lowering: Lowering, call: Call, intrinsic: Intrinsic, command: MemoryCommand): Value {
  const { b } = lowering;
  const { unitOctets } = intrinsic;
  const isRing = intrinsic.arguments[0] === 'value';
  const hasRegisters = intrinsic.arguments[0] !== 'memory';
  const argument = (index: number): TypedExpression => call.arguments[index] as TypedExpression;
  const registers = hasRegisters ? transferArgument(lowering, argument(isRing ? 2 : 0)) : undefined;
  if (hasRegisters && registers === undefined) return NONE;
  const pointer = isRing ? undefined : lowerValue(lowering, argument(hasRegisters ? 1 : 0));
  const [number, queue] = isRing ? [0, 1].map((i) => lowering.wordOf(lowerValue(lowering, argument(i)))) : [];
  const size = hasRegisters ? call.arguments[sizeIndex(intrinsic)] : undefined;
  let count: Operand = constant(unitOctets === 8 ? 2 : 1);
  if (size !== undefined) {
    const octets = lowering.wordOf(lowerValue(lowering, size));
    // The engine counts octets for the 8-bit forms and words for the others.
    if (unitOctets === 1) count = octets;
    else
      count = octets.kind === 'constant' ? constant(octets.value >>> 2) : b.at(call.position).binary('shr', octets, 2);
  }
  if (isArithmetic(command) && !isCountOf(count, unitOctets)) {
    const text = `${call.name} needs to know its size when compiling: ${unitOctets} to ${4 * unitOctets} octets`;
    lowering.error('lower-not-constant', call.position, text);
    return NONE;
  }
  // Three bits of the length are theirs; what the analysis could not see, it did not refuse.
  if (/^atomic|set$|clr$|xor$|^swap$/.test(command) && count.kind === 'constant' && count.value > 8) {
    lowering.error('lower-out-of-bounds', call.position, `${call.name} moves 4 to 32 octets`);
    return NONE;
  }
  if (registers !== undefined && !fits(lowering, registers, count, unitOctets)) {
    lowering.error('lower-out-of-bounds', call.position, `${call.name} needs more registers than the object has`);
    return NONE;
  }
  const [sync, signal] = hasRegisters ? call.arguments.slice(sizeIndex(intrinsic) + 2) : [];
  const waitsLater = sync?.kind === 'constant' && sync.value !== 0n;
  const completion = waitsLater && signal !== undefined ? signalOf(lowering, signal).number : 'swap';
  b.at(call.position);
  let address: MemoryAddress;
  if (number !== undefined && queue !== undefined) address = wideAddress(b.binary('shr', queue, 24), number);
  else {
    assert(pointer?.kind === 'pointer', 'the analysis wants a pointer');
    address = memoryAddress(lowering, pointer.place);
  }
  if (registers === undefined) b.memory(command, address, { count });
  else {
    const first = registers.octets >> 2;
    b.memory(command, address, { group: registers.group, first, count, completion });
  }
  return NONE;
}

/** One to four operands. */
function isCountOf(count: Operand, unitOctets: number): boolean {
  if (count.kind !== 'constant') return false;
  const units = (count.value * 4) / unitOctets;
  return Number.isInteger(units) && units >= 1 && units <= 4;
}

/** By the function and the object that a `SIGNAL` is: its number among the signals of the function. */
const signalNumbers = new WeakMap<object, Map<string, number>>();

interface Signal {
  readonly number: number;
  /** The other signal of a pair, which says that a ring had too little. */
  readonly second: boolean;
}

/**
 * A signal given by address; it has to be known when compiling, as it is part of instructions. In a `SIGNAL_PAIR` the
 * odd one lies `PAIR_ODD_OCTETS` behind the even one, where no signal of an array can lie.
 */
function signalOf(lowering: Lowering, argument: TypedExpression): Signal {
  const numbers = signalNumbers.get(lowering.b.function) ?? new Map<string, number>();
  signalNumbers.set(lowering.b.function, numbers);
  const pointer = lowerValue(lowering, argument);
  const place = pointer.kind === 'pointer' ? pointer.place : undefined;
  const second = place?.kind === 'local' && (place.octets & 3) === (PAIR_ODD_OCTETS & 3);
  const key = place && objectKey(second ? { ...place, octets: place.octets - PAIR_ODD_OCTETS } : place);
  if (key === undefined) {
    const hint = 'give the address of a SIGNAL that is local to a function, and let functions with SIGNAL * be inlined';
    lowering.error('lower-unknown-signal', argument.position, 'the signal must be known when compiling', hint);
    return { number: 0, second: false };
  }
  const number = numbers.get(key) ?? numbers.size;
  numbers.set(key, number);
  return { number, second };
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
