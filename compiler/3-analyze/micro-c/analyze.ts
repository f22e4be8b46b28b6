import type { SourcePosition } from '../../../base/errors.ts';
import type { TranslationUnit } from '../../2-parse/micro-c/tree.ts';
import type { Diagnostics } from '../../diagnostics.ts';
import { fileDeclaration } from './declarations.ts';
import { staticAssertion } from './evaluate.ts';
import { analyzeExpression } from './expressions.ts';
import { functionDefinition } from './functions.ts';
import { Analysis, type Linkage } from './scopes.ts';
import type { TypedFunction, TypedProgram } from './typed-tree.ts';
import { sameType } from './types.ts';

export interface AnalysisInput {
  readonly unit: TranslationUnit;
  /** Lambda that the file belongs to, or `runtime`. */
  readonly owner: string;
}

/**
 * Phase 3 for Micro-C: resolves names across the files of a program, gives every expression its type, checks what C
 * requires. After errors of an earlier phase it says nothing about names that are missing. Errors go to `diagnostics`;
 * what is given back is fit for phase 4 only when there were none.
 * @param entry function that the firmware starts in; what it cannot reach is checked but not required to be complete
 */
export function analyzeMicroC(inputs: readonly AnalysisInput[], entry: string, diagnostics: Diagnostics): TypedProgram {
  const incomplete = diagnostics.hasErrors;
  const linkage: Linkage = { functions: new Map(), variables: new Map(), globals: [], allFunctions: [], addressed: [] };
  for (const { unit, owner } of inputs) {
    const analysis = new Analysis(diagnostics, linkage, owner, incomplete, { expression: analyzeExpression });
    for (const declaration of unit.declarations) {
      if (declaration.kind === 'function') functionDefinition(analysis, declaration);
      else if (declaration.kind === 'static-assertion') staticAssertion(analysis, declaration);
      else fileDeclaration(analysis, declaration);
    }
  }
  const program: TypedProgram = {
    functions: linkage.functions,
    globals: linkage.globals,
    addressed: linkage.addressed,
  };
  warnUnusedFunctions(linkage, diagnostics);
  const start = linkage.functions.get(entry);
  if (incomplete) return program;
  if (start?.body === undefined) {
    const position = { file: inputs[0]?.unit.declarations[0]?.position.file ?? '<program>', line: 1, column: 1 };
    diagnostics.error('name-no-entry', position, `the program has no function ${entry}`);
  } else {
    if (start.parameters.length > 0) {
      const hint = 'a context starts with nothing; it receives requests itself';
      diagnostics.error(
        'type-bad-entry',
        start.position,
        `${entry}, where the program starts, takes no arguments`,
        hint,
      );
    }
    checkCalls(start, linkage.addressed, diagnostics);
  }
  return program;
}

/** Those that other files cannot call; what a header offers as `static inline` is nobody's oversight. */
function warnUnusedFunctions({ allFunctions }: Linkage, diagnostics: Diagnostics): void {
  for (const { name, position, isStatic, uses, inline, body } of allFunctions) {
    if (!isStatic || uses > 0 || inline === 'inline' || body === undefined) continue;
    diagnostics.warning('unused-function', position, `${name} is never used`);
  }
}

/**
 * Every function that can be reached has a body, and none calls itself, even through others: there is no stack. A call
 * through a pointer counts as one of every function that it may reach.
 */
function checkCalls(entry: TypedFunction, addressed: readonly TypedFunction[], diagnostics: Diagnostics): void {
  const done = new Set<TypedFunction>();
  const path: TypedFunction[] = [];
  const visit = (called: TypedFunction, from: SourcePosition): void => {
    if (path.includes(called)) {
      const names = [...path.slice(path.indexOf(called)), called].map((each) => each.name).join(' -> ');
      const hint = 'the NIC has no stack: use a loop, or compile with --lower and say how deep it goes';
      diagnostics.error('recursion', from, `recursion: ${names}`, hint);
      return;
    }
    if (done.has(called)) return;
    if (called.body === undefined) {
      diagnostics.error('name-undefined', from, `${called.name} is declared, but no file defines it`);
    }
    path.push(called);
    for (const [next, position] of called.calls) visit(next, position);
    for (const { type, position } of called.pointerCalls) {
      for (const next of addressed) if (sameType(next.type, type)) visit(next, position);
    }
    path.pop();
    done.add(called);
  };
  visit(entry, entry.position);
}
