import { assert } from '../../base/assert.ts';

/** Octets of a page; what was never written takes no memory of ours and reads as zero. */
const PAGE_SHIFT = 12;
export const PAGE_OCTETS = 1 << PAGE_SHIFT;
const PAGE_WORDS = 1 << (PAGE_SHIFT - 2);
const PAGE_WORD_MASK = PAGE_WORDS - 1;
const ZERO_PAGE = new Int32Array(PAGE_WORDS);

/** A table of pages for each MiB: so that an idle NIC with 2 GB holds a list of 2,048 tables, all of them this one. */
const TABLE_SHIFT = 20;
const TABLE_PAGES = 1 << (TABLE_SHIFT - PAGE_SHIFT);
const TABLE_PAGE_MASK = TABLE_PAGES - 1;
const ZERO_TABLE: readonly Int32Array[] = new Array<Int32Array>(TABLE_PAGES).fill(ZERO_PAGE);

/**
 * A memory of the NIC. The chip is big-endian and moves 32-bit words, so words are kept as numbers: octet 0 of a word is
 * its most significant. Addresses are octet offsets from the memory's start; whoever calls has checked them against
 * `octets`, as the access rights had to be checked anyway.
 */
export class Memory {
  readonly octets: number;
  private readonly tables: (readonly Int32Array[])[];
  private pageCount = 0;

  /** @param octets a multiple of 4, at most 2^32 */
  constructor(octets: number) {
    assert(octets % 4 === 0 && octets <= 2 ** 32, `a memory of ${octets} octets`);
    this.octets = octets;
    this.tables = new Array<readonly Int32Array[]>(Math.ceil(octets / 2 ** TABLE_SHIFT)).fill(ZERO_TABLE);
  }

  /** Octets of pages that were written: what of this memory is in use. */
  get usedOctets(): number {
    return this.pageCount * PAGE_WORDS * 4;
  }

  /** @param address multiple of 4 */
  readWord(address: number): number {
    return this.pageAt(address)[(address >>> 2) & PAGE_WORD_MASK]!;
  }

  /** @param address multiple of 4 */
  writeWord(address: number, value: number): void {
    this.pageForWrite(address)[(address >>> 2) & PAGE_WORD_MASK] = value;
  }

  /** Copies words into a register file. The address is a multiple of 4. */
  readWords(address: number, into: Int32Array, at: number, count: number): void {
    const first = (address >>> 2) & PAGE_WORD_MASK;
    if (first + count <= PAGE_WORDS) {
      const page = this.pageAt(address);
      for (let i = 0; i < count; i++) into[at + i] = page[first + i]!;
    } else for (let i = 0; i < count; i++) into[at + i] = this.readWord(address + 4 * i);
  }

  /** Copies words out of a register file. The address is a multiple of 4. */
  writeWords(address: number, from: Int32Array, at: number, count: number): void {
    const first = (address >>> 2) & PAGE_WORD_MASK;
    if (first + count <= PAGE_WORDS) {
      const page = this.pageForWrite(address);
      for (let i = 0; i < count; i++) page[first + i] = from[at + i]!;
    } else for (let i = 0; i < count; i++) this.writeWord(address + 4 * i, from[at + i]!);
  }

  readOctet(address: number): number {
    return (this.readWord(address) >>> (24 - 8 * (address & 3))) & 0xff;
  }

  writeOctet(address: number, value: number): void {
    const shift = 24 - 8 * (address & 3);
    this.writeWord(address, (this.readWord(address) & ~(0xff << shift)) | ((value & 0xff) << shift));
  }

  /** A copy of the octets, any alignment. */
  read(address: number, octets: number): Uint8Array {
    const copy = new Uint8Array(octets);
    this.readInto(address, copy, 0, octets);
    return copy;
  }

  readInto(address: number, into: Uint8Array, at: number, octets: number): void {
    let i = 0;
    while (i < octets && ((address + i) & 3) !== 0) {
      into[at + i] = this.readOctet(address + i);
      i++;
    }
    for (; i + 4 <= octets; i += 4) {
      const word = this.readWord(address + i);
      into[at + i] = word >>> 24;
      into[at + i + 1] = word >>> 16;
      into[at + i + 2] = word >>> 8;
      into[at + i + 3] = word;
    }
    for (; i < octets; i++) into[at + i] = this.readOctet(address + i);
  }

  write(address: number, octets: Uint8Array): void {
    const length = octets.length;
    let i = 0;
    while (i < length && ((address + i) & 3) !== 0) {
      this.writeOctet(address + i, octets[i]!);
      i++;
    }
    for (; i + 4 <= length; i += 4) {
      const word = (octets[i]! << 24) | (octets[i + 1]! << 16) | (octets[i + 2]! << 8) | octets[i + 3]!;
      this.writeWord(address + i, word);
    }
    for (; i < length; i++) this.writeOctet(address + i, octets[i]!);
  }

  /** Addresses of the pages of `PAGE_OCTETS` that were written, ascending; all others read as zero. */
  writtenPages(): number[] {
    return this.tables.flatMap((table, i) =>
      table === ZERO_TABLE
        ? []
        : table.flatMap((page, j) => (page === ZERO_PAGE ? [] : [i * 2 ** TABLE_SHIFT + j * PAGE_OCTETS])),
    );
  }

  /** Forgets everything: all octets are zero again. */
  clear(): void {
    this.tables.fill(ZERO_TABLE);
    this.pageCount = 0;
  }

  private pageAt(address: number): Int32Array {
    return this.tables[address >>> TABLE_SHIFT]![(address >>> PAGE_SHIFT) & TABLE_PAGE_MASK]!;
  }

  private pageForWrite(address: number): Int32Array {
    const page = this.pageAt(address);
    if (page !== ZERO_PAGE) return page;
    const fresh = new Int32Array(PAGE_WORDS);
    const place = address >>> TABLE_SHIFT;
    const table = this.tables[place]!;
    // The table for what was never written is everybody's.
    const own = table === ZERO_TABLE ? table.slice() : (table as Int32Array[]);
    own[(address >>> PAGE_SHIFT) & TABLE_PAGE_MASK] = fresh;
    this.tables[place] = own;
    this.pageCount++;
    return fresh;
  }
}
