import { formatPosition } from '../../../base/errors.ts';
import type { FunctionDefinition, Parameter } from '../../2-parse/micro-c/tree.ts';
import { Diagnostics } from '../../diagnostics.ts';
import { bindVariable, declareFunction, newVariable } from './declarations.ts';
import { declaredType, specifiedType } from './declared-types.ts';
import { checkFlow } from './flow.ts';
import type { Analysis } from './scopes.ts';
import { type BodyContext, block } from './statements.ts';
import type { TypedFunction, TypedStatement } from './typed-tree.ts';
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
  if (result.type.kind !== 'void' && sizeOf(result.type) === undefined) {
    const text = `a function cannot return the incomplete type ${describeType(result.type)}`;
    analysis.diagnostics.error('type-incomplete', declarator.position, text);
    return;
  }
  analysis.currentFunction = created;
  const { diagnostics } = analysis;
  // Whether an object needs an address that plain pointers can hold is known when the body has been read: then it is
  // read once more, with the object where it has one.
  for (;;) {
    const framedBefore = analysis.framed.size;
    analysis.diagnostics = new Diagnostics();
    created.calls.clear();
    created.pointerCalls.length = 0;
    const body = functionBody(analysis, created, type.type, definition, derivation.parameters);
    if (analysis.framed.size > framedBefore) continue;
    diagnostics.addAll(analysis.diagnostics);
    created.body = body;
    break;
  }
  analysis.diagnostics = diagnostics;
  analysis.currentFunction = undefined;
  checkFlow(diagnostics, created);
}

function functionBody(
  analysis: Analysis,
  created: TypedFunction,
  type: FunctionType,
  definition: FunctionDefinition,
  parameters: readonly Parameter[],
): TypedStatement {
  const context: BodyContext = {
    result: type.result.type,
    labels: new Map(),
    gotos: [],
    inLoop: false,
    inSwitch: undefined,
  };
  const body = analysis.inScope(() => {
    created.parameters = parameters.map((parameter, index) => {
      const declared = type.parameters[index] as QualifiedType;
      if (sizeOf(declared.type) === undefined) {
        const text = `a parameter cannot be a ${describeType(declared.type)}`;
        analysis.diagnostics.error('type-bad-parameter', parameter.position, text, 'pass a pointer to it');
      }
      const inFrame = analysis.framed.has(parameter.declarator);
      const memory = inFrame ? 'mem' : declared.type.kind === 'record' ? 'lmem' : 'gpr';
      const variable = newVariable(analysis, parameter.declarator, declared, 'parameter', memory, 1);
      bindVariable(analysis, variable);
      return variable;
    });
    return block(analysis, definition.body, context);
  });
  for (const { label, position } of context.gotos) {
    if (!context.labels.has(label)) analysis.undeclared(position, `there is no label ${label}`);
  }
  return body;
}
