import { assert } from '../../../base/assert.ts';
import type { TypedExpression, TypedFunction, TypedStatement, Variable } from '../../3-analyze/micro-c/typed-tree.ts';
import type { Operand, Register } from '../../ir.ts';
import { load, store } from './access.ts';
import { lowerStatement, lowerValue } from './evaluate.ts';
import { type Body, isTwoWords, type Lowering } from './lowering.ts';
import { NONE, type Value } from './value.ts';

type Call = Extract<TypedExpression, { kind: 'call' }>;

/** More than this many functions inlined into one another are taken for a mistake of the program's. */
const MAX_INLINE_DEPTH = 48;

/**
 * A call puts the function's body here: the NIC has no stack, and what is known at the call (addresses in local
 * memory, transfer registers, constants) stays known inside. `__noinline` functions are called.
 */
export function lowerCall(lowering: Lowering, call: Call): Value {
  const { function: called, position } = call;
  const values = call.arguments.map((argument) => lowering.frozen(lowerValue(lowering, argument)));
  lowering.b.at(position);
  if (called.body === undefined) return NONE;
  if (called.inline === 'noinline') return realCall(lowering, call, values);
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
  if (body.kind === 'block' && last?.kind === 'return' && countReturns(body) === 1) {
    lowering.body = inner({ block: '', result: undefined });
    for (const item of body.items.slice(0, -1)) lowerStatement(lowering, item);
    lowering.ensureOpen();
    return last.value === undefined ? NONE : lowering.frozen(lowerValue(lowering, last.value));
  }
  const exit = b.blockName(`${called.name}.end`);
  const result = type.kind === 'void' ? undefined : lowering.newRegisters(type, `${called.name}.result`);
  lowering.body = inner({ block: exit, result });
  lowerStatement(lowering, body);
  if (b.isOpen()) b.jump(exit);
  b.startBlock(exit);
  return result === undefined ? NONE : load(lowering, result, type, undefined, called.position);
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

function realCall(lowering: Lowering, call: Call, values: readonly Value[]): Value {
  const { shared, b } = lowering;
  const { function: called, position } = call;
  let name = shared.called.get(called);
  if (name === undefined) {
    name = called.name;
    for (let copy = 2; shared.module.functions.has(name); copy++) name = `${called.name}.${copy}`;
    shared.called.set(called, name);
    shared.pending.push(called);
  }
  const operands: Operand[] = [];
  values.forEach((value, index) => {
    const type = called.type.parameters[index]?.type;
    if (type === undefined) return;
    if (value.kind === 'pointer' && value.place.kind === 'transfer') {
      const hint = 'let the function be inlined';
      lowering.error(
        'lower-transfer-argument',
        position,
        'transfer registers cannot be passed to a called function',
        hint,
      );
      return;
    }
    const { low, high } = lowering.pairOf(value);
    operands.push(...(isTwoWords(type) ? [low, high] : [low]));
  });
  const { type } = called.type.result;
  if (type.kind === 'void') {
    b.call(name, operands);
    return NONE;
  }
  const result = lowering.newRegisters(type, `${called.name}.result`);
  assert(result.kind === 'register', 'results are in registers');
  const results: Register[] = result.high === undefined ? [result.low] : [result.low, result.high];
  b.call(name, operands, results);
  return load(lowering, result, type, undefined, position);
}
