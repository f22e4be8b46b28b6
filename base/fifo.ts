const INITIAL_CAPACITY = 64;

/** First in, first out; a ring of a power of two, so that it allocates only when it grows. */
export class Fifo<T> {
  private entries: (T | undefined)[] = new Array(INITIAL_CAPACITY).fill(undefined);
  private first = 0;
  private count = 0;

  get length(): number {
    return this.count;
  }

  /** The oldest entry, which stays; undefined when there is none. */
  get head(): T | undefined {
    return this.entries[this.first];
  }

  push(entry: T): void {
    if (this.count === this.entries.length) this.grow();
    this.entries[(this.first + this.count) & (this.entries.length - 1)] = entry;
    this.count++;
  }

  /** The oldest entry; undefined when there is none. */
  shift(): T | undefined {
    if (this.count === 0) return undefined;
    const entry = this.entries[this.first];
    this.entries[this.first] = undefined;
    this.first = (this.first + 1) & (this.entries.length - 1);
    this.count--;
    return entry;
  }

  /** Oldest first; nothing is taken out. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (let i = 0; i < this.count; i++) yield this.entries[(this.first + i) & (this.entries.length - 1)] as T;
  }

  clear(): void {
    this.entries.fill(undefined);
    this.first = 0;
    this.count = 0;
  }

  private grow(): void {
    const size = this.entries.length;
    const grown: (T | undefined)[] = new Array(size * 2).fill(undefined);
    for (let i = 0; i < this.count; i++) grown[i] = this.entries[(this.first + i) & (size - 1)];
    this.entries = grown;
    this.first = 0;
  }
}
