/** Sets of small integers as bits. */
export class BitSet {
  readonly words: Uint32Array;

  constructor(size: number) {
    this.words = new Uint32Array((size + 31) >>> 5);
  }

  has(bit: number): boolean {
    return ((this.words[bit >>> 5]! >>> (bit & 31)) & 1) === 1;
  }

  add(bit: number): void {
    this.words[bit >>> 5]! |= 1 << (bit & 31);
  }

  delete(bit: number): void {
    this.words[bit >>> 5]! &= ~(1 << (bit & 31));
  }

  clear(): void {
    this.words.fill(0);
  }

  /** Adds all of `other`; whether that changed anything. */
  union(other: BitSet): boolean {
    let changed = false;
    for (let i = 0; i < this.words.length; i++) {
      const merged = this.words[i]! | other.words[i]!;
      if (merged >>> 0 !== this.words[i]) {
        this.words[i] = merged;
        changed = true;
      }
    }
    return changed;
  }

  /** Keeps what is in `other` too. */
  intersect(other: BitSet): void {
    for (let i = 0; i < this.words.length; i++) this.words[i]! &= other.words[i]!;
  }

  copy(): BitSet {
    const copy = new BitSet(0);
    return Object.assign(copy, { words: this.words.slice() });
  }

  forEach(visit: (bit: number) => void): void {
    for (let i = 0; i < this.words.length; i++) {
      let word = this.words[i]!;
      while (word !== 0) {
        const bit = 31 - Math.clz32(word & -word);
        visit(i * 32 + bit);
        word &= word - 1;
      }
    }
  }
}
