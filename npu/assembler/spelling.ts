/** Edits that a slip of the fingers makes: more of them is another word. */
const MAX_EDITS = 2;
/** Nobody slips in a name this long; comparing longer texts would only cost time. */
const MAX_LENGTH = 64;

/** `did you mean "alu_shf"?`, the name nearest to a misspelt one, or undefined if none is near. */
export function nearest(text: string, names: readonly string[]): string | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  let best: string | undefined;
  let bestEdits = Math.min(MAX_EDITS, text.length - 1) + 1;
  for (const name of names) {
    const edits = editDistance(text, name);
    if (edits < bestEdits) [best, bestEdits] = [name, edits];
  }
  return best === undefined ? undefined : `did you mean "${best}"?`;
}

/** Levenshtein distance: letters inserted, deleted and replaced. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
