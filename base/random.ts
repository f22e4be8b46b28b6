import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/**
 * A seeded stream of random numbers. One stream per node and purpose, so that adding a flow does not shift the
 * numbers of the others.
 */
export interface RandomStream {
  /** Uniform integer in [0, 2^32). */
  uint32(): number;
  /** Uniform integer in [0, limit), unbiased. `limit` from 1 to 2^32. */
  below(limit: number): number;
  /** Uniform number in [0, 1) with 32 random bits; the shape that d3-random's `.source()` takes. */
  unit(): number;
}

/**
 * The stream for one purpose. Same seed and same name: same numbers, on every machine.
 * @param seed any safe integer
 * @param name who draws and what for, such as `client/arrivals`
 */
export function randomStream(seed: number, name: string): RandomStream {
  return new XoroshiroStream(xoroshiro128plus(mixSeed(seed, name)));
}

class XoroshiroStream implements RandomStream {
  private readonly generator: RandomGenerator;

  constructor(generator: RandomGenerator) {
    this.generator = generator;
  }

  uint32(): number {
    return this.generator.next() >>> 0;
  }

  below(limit: number): number {
    const unbiasedEnd = 2 ** 32 - (2 ** 32 % limit);
    for (;;) {
      const drawn = this.uint32();
      if (drawn < unbiasedEnd) return drawn % limit;
    }
  }

  unit(): number {
    return this.uint32() / 2 ** 32;
  }
}

/** FNV-1a over the name and the seed's two halves, finished with a multiply-xorshift so that close seeds differ. */
function mixSeed(seed: number, name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (seed | 0), 0x01000193);
  hash = Math.imul(hash ^ (Math.floor(seed / 2 ** 32) | 0), 0x01000193);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
