/**
 * Joins chunks only where a record crosses them. Holds at most one incomplete record and the last chunk; how long a
 * record may be is the reader's to bound before it waits for more.
 */
export class ChunkQueue {
  private octets: Uint8Array = new Uint8Array(0);
  private at = 0;
  private consumedOctets = 0;

  push(chunk: Uint8Array): void {
    const rest = this.octets.length - this.at;
    if (rest === 0) {
      this.octets = chunk;
    } else {
      const joined = new Uint8Array(rest + chunk.length);
      joined.set(this.octets.subarray(this.at));
      joined.set(chunk, rest);
      this.octets = joined;
    }
    this.at = 0;
  }

  /** Octets that are in and not consumed. */
  get available(): number {
    return this.octets.length - this.at;
  }

  /** Offset in the file of the first octet that is not consumed. */
  get offset(): number {
    return this.consumedOctets;
  }

  /** A view of the next `count` octets, which are available. */
  peek(count: number): Uint8Array {
    return this.octets.subarray(this.at, this.at + count);
  }

  consume(count: number): void {
    this.at += count;
    this.consumedOctets += count;
  }

  uint16(offset: number, littleEndian: boolean): number {
    const one = this.octets[this.at + offset]!;
    const two = this.octets[this.at + offset + 1]!;
    return littleEndian ? (two << 8) | one : (one << 8) | two;
  }

  uint32(offset: number, littleEndian: boolean): number {
    const first = this.uint16(offset, littleEndian);
    const second = this.uint16(offset + 2, littleEndian);
    return littleEndian ? second * 0x10000 + first : first * 0x10000 + second;
  }
}
