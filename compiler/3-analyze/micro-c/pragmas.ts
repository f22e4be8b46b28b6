import type { SourcePosition } from '../../../base/errors.ts';
import type { Analysis } from './scopes.ts';

/** More open calls than this are no bound that anybody meant. */
const DEPTH_MAX = 65536;

/** `#pragma lambda ...`, and GNU's switch for one warning; other pragmas are other compilers'. */
export function readPragma(analysis: Analysis, { text, position }: { text: string; position: SourcePosition }): void {
  if (/^\s*GCC\s+diagnostic\s+warning\s+"-Wconversion"\s*$/.test(text)) analysis.warnsOfConversions = true;
  const words = /^\s*lambda\s+(\w+)\s*(?:\((.*)\))?\s*$/.exec(text);
  if (words === null) return;
  const [, name, given = ''] = words;
  const list = given.split(',').map((each) => each.trim());
  if (name === 'recursion' && list.length === 2 && /^\w+$/.test(list[0] ?? '') && /^\d+$/.test(list[1] ?? '')) {
    analysis.linkage.recursionDepths.set(list[0] as string, checkedDepth(analysis, Number(list[1]), position));
    return;
  }
  if (name === 'pool') return;
  const hint = 'there are #pragma lambda recursion(function, depth) and #pragma lambda pool(blocks, octets)';
  analysis.diagnostics.warning('unknown-pragma', position, `#pragma lambda ${name} is not understood`, hint);
}

export function checkedDepth(analysis: Analysis, depth: number, position: SourcePosition): number {
  if (Number.isInteger(depth) && depth >= 1 && depth <= DEPTH_MAX) return depth;
  const text = `a recursion goes 1 to ${DEPTH_MAX} calls deep, not ${depth}`;
  analysis.diagnostics.error('type-bad-depth', position, text);
  return 1;
}
