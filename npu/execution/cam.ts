const ENTRIES = 16;

/**
 * The core's content-addressable memory: 16 tags of 32 bits with 4 bits of state each, and the order of their use.
 * Source: Intel IXP2800 hardware reference manual, 2.3.7.2.
 */
export class Cam {
  readonly tags = new Int32Array(ENTRIES);
  readonly states = new Uint8Array(ENTRIES);
  /** Entries, least recently used first. */
  readonly order = new Uint8Array(ENTRIES);

  constructor() {
    this.clear();
  }

  /** All tags and states 0; entry 0 is the least recently used, 15 the most. */
  clear(): void {
    this.tags.fill(0);
    this.states.fill(0);
    for (let entry = 0; entry < ENTRIES; entry++) this.order[entry] = entry;
  }

  /**
   * @returns state in bits 11..8, hit in bit 7, entry in bits 6..3. A miss names the least recently used entry and changes
   *   nothing. Of equal tags the lowest entry answers (*inferred*).
   */
  lookup(tag: number): number {
    const entry = this.tags.indexOf(tag | 0);
    if (entry < 0) return this.order[0]! << 3;
    this.touch(entry);
    return (this.states[entry]! << 8) | 0x80 | (entry << 3);
  }

  write(entry: number, tag: number, state: number): void {
    this.tags[entry] = tag;
    this.states[entry] = state;
    this.touch(entry);
  }

  /** Makes an entry the most recently used. */
  private touch(entry: number): void {
    const { order } = this;
    const at = order.indexOf(entry);
    order.copyWithin(at, at + 1);
    order[ENTRIES - 1] = entry;
  }
}
