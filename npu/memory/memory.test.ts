import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CycleQueue } from '../nic/core-queue.ts';
import { MemoryCache } from './cache.ts';
import { changedOctets } from './changes.ts';
import { ACCESS_ATOMIC_READ, ACCESS_READ, ACCESS_WRITE, MemoryEngine } from './engine.ts';
import { Memory, PAGE_OCTETS } from './memory.ts';
import { RegionMap } from './regions.ts';

describe('memory', () => {
  test('octets, words and blocks agree with a plain array, across pages', () => {
    // Where a page and a table of pages end.
    const base = 2 ** 20 - 40;
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            at: fc.nat(70),
            how: fc.constantFrom('octet', 'word', 'block'),
            value: fc.nat(0xffff_ffff),
            length: fc.nat(9),
          }),
          { maxLength: 30 },
        ),
        (writes) => {
          const memory = new Memory(1 << 21);
          const plain = new Uint8Array(100);
          for (const { at, how, value, length } of writes) {
            if (how === 'octet') {
              memory.writeOctet(base + at, value);
              plain[at] = value;
            } else if (how === 'word') {
              const aligned = at & ~3;
              memory.writeWord(base + aligned, value | 0);
              new DataView(plain.buffer).setUint32(aligned, value);
            } else {
              const octets = Uint8Array.from({ length }, (_, i) => value >>> (i & 15));
              memory.write(base + at, octets);
              plain.set(octets, at);
            }
          }
          expect(memory.read(base, 90)).toEqual(plain.subarray(0, 90));
          expect(memory.read(base + 3, 41)).toEqual(plain.subarray(3, 44));
          const registers = new Int32Array(20);
          memory.readWords(base, registers, 1, 18);
          expect(registers[18]! >>> 0).toBe(new DataView(plain.buffer).getUint32(68));
          memory.writeWords(base + 400, registers, 1, 18);
          expect(memory.read(base + 400, 72)).toEqual(plain.subarray(0, 72));
        },
      ),
    );
  });

  test('changes are found whole, also where a page ends', () => {
    const [before, after] = [new Memory(2 ** 21), new Memory(2 ** 21)];
    after.write(2 * PAGE_OCTETS - 2, Uint8Array.of(1, 2, 3));
    after.write(9 * PAGE_OCTETS, Uint8Array.of(4));
    expect(changedOctets(before, after).map(({ address, after: now }) => [address, [...now]])).toEqual([
      [2 * PAGE_OCTETS - 2, [1, 2, 3]],
      [9 * PAGE_OCTETS, [4]],
    ]);
  });

  test('2 GiB cost nothing until they are written; clear forgets', () => {
    const memory = new Memory(2 ** 31);
    expect(memory.readWord(2 ** 31 - 4)).toBe(0);
    expect(memory.usedOctets).toBe(0);
    memory.writeWord(2 ** 31 - 4, 7);
    expect([memory.readWord(2 ** 31 - 4), memory.usedOctets]).toEqual([7, PAGE_OCTETS]);
    // Its neighbours in the same table of pages stay nobody's, and those of another memory untouched.
    expect([memory.readWord(2 ** 31 - 4 - PAGE_OCTETS), new Memory(2 ** 31).readWord(2 ** 31 - 4)]).toEqual([0, 0]);
    expect(memory.writtenPages()).toEqual([2 ** 31 - PAGE_OCTETS]);
    memory.clear();
    expect([memory.readWord(2 ** 31 - 4), memory.usedOctets]).toEqual([0, 0]);
  });
});

describe('regions', () => {
  test('an access is allowed exactly when every octet of it is', () => {
    const range = fc.record({ start: fc.nat(60), length: fc.nat(20), read: fc.boolean(), write: fc.boolean() });
    fc.assert(
      fc.property(
        fc.array(range, { maxLength: 8 }),
        fc.array(fc.tuple(fc.nat(70), fc.integer({ min: 1, max: 8 }))),
        (specs, accesses) => {
          const ranges = specs.map(({ start, length, read, write }) => ({ start, end: start + length, read, write }));
          const map = new RegionMap(ranges);
          const may = (right: 'read' | 'write', address: number, octets: number) =>
            Array.from({ length: octets }, (_, i) => address + i).every((at) =>
              ranges.some((r) => r[right] && at >= r.start && at < r.end),
            );
          for (const [address, octets] of accesses) {
            expect(map.allowsRead(address, octets)).toBe(may('read', address, octets));
            expect(map.allowsWrite(address, octets)).toBe(may('write', address, octets));
          }
        },
      ),
    );
  });

  test('nothing is allowed where there is no region', () => {
    expect(new RegionMap([]).allowsRead(0, 1)).toBe(false);
    expect(new RegionMap([]).allowsWrite(0, 4)).toBe(false);
  });
});

describe('cache', () => {
  test('agrees with a list by age, set by set', () => {
    const profile = {
      octets: 64 * 4 * 8,
      lineOctets: 64,
      ways: 4,
      readMissCycles: 1,
      writeMissCycles: 1,
      atomicMissCycles: 1,
    };
    fc.assert(
      fc.property(fc.array(fc.nat(63), { maxLength: 300 }), (lines) => {
        const cache = new MemoryCache(profile);
        const sets = Array.from({ length: 8 }, (): number[] => []);
        for (const line of lines) {
          const set = sets[line % 8]!;
          const at = set.indexOf(line);
          expect(cache.access(line * 64 + 5, 10)).toBe(at >= 0);
          if (at >= 0) set.splice(at, 1);
          set.unshift(line);
          set.length = Math.min(set.length, 4);
        }
      }),
    );
  });

  test('an access over two lines brings both in', () => {
    const cache = new MemoryCache({
      octets: 1024,
      lineOctets: 64,
      ways: 2,
      readMissCycles: 0,
      writeMissCycles: 0,
      atomicMissCycles: 0,
    });
    expect(cache.access(60, 8)).toBe(false);
    expect([cache.access(0, 4), cache.access(64, 4), cache.misses, cache.hits]).toEqual([true, true, 2, 2]);
  });
});

describe('engine', () => {
  const engine = {
    banks: 2,
    interleaveOctets: 64,
    readCentiCycles: 405,
    writeCentiCycles: 300,
    atomicCentiCycles: 200,
    beatOctets: 8,
    beatCentiCycles: 100,
  };
  const latency = { readCycles: 50, writeCycles: 40, atomicReadCycles: 60, atomicWriteCycles: 70 };

  test('a transfer over two banks waits for the busier one', () => {
    const busy = new MemoryEngine(engine, undefined);
    for (let i = 0; i < 10; i++) busy.access(0, 0, 4, ACCESS_READ, latency);
    // 10 reads of 4.05 cycles on bank 0; then 128 octets over both: 15 more beats.
    expect(busy.access(0, 0, 128, ACCESS_READ, latency)).toBe(Math.ceil(50 + 40.5 + 15));
    expect(new MemoryEngine(engine, undefined).access(7, 0, 128, ACCESS_READ, latency)).toBe(7 + 50 + 15);
    // Each bank was busy with its 64 octets alone.
    expect(busy.access(0, 64, 4, ACCESS_WRITE, latency)).toBe(Math.ceil(40 + 4.05 + 7));
  });

  test('throughput of one location is one operation each 4.05 cycles, and more when accesses spread', () => {
    const one = new MemoryEngine(engine, undefined);
    let last = 0;
    for (let i = 0; i < 1000; i++) last = one.access(0, 0, 4, ACCESS_READ, latency);
    expect(last).toBe(50 + Math.ceil(999 * 4.05));
    const spread = new MemoryEngine(engine, undefined);
    for (let i = 0; i < 1000; i++) last = spread.access(0, 64 * (i % 2), 4, ACCESS_READ, latency);
    expect(last).toBe(50 + Math.ceil(499 * 4.05));
  });

  test('a miss costs by kind', () => {
    const cache = {
      octets: 1024,
      lineOctets: 64,
      ways: 2,
      readMissCycles: 100,
      writeMissCycles: 200,
      atomicMissCycles: 300,
    };
    const cached = new MemoryEngine(engine, cache);
    expect(cached.access(0, 0, 4, ACCESS_WRITE, latency)).toBe(240);
    expect(cached.access(100, 0, 4, ACCESS_WRITE, latency)).toBe(140);
    expect(cached.access(1000, 64, 4, ACCESS_READ, latency)).toBe(1150);
    expect(cached.access(2000, 128, 4, ACCESS_ATOMIC_READ, latency)).toBe(2360);
  });
});

test('the queue of cores gives the earliest, ties to the lower index', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.array(fc.tuple(fc.nat(59), fc.oneof(fc.nat(20), fc.constant(Number.POSITIVE_INFINITY)))),
      (actors, updates) => {
        const queue = new CycleQueue(actors);
        const cycles = new Array<number>(actors).fill(Number.POSITIVE_INFINITY);
        for (const [actor, cycle] of updates) {
          queue.set(actor % actors, cycle);
          cycles[actor % actors] = cycle;
          const earliest = Math.min(...cycles);
          expect(queue.earliest).toBe(earliest);
          if (earliest !== Number.POSITIVE_INFINITY) expect(queue.first).toBe(cycles.indexOf(earliest));
        }
      },
    ),
  );
});
