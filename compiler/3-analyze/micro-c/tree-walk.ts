import type { TypedExpression, TypedStatement } from './typed-tree.ts';

/** Expressions directly within one, in the order of evaluation here. */
export function childrenOf(expression: TypedExpression): readonly TypedExpression[] {
  switch (expression.kind) {
    case 'constant':
    case 'string':
    case 'variable':
      return [];
    case 'dereference':
      return [expression.pointer];
    case 'field':
    case 'address':
      return [expression.object];
    case 'decay':
      return [expression.array];
    case 'negate':
    case 'complement':
    case 'not':
    case 'convert':
      return [expression.operand];
    case 'arithmetic':
    case 'compare':
    case 'logical':
    case 'comma':
    case 'pointer-difference':
      return [expression.left, expression.right];
    case 'pointer-add':
      return [expression.pointer, expression.index];
    case 'conditional':
      return [expression.condition, expression.then, expression.otherwise];
    case 'assign':
    case 'update':
      return [expression.target, expression.value];
    case 'pointer-update':
      return [expression.target, expression.index];
    case 'call':
    case 'intrinsic':
      return expression.arguments;
    case 'call-pointer':
      return [expression.pointer, ...expression.arguments];
    case 'compound-literal':
      return expression.made.initial.map(({ value }) => value);
  }
}

/** Every expression of a statement and of the statements in it, outer ones first. */
export function* expressionsWithin(statement: TypedStatement): Generator<TypedExpression> {
  for (const each of statementsWithin(statement)) {
    for (const expression of expressionsOf(each)) yield* withInner(expression);
  }
}

function* withInner(expression: TypedExpression): Generator<TypedExpression> {
  const pending = [expression];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    yield next;
    pending.push(...childrenOf(next));
  }
}

/** A statement and those in it. */
export function* statementsWithin(statement: TypedStatement): Generator<TypedStatement> {
  yield statement;
  switch (statement.kind) {
    case 'block':
      for (const item of statement.items) yield* statementsWithin(item);
      return;
    case 'if':
      yield* statementsWithin(statement.then);
      if (statement.otherwise !== undefined) yield* statementsWithin(statement.otherwise);
      return;
    case 'loop':
      for (const first of statement.initial) yield* statementsWithin(first);
      yield* statementsWithin(statement.body);
      return;
    case 'switch':
    case 'case':
    case 'label':
      yield* statementsWithin(statement.body);
      return;
    default:
  }
}

/** The expressions that stand in a statement itself. */
function expressionsOf(statement: TypedStatement): readonly TypedExpression[] {
  switch (statement.kind) {
    case 'expression':
      return [statement.expression];
    case 'local':
      return statement.initial.map(({ value }) => value);
    case 'if':
      return [statement.condition];
    case 'loop':
      return [statement.condition, statement.step].filter((each) => each !== undefined);
    case 'switch':
      return [statement.value];
    case 'return':
      return statement.value === undefined ? [] : [statement.value];
    default:
      return [];
  }
}
