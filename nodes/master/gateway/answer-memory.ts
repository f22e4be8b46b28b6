import { assert } from '../../../base/assert.ts';
import { copyOctets } from '../../../packet/copy-octets.ts';

/** No answer is remembered. */
export const NOT_REMEMBERED = -1;

/**
 * The octets of recent answers, in a ring: a place is a position that only grows, and its octets are there until the
 * ring has come round. So remembering an answer makes no object and forgetting one costs nothing.
 */
export class AnswerMemory {
  readonly octets: Uint8Array;
  private written = 0;

  /** @param capacityOctets bound of all remembered answers together */
  constructor(capacityOctets: number) {
    this.octets = new Uint8Array(capacityOctets);
  }

  /** A place for an answer of `length` octets; NOT_REMEMBERED when it is longer than the ring. */
  reserve(length: number): number {
    const capacity = this.octets.length;
    if (length > capacity) return NOT_REMEMBERED;
    const start = this.written % capacity;
    // An answer lies in one piece: what is left at the end of the ring is passed over.
    if (start + length > capacity) this.written += capacity - start;
    const place = this.written;
    this.written += length;
    return place;
  }

  /** Whether what was reserved at this place has not been written over. */
  holds(place: number): boolean {
    return place !== NOT_REMEMBERED && place >= this.written - this.octets.length;
  }

  /** Where in `octets` a place begins. */
  offsetOf(place: number): number {
    return place % this.octets.length;
  }

  /** Copies `source[start, end)` into a place, `within` octets after its beginning. */
  write(place: number, within: number, source: Uint8Array, start: number, end: number): void {
    const offset = this.offsetOf(place) + within;
    assert(offset + end - start <= this.octets.length, 'an answer runs over the end of the ring');
    copyOctets(this.octets, offset, source, start, end);
  }
}
