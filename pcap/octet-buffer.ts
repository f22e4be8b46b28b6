/**
 * Octets that grow at the end and are taken away whole: what both capture encoders write into. Numbers are
 * little-endian, the order that both formats let their writer choose.
 */
export class OctetBuffer {
  private octets: Uint8Array;
  private view: DataView;
  private used = 0;

  constructor(initialOctets = 65_536) {
    this.octets = new Uint8Array(initialOctets);
    this.view = new DataView(this.octets.buffer);
  }

  get length(): number {
    return this.used;
  }

  /** Makes room so that the next `count` octets need no check. */
  reserve(count: number): void {
    const needed = this.used + count;
    if (needed <= this.octets.length) return;
    const grown = new Uint8Array(Math.max(needed, this.octets.length * 2));
    grown.set(this.octets.subarray(0, this.used));
    this.octets = grown;
    this.view = new DataView(grown.buffer);
  }

  /** The four below need a `reserve` before them. */
  uint16(value: number): void {
    this.view.setUint16(this.used, value, true);
    this.used += 2;
  }

  uint32(value: number): void {
    this.view.setUint32(this.used, value, true);
    this.used += 4;
  }

  copy(octets: Uint8Array): void {
    this.octets.set(octets, this.used);
    this.used += octets.length;
  }

  /** Zero octets up to a multiple of four. */
  pad4(): void {
    while (this.used % 4 !== 0) this.octets[this.used++] = 0;
  }

  /** What was written since the last `clear`: a view, good until the next write. */
  pending(): Uint8Array {
    return this.octets.subarray(0, this.used);
  }

  clear(): void {
    this.used = 0;
  }
}
