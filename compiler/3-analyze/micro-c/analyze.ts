import type { TranslationUnit } from '../../2-parse/micro-c/tree.ts';
import type { Diagnostics } from '../../diagnostics.ts';
import { fileDeclaration } from './declarations.ts';
import { staticAssertion } from './evaluate.ts';
import { analyzeExpression } from './expressions.ts';
import { reportFixedPoint } from './fixed-point.ts';
import { functionDefinition } from './functions.ts';
import { readPragma } from './pragmas.ts';
import { checkCalls } from './recursion.ts';
import { Analysis, type Linkage } from './scopes.ts';
import type { Recursion, TypedProgram } from './typed-tree.ts';

export interface AnalysisInput {
  readonly unit: TranslationUnit;
  /** Lambda that the file belongs to, or `runtime`. */
  readonly owner: string;
}

/**
 * Phase 3 for Micro-C: resolves names across the files of a program, gives every expression its type, checks what C
 * requires. After errors of an earlier phase it says nothing about names that are missing. Errors go to `diagnostics`;
 * what is given back is fit for phase 4 only when there were none.
 * @param lower floating point becomes fixed point, bounded recursion a stack, bounded `malloc` a pool
 * @param entry function that the firmware starts in; what it cannot reach is checked but not required to be complete
 */
export function analyzeMicroC(
  inputs: readonly AnalysisInput[],
  entry: string,
  diagnostics: Diagnostics,
  lower = false,
): TypedProgram {
  const incomplete = diagnostics.hasErrors;
  const linkage: Linkage = {
    functions: new Map(),
    variables: new Map(),
    globals: [],
    allFunctions: [],
    addressed: [],
    recursionDepths: new Map(),
    fixedPoint: { used: undefined, worst: undefined },
  };
  for (const { unit, owner } of inputs) {
    const analysis = new Analysis(diagnostics, linkage, owner, incomplete, lower, { expression: analyzeExpression });
    for (const pragma of unit.pragmas) readPragma(analysis, pragma);
    for (const declaration of unit.declarations) {
      if (declaration.kind === 'function') functionDefinition(analysis, declaration);
      else if (declaration.kind === 'static-assertion') staticAssertion(analysis, declaration);
      else fileDeclaration(analysis, declaration);
    }
  }
  let recursions: readonly Recursion[] = [];
  const program = (): TypedProgram => ({
    functions: linkage.functions,
    globals: linkage.globals,
    addressed: linkage.addressed,
    recursions,
  });
  warnUnusedFunctions(linkage, diagnostics);
  reportFixedPoint(linkage.fixedPoint, diagnostics);
  for (const each of linkage.allFunctions) each.recursionDepth ??= linkage.recursionDepths.get(each.name);
  const start = linkage.functions.get(entry);
  if (incomplete) return program();
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
    recursions = checkCalls(start, linkage.addressed, lower, diagnostics);
  }
  return program();
}

/** Those that other files cannot call; what a header offers, or the compiler makes, is nobody's oversight. */
function warnUnusedFunctions({ allFunctions }: Linkage, diagnostics: Diagnostics): void {
  for (const { name, position, isStatic, uses, inline, body } of allFunctions) {
    const written = position.file.endsWith('.c') && !position.file.startsWith('<');
    if (!isStatic || uses > 0 || inline === 'inline' || body === undefined || !written) continue;
    diagnostics.warning('unused-function', position, `${name} is never used`);
  }
}
