/** A stretch of a memory with its rights; `end` is the first octet after it. */
export interface MemoryRange {
  readonly start: number;
  readonly end: number;
  readonly read: boolean;
  readonly write: boolean;
}

/**
 * Answers "may these octets be read (written)?" for one memory. Overlapping and touching ranges act as one, so an
 * access may cross from a region into its neighbour. Most accesses hit the range of the access before, which costs two
 * comparisons.
 */
export class RegionMap {
  private readonly readable: IntervalSet;
  private readonly writable: IntervalSet;

  constructor(ranges: readonly MemoryRange[]) {
    this.readable = new IntervalSet(ranges.filter((range) => range.read));
    this.writable = new IntervalSet(ranges.filter((range) => range.write));
  }

  allowsRead(address: number, octets: number): boolean {
    return this.readable.contains(address, address + octets);
  }

  allowsWrite(address: number, octets: number): boolean {
    return this.writable.contains(address, address + octets);
  }
}

/** Disjoint half-open intervals, ascending. */
class IntervalSet {
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];
  /** The interval of the last hit. */
  private start = 0;
  private end = 0;

  constructor(ranges: readonly MemoryRange[]) {
    for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start)) {
      const last = this.ends.length - 1;
      if (last >= 0 && start <= this.ends[last]!) this.ends[last] = Math.max(end, this.ends[last]!);
      else {
        this.starts.push(start);
        this.ends.push(end);
      }
    }
  }

  contains(start: number, end: number): boolean {
    if (start >= this.start && end <= this.end) return true;
    let low = 0;
    let high = this.starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.starts[middle]! <= start) low = middle + 1;
      else high = middle;
    }
    if (low === 0 || end > this.ends[low - 1]!) return false;
    this.start = this.starts[low - 1]!;
    this.end = this.ends[low - 1]!;
    return true;
  }
}
