import type { SourcePosition } from '../../../base/errors.ts';
import type { CompoundStatement, Declaration, Statement, StaticAssertion } from '../../2-parse/micro-c/tree.ts';
import { convertTo } from './conversions.ts';
import { localDeclaration } from './declarations.ts';
import { analyzeCondition, analyzeConstant, analyzeExpression, analyzeValue, staticAssertion } from './evaluate.ts';
import type { Analysis } from './scopes.ts';
import type { SwitchCase, TypedExpression, TypedStatement } from './typed-tree.ts';
import { describeType, isInteger, promote, type Type } from './types.ts';
import { convertInteger, isPoison, poison, wrap } from './values.ts';

/** What a statement inside a function body stands in. */
export interface BodyContext {
  readonly result: Type;
  readonly labels: Map<string, SourcePosition>;
  readonly gotos: { readonly label: string; readonly position: SourcePosition }[];
  readonly inLoop: boolean;
  readonly inSwitch: { readonly cases: SwitchCase[]; readonly type: Type } | undefined;
}

/** 6.8.2; the parameters of a function share the scope of its outermost block, so the caller opens it. */
export function block(analysis: Analysis, statement: CompoundStatement, context: BodyContext): TypedStatement {
  const items = statement.items.flatMap((item) => blockItem(analysis, item, context));
  return { kind: 'block', position: statement.position, items };
}

function blockItem(
  analysis: Analysis,
  item: Statement | Declaration | StaticAssertion,
  context: BodyContext,
): TypedStatement[] {
  if (item.kind === 'declaration') return localDeclaration(analysis, item);
  if (item.kind === 'static-assertion') {
    staticAssertion(analysis, item);
    return [];
  }
  return [analyzeStatement(analysis, item, context)];
}

export function analyzeStatement(analysis: Analysis, statement: Statement, context: BodyContext): TypedStatement {
  const { position } = statement;
  switch (statement.kind) {
    case 'compound':
      return analysis.inScope(() => block(analysis, statement, context));
    case 'expression':
      return expressionStatement(analysis, statement);
    case 'if': {
      const condition = analyzeCondition(analysis, statement.condition);
      warnAssignment(analysis, statement.condition);
      const then = analyzeStatement(analysis, statement.then, context);
      const otherwise = statement.otherwise && analyzeStatement(analysis, statement.otherwise, context);
      return { kind: 'if', position, condition, then, otherwise };
    }
    case 'while':
    case 'do': {
      const condition = analyzeCondition(analysis, statement.condition);
      const body = analyzeStatement(analysis, statement.body, { ...context, inLoop: true });
      return {
        kind: 'loop',
        position,
        initial: [],
        condition,
        testAfter: statement.kind === 'do',
        step: undefined,
        body,
      };
    }
    case 'for':
      return analysis.inScope(() => forStatement(analysis, statement, context));
    case 'switch':
      return switchStatement(analysis, statement, context);
    case 'case':
    case 'default':
      return caseStatement(analysis, statement, context);
    case 'goto':
      context.gotos.push({ label: statement.label, position });
      return { kind: 'goto', position, label: statement.label };
    case 'label':
      if (context.labels.has(statement.label)) {
        analysis.diagnostics.error('name-redefined', position, `label ${statement.label} stands twice`);
      }
      context.labels.set(statement.label, position);
      return {
        kind: 'label',
        position,
        label: statement.label,
        body: analyzeStatement(analysis, statement.body, context),
      };
    case 'break':
      if (!context.inLoop && context.inSwitch === undefined) {
        analysis.diagnostics.error('statement-misplaced', position, 'break outside of a loop or switch');
      }
      return { kind: 'break', position };
    case 'continue':
      if (!context.inLoop) analysis.diagnostics.error('statement-misplaced', position, 'continue outside of a loop');
      return { kind: 'continue', position };
    case 'return':
      return returnStatement(analysis, statement, context);
  }
}

function expressionStatement(
  analysis: Analysis,
  statement: Extract<Statement, { kind: 'expression' }>,
): TypedStatement {
  const { position } = statement;
  if (statement.expression === undefined) return { kind: 'block', position, items: [] };
  const expression = analyzeExpression(analysis, statement.expression);
  const pointless = ['compare', 'arithmetic', 'variable', 'field', 'dereference', 'negate', 'complement'];
  if (pointless.includes(expression.kind) && expression.qualifiers?.volatile !== true) {
    analysis.diagnostics.warning('statement-without-effect', position, 'this statement has no effect');
  }
  return { kind: 'expression', position, expression };
}

function warnAssignment(analysis: Analysis, condition: Extract<Statement, { kind: 'if' }>['condition']): void {
  if (condition.kind !== 'assign' || condition.operator !== undefined) return;
  analysis.diagnostics.warning(
    'assignment-as-condition',
    condition.position,
    'assignment used as a condition',
    '== was meant?',
  );
}

/** 6.8.5.3 */
function forStatement(
  analysis: Analysis,
  statement: Extract<Statement, { kind: 'for' }>,
  context: BodyContext,
): TypedStatement {
  const { position, initial, condition, step, body } = statement;
  let first: TypedStatement[] = [];
  if (initial?.kind === 'declaration') first = localDeclaration(analysis, initial);
  else if (initial !== undefined) {
    first = [{ kind: 'expression', position: initial.position, expression: analyzeExpression(analysis, initial) }];
  }
  return {
    kind: 'loop',
    position,
    initial: first,
    condition: condition && analyzeCondition(analysis, condition),
    testAfter: false,
    step: step && analyzeExpression(analysis, step),
    body: analyzeStatement(analysis, body, { ...context, inLoop: true }),
  };
}

/** 6.8.4.2 */
function switchStatement(
  analysis: Analysis,
  statement: Extract<Statement, { kind: 'switch' }>,
  context: BodyContext,
): TypedStatement {
  let value: TypedExpression = analyzeValue(analysis, statement.value);
  if (isInteger(value.type)) value = convertInteger(value, promote(value.type));
  else {
    const text = `switch needs an integer, not ${describeType(value.type)}`;
    analysis.diagnostics.error('type-not-integer', statement.value.position, text);
    value = poison(statement.value.position);
  }
  const cases: SwitchCase[] = [];
  const body = analyzeStatement(analysis, statement.body, { ...context, inSwitch: { cases, type: value.type } });
  return { kind: 'switch', position: statement.position, value, body, cases };
}

function caseStatement(
  analysis: Analysis,
  statement: Extract<Statement, { kind: 'case' | 'default' }>,
  context: BodyContext,
): TypedStatement {
  const { position } = statement;
  let value: bigint | undefined;
  let last: bigint | undefined;
  if (statement.kind === 'case') {
    const type = context.inSwitch?.type;
    const wrapped = (found: bigint) => (type?.kind === 'integer' ? wrap(found, type) : found);
    value = wrapped(analyzeConstant(analysis, statement.value, 'value of a case') ?? 0n);
    last = value;
    if (statement.to !== undefined) {
      last = wrapped(analyzeConstant(analysis, statement.to, 'value of a case') ?? 0n);
      if (last < value) {
        analysis.diagnostics.error('statement-empty-range', position, `no value from ${value} to ${last}`);
        last = value;
      }
    }
  }
  const found: SwitchCase = { value, last, position };
  if (context.inSwitch === undefined) {
    analysis.diagnostics.error('statement-misplaced', position, `${statement.kind} outside of a switch`);
  } else if (context.inSwitch.cases.some((other) => overlap(other, found))) {
    const text = value === undefined ? 'second default in a switch' : `second case ${value} in a switch`;
    analysis.diagnostics.error('statement-duplicate-case', position, text);
  } else {
    context.inSwitch.cases.push(found);
  }
  return { kind: 'case', position, case: found, body: analyzeStatement(analysis, statement.body, context) };
}

function overlap(a: SwitchCase, b: SwitchCase): boolean {
  if (a.value === undefined || b.value === undefined) return a.value === b.value;
  return a.value <= (b.last ?? b.value) && b.value <= (a.last ?? a.value);
}

/** 6.8.6.4 */
function returnStatement(
  analysis: Analysis,
  statement: Extract<Statement, { kind: 'return' }>,
  context: BodyContext,
): TypedStatement {
  const { position } = statement;
  if (context.result.kind === 'void') {
    if (statement.value === undefined) return { kind: 'return', position, value: undefined };
    const given = analyzeValue(analysis, statement.value);
    if (given.type.kind !== 'void' && !isPoison(given)) {
      analysis.diagnostics.error('type-bad-return', position, 'a void function returns no value');
    }
    return { kind: 'return', position, value: given.type.kind === 'void' ? given : undefined };
  }
  if (statement.value === undefined) {
    const text = `a value of ${describeType(context.result)} must be returned`;
    analysis.diagnostics.error('type-bad-return', position, text);
    return { kind: 'return', position, value: undefined };
  }
  const given = analyzeValue(analysis, statement.value);
  const value = convertTo(analysis, given, context.result, statement.value.position, 'return');
  return { kind: 'return', position, value };
}
