/** `width` bits from bit `lsb` on of a word of up to 53 bits. */
export function bits(word: number, lsb: number, width: number): number {
  return Math.floor(word / 2 ** lsb) % 2 ** width;
}

/** One bit. */
export function bit(word: number, index: number): boolean {
  return Math.floor(word / 2 ** index) % 2 === 1;
}
