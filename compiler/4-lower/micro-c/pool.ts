import type { SourcePosition } from '../../../base/errors.ts';
import type { AnalysisInput } from '../../3-analyze/micro-c/analyze.ts';
import type { Diagnostics } from '../../diagnostics.ts';

/** `#pragma lambda pool(blocks, octets)`: what `malloc` may give, in blocks of one size. */
export interface Pool {
  readonly blocks: number;
  /** A multiple of 8. */
  readonly octets: number;
  /** Lambda whose memory it is, or `runtime`. */
  readonly owner: string;
}

const PRAGMA = /^\s*lambda\s+pool\s*\(\s*(\d+)\s*,\s*(\d+)\s*\)\s*$/;
/** A quarter of what programs have of EMEM. */
const POOL_OCTETS_MAX = 16 * 1024 * 1024;

/** The one pool of a program, where it asks for one. */
export function findPool(units: readonly AnalysisInput[], diagnostics: Diagnostics): Pool | undefined {
  let found: Pool | undefined;
  let first: SourcePosition | undefined;
  for (const { unit, owner } of units) {
    for (const { text, position } of unit.pragmas) {
      const numbers = PRAGMA.exec(text);
      if (numbers === null) continue;
      const blocks = Number(numbers[1]);
      const octets = Math.ceil(Number(numbers[2]) / 8) * 8;
      if (first !== undefined) {
        const hint = 'lambdas share no memory: let one of them have the pool';
        diagnostics.error('pool-twice', position, 'a program has one pool', hint);
      } else if (blocks < 1 || octets < 8 || blocks * octets > POOL_OCTETS_MAX) {
        const text = `a pool has 1 to ${POOL_OCTETS_MAX} octets, not ${blocks} blocks of ${octets}`;
        diagnostics.error('pool-size', position, text);
      }
      first ??= position;
      found ??= { blocks, octets, owner };
    }
  }
  return found;
}

/**
 * `malloc` and its kin over a pool (paper section 3.1(b)): a block is taken by an atomic command, since all contexts of
 * all cores take from the same pool. When none is free, or more is asked for than a block has, the answer is a null
 * pointer, as C has it.
 */
export function poolSource({ blocks, octets }: Pool): string {
  return `__emem __declspec(aligned(8)) static unsigned char __pool_blocks[${blocks}][${octets}];
static __emem unsigned int __pool_taken[${blocks}];

__noinline void *malloc(unsigned int octets) {
  __xrw unsigned int taken[1];
  unsigned int i;
  if (octets > ${octets}u) return 0;
  for (i = 0; i < ${blocks}u; i++) {
    if (__pool_taken[i] != 0) continue;
    taken[0] = 1;
    mem_test_set(taken, &__pool_taken[i]);
    if (taken[0] == 0) return __pool_blocks[i];
  }
  return 0;
}

__noinline void free(void *block) {
  if (block == 0) return;
  __pool_taken[(unsigned int)((unsigned char *)block - &__pool_blocks[0][0]) / ${octets}u] = 0;
}

__noinline void *calloc(unsigned int count, unsigned int octets) {
  unsigned long long wanted = (unsigned long long)count * octets;
  unsigned int i;
  unsigned long long *block;
  if (wanted > ${octets}u) return 0;
  block = (unsigned long long *)malloc((unsigned int)wanted);
  if (block == 0) return 0;
  for (i = 0; i < ${octets / 8}u; i++) block[i] = 0;
  return block;
}

__noinline void *realloc(void *block, unsigned int octets) {
  if (block == 0) return malloc(octets);
  /* All blocks are as large as the largest that can be had. */
  return octets > ${octets}u ? 0 : block;
}
`;
}
