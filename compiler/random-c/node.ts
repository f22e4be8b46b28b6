/**
 * A piece of a random program: text with smaller pieces in it. What a piece is says what it may be replaced by, so that
 * a program that fails can be made small.
 */
export interface Piece {
  /** `statement`: may be left out. `expression`: may be one of its parts, or a constant. `fixed`: neither. */
  readonly kind: 'statement' | 'expression' | 'fixed';
  readonly parts: readonly (string | Piece)[];
}

export function statement(...parts: (string | Piece)[]): Piece {
  return { kind: 'statement', parts };
}

export function expression(...parts: (string | Piece)[]): Piece {
  return { kind: 'expression', parts };
}

export function fixed(...parts: (string | Piece)[]): Piece {
  return { kind: 'fixed', parts };
}

export type Replacements = ReadonlyMap<Piece, string | Piece>;

export function textOf(piece: string | Piece, replacements: Replacements = new Map()): string {
  if (typeof piece === 'string') return piece;
  const other = replacements.get(piece);
  if (other !== undefined) return textOf(other, replacements);
  return piece.parts.map((part) => textOf(part, replacements)).join('');
}

/** All pieces, each before those in it, of what is left after the replacements. */
export function* piecesOf(piece: string | Piece, replacements: Replacements): Generator<Piece> {
  if (typeof piece === 'string') return;
  const other = replacements.get(piece);
  if (other !== undefined) {
    yield* piecesOf(other, replacements);
    return;
  }
  yield piece;
  for (const part of piece.parts) yield* piecesOf(part, replacements);
}
