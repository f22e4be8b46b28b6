import { type Piece, piecesOf, type Replacements, textOf } from './node.ts';

/**
 * Makes a program that fails smaller: leaves statements out, largest first, and puts parts or constants in the place of
 * expressions, as long as it still fails.
 * @param fails whether the text fails in the same way; a text that no compiler takes does not
 * @param attempts how often that may be asked
 * @returns the smallest text found
 */
export function shrink(program: Piece, fails: (text: string) => boolean, attempts: number): string {
  let kept: Replacements = new Map();
  let left = attempts;
  for (let changed = true; changed && left > 0; ) {
    changed = false;
    const pieces = [...piecesOf(program, kept)].filter(({ kind }) => kind !== 'fixed');
    const bySize = pieces
      .map((piece) => ({ piece, size: textOf(piece, kept).length }))
      .sort((a, b) => Number(a.piece.kind !== 'statement') - Number(b.piece.kind !== 'statement') || b.size - a.size);
    for (const { piece, size } of bySize) {
      for (const smaller of replacementsOf(piece, kept)) {
        if (left <= 0) break;
        if (![...piecesOf(program, kept)].includes(piece) || textOf(smaller, kept).length >= size) continue;
        const trial = new Map([...kept, [piece, smaller]]);
        left--;
        if (!fails(textOf(program, trial))) continue;
        kept = trial;
        changed = true;
        break;
      }
    }
  }
  return textOf(program, kept);
}

function replacementsOf(piece: Piece, kept: Replacements): (string | Piece)[] {
  if (piece.kind === 'statement') return [';'];
  const parts = piece.parts.filter((part): part is Piece => typeof part !== 'string' && part.kind === 'expression');
  return ['0', '1', ...parts.map((part) => kept.get(part) ?? part)];
}
