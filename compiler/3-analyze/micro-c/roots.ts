import type { TypedExpression, Variable } from './typed-tree.ts';

/** The variable that an lvalue is part of, without going through a pointer. */
export function rootVariable(expression: TypedExpression): Variable | undefined {
  let at = expression;
  for (;;) {
    if (at.kind === 'variable' || at.kind === 'compound-literal') return at.variable;
    if (at.kind === 'field') at = at.object;
    else if (at.kind === 'dereference' && at.pointer.kind === 'pointer-add' && at.pointer.pointer.kind === 'decay') {
      at = at.pointer.pointer.array;
    } else if (at.kind === 'dereference' && at.pointer.kind === 'decay') at = at.pointer.array;
    else return undefined;
  }
}
