import { assert } from '../../../base/assert.ts';

/** A first-in first-out queue of 32-bit numbers that allocates only when it grows. */
export class IdQueue {
  private ids: Uint32Array;
  private head = 0;
  private count = 0;

  /** @param capacity a power of two; where the queue starts, not where it ends */
  constructor(capacity = 64) {
    assert((capacity & (capacity - 1)) === 0 && capacity > 0, 'a queue starts with a power of two');
    this.ids = new Uint32Array(capacity);
  }

  get length(): number {
    return this.count;
  }

  push(id: number): void {
    if (this.count === this.ids.length) this.grow();
    this.ids[(this.head + this.count) & (this.ids.length - 1)] = id;
    this.count++;
  }

  /** The oldest id. The queue is not empty. */
  peek(): number {
    assert(this.count > 0, 'an empty queue was asked for its head');
    return this.ids[this.head] as number;
  }

  shift(): number {
    const id = this.peek();
    this.head = (this.head + 1) & (this.ids.length - 1);
    this.count--;
    return id;
  }

  clear(): void {
    this.head = 0;
    this.count = 0;
  }

  private grow(): void {
    const grown = new Uint32Array(this.ids.length * 2);
    for (let i = 0; i < this.count; i++) grown[i] = this.ids[(this.head + i) & (this.ids.length - 1)] as number;
    this.ids = grown;
    this.head = 0;
  }
}
