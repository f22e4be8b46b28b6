import { assert } from '../../../base/assert.ts';
import type { SourcePosition } from '../../../base/errors.ts';
import type { TypedExpression, TypedFunction, TypedStatement, Variable } from '../../3-analyze/micro-c/typed-tree.ts';
import type { RecordType } from '../../3-analyze/micro-c/types.ts';
import type { Operand } from '../../ir.ts';
import { load, store } from './access.ts';
import { isInPacked } from './bits.ts';
import { wordsInRegisters } from './call-plan.ts';
import { copyObject, isWordAligned, objectWords } from './copy-objects.ts';
import { lowerStatement, lowerValue } from './evaluate.ts';
import { type Body, isTwoWords, type Lowering } from './lowering.ts';
import { NONE, type Place, type Value } from './value.ts';
import { storeWords } from './words-in-place.ts';

type Call = Extract<TypedExpression, { kind: 'call' }>;

/** More than this many functions inlined into one another are taken for a mistake of the program's. */
const MAX_INLINE_DEPTH = 48;

/**
 * A call puts the function's body here: the NIC has no stack, and what is known at the call (addresses in local
 * memory, transfer registers, constants) stays known inside. `__noinline` functions are called, and those that would
 * make too much code (`call-plan.ts`).
 */
export function lowerCall(lowering: Lowering, call: Call): Value {
  const { function: called, position } = call;
  return callWith(lowering, called, lowerArguments(lowering, call.arguments), position);
}

export function lowerArguments(lowering: Lowering, expressions: readonly TypedExpression[]): Value[] {
  return expressions.map((argument) => {
    const value = lowering.frozen(lowerValue(lowering, argument));
    return argument.type.kind === 'record' ? ownCopy(lowering, value, argument) : value;
  });
}

/** A structure's value, which an argument that is computed later must not change. */
function ownCopy(lowering: Lowering, value: Value, argument: TypedExpression): Value {
  const { kind, type, position } = argument;
  if (kind === 'call' || kind === 'call-pointer' || kind === 'conditional' || type.kind !== 'record') return value;
  const place = lowering.temporary(type.octets, position);
  const aligned = isWordAligned(type) && !isInPacked(argument);
  copyObject(lowering, lowering.placeIn(value), place, type.octets, aligned, position);
  return { kind: 'pointer', place };
}

/** @param values of the arguments; they do not change when other code runs */
export function callWith(
  lowering: Lowering,
  called: TypedFunction,
  values: readonly Value[],
  position: SourcePosition,
): Value {
  lowering.b.at(position);
  if (called.body === undefined) return NONE;
  if (called.inline === 'noinline' || lowering.shared.outOfLine.has(called)) {
    return realCall(lowering, called, values, position);
  }
  if (lowering.depth >= MAX_INLINE_DEPTH) {
    lowering.error('lower-too-deep', position, `calls are nested more than ${MAX_INLINE_DEPTH} deep`);
    return NONE;
  }
  lowering.depth++;
  const outer = lowering.body;
  forgetLocals(lowering, called);
  for (const [index, parameter] of called.parameters.entries())
    bindParameter(lowering, parameter, values[index] ?? NONE);
  const result = inlineBody(lowering, called, called.body);
  lowering.body = outer;
  lowering.depth--;
  return result;
}

/** Each inlining has variables of its own. */
function forgetLocals(lowering: Lowering, called: TypedFunction): void {
  for (const parameter of called.parameters) lowering.unbind(parameter);
}

function bindParameter(lowering: Lowering, parameter: Variable, value: Value): void {
  if (parameter.memory === 'gpr' && parameter.assignments === 0) {
    lowering.bind(parameter, value);
    return;
  }
  // A structure's value is a copy of the call's own (`ownCopy`): the parameter takes it over.
  if (value.kind === 'pointer' && parameter.type.type.kind === 'record' && lowering.adopt(parameter, value.place))
    return;
  const place = lowering.placeOf(parameter, parameter.position);
  store(lowering, place, parameter.type.type, value, undefined, parameter.position);
}

function inlineBody(lowering: Lowering, called: TypedFunction, body: TypedStatement): Value {
  const { b } = lowering;
  const { type } = called.type.result;
  const last = body.kind === 'block' ? body.items.at(-1) : undefined;
  const inner = (exit: Body['exit']): Body => ({
    function: called,
    exit,
    labels: new Map(),
    breakTo: undefined,
    continueTo: undefined,
    cases: new Map(),
  });
  // One return, at the end: its value stays symbolic, so that an accessor function costs nothing.
  if (body.kind === 'block' && last?.kind === 'return' && countReturns(body) === 1 && type.kind !== 'record') {
    lowering.body = inner({ block: '', result: undefined });
    for (const item of body.items.slice(0, -1)) lowerStatement(lowering, item);
    lowering.ensureOpen();
    return last.value === undefined ? NONE : lowering.frozen(lowerValue(lowering, last.value));
  }
  const exit = b.blockName(`${called.name}.end`);
  const result = resultPlace(lowering, called);
  lowering.body = inner({ block: exit, result });
  lowerStatement(lowering, body);
  if (b.isOpen()) b.jump(exit);
  b.startBlock(exit);
  if (result === undefined) return NONE;
  if (type.kind === 'record') return { kind: 'pointer', place: result };
  return load(lowering, result, type, undefined, called.position);
}

function resultPlace(lowering: Lowering, called: TypedFunction): Place | undefined {
  const { type } = called.type.result;
  if (type.kind === 'void') return undefined;
  if (type.kind === 'record') return lowering.temporary(type.octets, called.position);
  return lowering.newRegisters(type, `${called.name}.result`);
}

function countReturns(statement: TypedStatement): number {
  switch (statement.kind) {
    case 'return':
      return 1;
    case 'block':
      return statement.items.reduce((sum, item) => sum + countReturns(item), 0);
    case 'if':
      return countReturns(statement.then) + (statement.otherwise === undefined ? 0 : countReturns(statement.otherwise));
    case 'loop':
    case 'switch':
    case 'case':
    case 'label':
      return countReturns(statement.body);
    default:
      return 0;
  }
}

function realCall(
  lowering: Lowering,
  called: TypedFunction,
  values: readonly Value[],
  position: SourcePosition,
): Value {
  const { shared, b } = lowering;
  let name = shared.called.get(called);
  if (name === undefined) {
    name = called.name;
    for (let copy = 2; shared.module.functions.has(name) || isTaken(shared.called, name); copy++) {
      name = `${called.name}.${copy}`;
    }
    shared.called.set(called, name);
    shared.pending.push(called);
  }
  const operands: Operand[] = [];
  for (const [index, value] of values.entries()) {
    const parameter = called.parameters[index];
    if (parameter === undefined) continue;
    operands.push(...argumentWords(lowering, value, parameter, position));
  }
  const { type } = called.type.result;
  const count = wordsInRegisters(type);
  const results = Array.from({ length: count }, (_, i) => b.register(`${called.name}.result.${i}`));
  b.call(name, operands, results);
  if (type.kind === 'void') return NONE;
  if (type.kind === 'record') {
    const place = lowering.temporary(type.octets, position);
    if (count > 0) storeWords(lowering, place, results, position);
    else {
      const left = lowering.placeOf(largeResult(lowering, called), position);
      copyObject(lowering, left, place, type.octets, isWordAligned(type), position);
    }
    return { kind: 'pointer', place };
  }
  const [low, high] = results;
  assert(low !== undefined, 'a value has a word');
  return load(lowering, { kind: 'register', low, high }, type, undefined, position);
}

function isTaken(called: ReadonlyMap<TypedFunction, string>, name: string): boolean {
  for (const other of called.values()) if (other === name) return true;
  return false;
}

/** What goes into registers; a large structure goes where the function has its parameter. */
function argumentWords(lowering: Lowering, value: Value, parameter: Variable, position: SourcePosition): Operand[] {
  const { type } = parameter.type;
  if (value.kind === 'pointer' && value.place.kind === 'transfer') {
    const hint = 'let the function be inlined';
    const text = 'transfer registers cannot be passed to a called function';
    lowering.error('lower-transfer-argument', position, text, hint);
    return [];
  }
  if (type.kind === 'record') {
    const from = lowering.placeIn(value);
    const aligned = isWordAligned(type);
    if (wordsInRegisters(type) > 0) return objectWords(lowering, from, type.octets, aligned, position);
    copyObject(lowering, from, lowering.placeOf(parameter, position), type.octets, aligned, position);
    return [];
  }
  const { low, high } = lowering.pairOf(value);
  return isTwoWords(type) ? [low, high] : [low];
}

/** Ends a called function with a structure as its value. */
export function returnRecord(lowering: Lowering, place: Place, type: RecordType, position: SourcePosition): void {
  const { b, body } = lowering;
  const aligned = isWordAligned(type);
  if (wordsInRegisters(type) > 0) {
    b.return(objectWords(lowering, place, type.octets, aligned, position));
    return;
  }
  copyObject(
    lowering,
    place,
    lowering.placeOf(largeResult(lowering, body.function), position),
    type.octets,
    aligned,
    position,
  );
  b.return([]);
}

/** The object through which a called function hands a large structure back: there is no recursion, so one will do. */
function largeResult(lowering: Lowering, called: TypedFunction): Variable {
  const { results } = lowering.shared;
  const known = results.get(called);
  if (known !== undefined) return known;
  const created: Variable = {
    name: `${called.name}.result`,
    position: called.position,
    declarator: { position: called.position, name: undefined, derivations: [] },
    type: called.type.result,
    memory: 'mem',
    storage: 'local',
    align: 8,
    initial: undefined,
    addresses: [],
    owner: called.owner,
    exported: false,
    uses: 0,
    assignments: 0,
    indexed: false,
  };
  results.set(called, created);
  return created;
}
