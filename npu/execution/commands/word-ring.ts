import type { Core } from '../core.ts';
import type { MemoryTarget } from './world.ts';

/** A context that waits in a work queue for so many words. */
export interface WaitingThread {
  readonly core: Core;
  readonly context: number;
  readonly signal: number;
  /** Word of the register file where they go. */
  readonly transferIn: number;
  readonly words: number;
}

/** A circular buffer of 32-bit words in a memory. */
export class WordRing {
  readonly target: MemoryTarget;
  /** Octet address of its first word. */
  readonly base: number;
  /** Words that it has room for, a power of two. */
  readonly words: number;
  /** Place of the oldest word, and words that are in it. */
  head: number;
  count: number;
  /** Contexts that ask for work, longest first. */
  readonly waiting: WaitingThread[] = [];

  constructor(target: MemoryTarget, base: number, words: number, head: number, count: number) {
    this.target = target;
    this.base = base;
    this.words = words;
    this.head = head & (words - 1);
    this.count = Math.min(count, words);
  }

  get octets(): number {
    return 4 * this.words;
  }

  get tail(): number {
    return (this.head + this.count) & (this.words - 1);
  }

  /** Octet address of a place, counted from the ring's first word. */
  addressOf(place: number): number {
    return this.base + 4 * (place & (this.words - 1));
  }

  /** Adds words at the tail; of a full ring the oldest are lost. */
  append(file: Int32Array, at: number, count: number): void {
    for (let i = 0; i < count; i++) {
      this.target.memory.writeWord(this.addressOf(this.tail), file[at + i]!);
      if (this.count < this.words) this.count++;
      else this.head = (this.head + 1) & (this.words - 1);
    }
  }

  /** Takes words from the head; those that are not there are zero. */
  takeOldest(into: Int32Array, at: number, count: number): void {
    const there = Math.min(count, this.count);
    for (let i = 0; i < count; i++) {
      into[at + i] = i < there ? this.target.memory.readWord(this.addressOf(this.head + i)) : 0;
    }
    this.head = (this.head + there) & (this.words - 1);
    this.count -= there;
  }

  /** Takes the words that were added last, in the order in which they were added; then zeros. */
  takeNewest(into: Int32Array, at: number, count: number): void {
    const there = Math.min(count, this.count);
    const first = this.head + this.count - there;
    for (let i = 0; i < count; i++) {
      into[at + i] = i < there ? this.target.memory.readWord(this.addressOf(first + i)) : 0;
    }
    this.count -= there;
  }
}
