import { assert } from '../../../base/assert.ts';
import type { TypedExpression, TypedStatement } from '../../3-analyze/micro-c/typed-tree.ts';
import type { Lowering } from './lowering.ts';
import type { Place, Value } from './value.ts';
import { shifted } from './words-in-place.ts';

/** The value of an expression. Operations carry the expression's position. */
export function lowerValue(lowering: Lowering, expression: TypedExpression): Value {
  return lowering.rules.expression(lowering, expression);
}

/** 6.8: code for a statement, from the current block on. The current block may have ended afterwards. */
export function lowerStatement(lowering: Lowering, statement: TypedStatement): void {
  lowering.rules.statement(lowering, statement);
}

/** Where the object lies that an lvalue names. */
export function lowerPlace(lowering: Lowering, expression: TypedExpression): Place {
  switch (expression.kind) {
    case 'variable':
      return lowering.placeOf(expression.variable, expression.position);
    case 'string':
      return lowering.stringObject(expression.octets, expression.position);
    case 'dereference': {
      const pointer = lowerValue(lowering, expression.pointer);
      assert(pointer.kind === 'pointer', 'what is dereferenced is a pointer');
      return pointer.place;
    }
    case 'field':
      return shifted(lowerPlace(lowering, expression.object), expression.field.offsetOctets);
    case 'compound-literal':
      lowerStatement(lowering, expression.made);
      return lowering.placeOf(expression.variable, expression.position);
    default:
      // A structure's value is an object too: the result of a call, of an assignment, of `?:`.
      assert(expression.type.kind === 'record', `${expression.kind} is no lvalue`);
      return lowering.placeIn(lowerValue(lowering, expression));
  }
}
