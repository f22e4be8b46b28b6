import type { SourcePosition } from '../../../base/errors.ts';
import type { Diagnostics } from '../../diagnostics.ts';

/** Reports every declaration that calls itself, directly or through others; each cycle once, at its first member. */
export function noCycles<T extends { readonly name: string; readonly position: SourcePosition }>(
  kind: string,
  declared: ReadonlyMap<string, T>,
  called: (declaration: T) => readonly string[],
  diagnostics: Diagnostics,
): void {
  const finished = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    const declaration = declared.get(name);
    if (declaration === undefined || finished.has(name)) return;
    if (path.includes(name)) {
      const names = [...path.slice(path.indexOf(name)), name].join(' -> ');
      diagnostics.error('p4-cycle', declaration.position, `${kind} calls itself: ${names}`);
      return;
    }
    for (const next of called(declaration)) visit(next, [...path, name]);
    finished.add(name);
  };
  for (const name of declared.keys()) visit(name, []);
}
