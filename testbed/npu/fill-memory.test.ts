import { describe, expect, it } from 'vitest';
import type { FirmwareImage } from '../../npu/image/firmware-image.ts';
import { fillMemory } from './fill-memory.ts';

/** Eight octets 1..8 from 0x100 on; `table` is the middle four of them. */
const image: FirmwareImage = {
  contexts: 8,
  instructions: new BigUint64Array(0),
  entry: 0,
  data: [{ memory: 'emem', address: 0x100, octets: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) }],
  regions: [],
  lambdas: [],
  symbols: [
    { name: 'main', owner: 'runtime', memory: 'code', address: 0, size: 1 },
    { name: 'table', owner: 'runtime', memory: 'emem', address: 0x102, size: 4 },
    { name: 'flag', owner: 'runtime', memory: 'imem', address: 0x102, size: 1 },
  ],
  lines: [],
};

/** What a memory holds after loading, by address. */
function held({ data }: FirmwareImage, memory: string): Map<number, number> {
  const octets = new Map<number, number>();
  for (const part of data.filter((each) => each.memory === memory)) {
    part.octets.forEach((octet, i) => {
      expect(octets.has(part.address + i), 'no octet is loaded twice').toBe(false);
      octets.set(part.address + i, octet);
    });
  }
  return new Map([...octets].sort(([a], [b]) => a - b));
}

describe('an object that is filled', () => {
  it('holds the given octets, and what lies around them stays', () => {
    const filled = fillMemory(image, 'table', Uint8Array.of(9, 9, 9), 'w.yaml');
    expect([...held(filled, 'emem').values()]).toEqual([1, 2, 9, 9, 9, 6, 7, 8]);
    expect([...held(filled, 'emem').keys()][0]).toBe(0x100);
    expect([...held(image, 'emem').values()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('lies in its own memory, whatever is at the same address of another', () => {
    const filled = fillMemory(image, 'flag', Uint8Array.of(7), 'w.yaml');
    expect([...held(filled, 'imem')]).toEqual([[0x102, 7]]);
    expect(filled.data).toContain(image.data[0]);
  });

  it('may be filled twice, the later octets counting', () => {
    const once = fillMemory(image, 'table', Uint8Array.of(9, 9, 9, 9), 'w.yaml');
    const twice = fillMemory(once, 'table', Uint8Array.of(5), 'w.yaml');
    expect([...held(twice, 'emem').values()]).toEqual([1, 2, 5, 9, 9, 9, 7, 8]);
  });

  it.each([
    ['tables', 1, "w.yaml: memory: the program has no object 'tables': did you mean 'table'?"],
    ['main', 1, "w.yaml: memory: the program has no object 'main': expected one of table, flag"],
    ['table', 5, 'w.yaml: memory: expected at most the 4 octets of table, got 5'],
  ])('is refused: %s with %d octets', (name, octets, message) => {
    expect(() => fillMemory(image, name, new Uint8Array(octets), 'w.yaml')).toThrow(message);
  });
});
