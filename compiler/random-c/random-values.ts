import type { RandomStream } from '../../base/random.ts';

export function pick<T>(random: RandomStream, from: readonly T[]): T {
  return from[random.below(from.length)] as T;
}

const EDGES = [
  '0',
  '1',
  '2',
  '127',
  '128',
  '255',
  '256',
  '0x7fff',
  '0x8000',
  '0xffff',
  '0x7fffffff',
  '0x80000000u',
  '0xffffffffu',
  '(-1)',
  '(-128)',
  '(-32768)',
  '(-0x7fffffff - 1)',
  '0x7fffffffffffffffll',
  '(-0x7fffffffffffffffll - 1)',
  '0x100000000ll',
  '0xffffffffffffffffull',
];

export function literal(random: RandomStream): string {
  if (random.below(3) === 0) return pick(random, EDGES);
  const word = (): string => (random.uint32() >>> random.below(32)).toString(16);
  if (random.below(4) === 0)
    return `0x${word()}${random.uint32().toString(16).padStart(8, '0')}${pick(random, ['ull', 'll'])}`;
  return `0x${word()}${pick(random, ['', 'u'])}`;
}
