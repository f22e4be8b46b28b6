import { formatPosition } from '../../../base/errors.ts';
import type { FunctionDefinition } from '../../2-parse/micro-c/tree.ts';
import { bindVariable, declareFunction, newVariable } from './declarations.ts';
import { declaredType, specifiedType } from './declared-types.ts';
import type { Analysis } from './scopes.ts';
import { type BodyContext, block } from './statements.ts';
import type { TypedStatement } from './typed-tree.ts';
import { describeType, type FunctionType, type QualifiedType, sizeOf } from './types.ts';

/** 6.9.1 */
export function functionDefinition(analysis: Analysis, definition: FunctionDefinition): void {
  const { declarator, specifiers } = definition;
  const type = declaredType(analysis, specifiedType(analysis, specifiers), declarator);
  const derivation = declarator.derivations[0];
  if (type.type.kind !== 'function' || derivation?.kind !== 'function') return;
  const created = declareFunction(analysis, specifiers, declarator, type.type);
  if (created === undefined) return;
  if (created.body !== undefined) {
    const hint = `first at ${formatPosition(created.position)}`;
    analysis.diagnostics.error('name-redefined', declarator.position, `${created.name} is defined twice`, hint);
    return;
  }
  const { result } = type.type;
  if (result.type.kind === 'record') {
    const hint = 'pass a pointer to the structure to fill';
    analysis.diagnostics.error('type-unsupported', declarator.position, 'functions cannot return structures', hint);
  }
  analysis.currentFunction = created;
  const context: BodyContext = {
    result: result.type,
    labels: new Map(),
    gotos: [],
    inLoop: false,
    inSwitch: undefined,
  };
  created.body = analysis.inScope(() => {
    created.parameters = derivation.parameters.map((parameter, index) => {
      const declared = (type.type as FunctionType).parameters[index] as QualifiedType;
      if (parameter.declarator.name === undefined) {
        analysis.diagnostics.error(
          'parse-expected-name',
          parameter.position,
          'a parameter of a definition needs a name',
        );
      }
      if (sizeOf(declared.type) === undefined || declared.type.kind === 'record') {
        const text = `a parameter cannot be a ${describeType(declared.type)}`;
        analysis.diagnostics.error('type-bad-parameter', parameter.position, text, 'pass a pointer to it');
      }
      const variable = newVariable(analysis, parameter.declarator, declared, 'parameter', 'gpr', 1);
      bindVariable(analysis, variable);
      return variable;
    });
    return block(analysis, definition.body, context);
  });
  analysis.currentFunction = undefined;
  for (const { label, position } of context.gotos) {
    if (!context.labels.has(label)) analysis.undeclared(position, `there is no label ${label}`);
  }
  if (result.type.kind !== 'void' && canFallOut(created.body)) {
    analysis.diagnostics.warning(
      'missing-return',
      declarator.position,
      `${created.name} can end without returning a value`,
    );
  }
}

/** The end of the statement can be reached; a first approximation that trusts loops without a condition. */
function canFallOut(statement: TypedStatement): boolean {
  switch (statement.kind) {
    case 'return':
    case 'goto':
      return false;
    case 'block':
      return statement.items.every(canFallOut);
    case 'if':
      return statement.otherwise === undefined || canFallOut(statement.then) || canFallOut(statement.otherwise);
    case 'loop':
      return (
        statement.condition !== undefined &&
        !(statement.condition.kind === 'constant' && statement.condition.value !== 0n)
      );
    case 'switch':
      return !statement.cases.some((each) => each.value === undefined) || canFallOut(statement.body);
    case 'case':
    case 'label':
      return canFallOut(statement.body);
    default:
      return true;
  }
}
