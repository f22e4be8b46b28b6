import { randomStream } from '../../base/random.ts';
import { fixed, type Piece } from './node.ts';
import { CONSTRUCT_DECLARATIONS } from './random-constructs.ts';
import { RandomFunction } from './random-function.ts';
import { literal, pick } from './random-values.ts';
import { FIELDS, type Scope, TYPES, WIDE_FIELDS } from './scope.ts';

/**
 * For tests: random C programs over the types of stdint.h whose result C defines, with wrapping signed arithmetic. No
 * address, no representation, no undefined order shows in it. They print checksums and return a value.
 */
export function randomC(seed: number): Piece {
  const random = randomStream(seed, 'c');
  const globals: Scope = { variables: [], arrays: [], records: [], pointers: [], functions: [] };
  const head: string[] = [
    PRELUDE,
    `struct record {\n${[...FIELDS, ...WIDE_FIELDS].map(({ text }) => `  ${text};`).join('\n')}\n};\n`,
  ];
  for (const [i, type] of TYPES.entries()) {
    globals.variables.push({ name: `g${i}`, type });
    head.push(`static ${type.name} g${i} = (${type.name})${literal(random)};\n`);
  }
  for (let i = 0; i < 3; i++) {
    const type = pick(random, TYPES);
    const length = pick(random, [4, 8]);
    globals.arrays.push({ name: `a${i}`, type, length });
    const values = Array.from({ length: random.below(length + 1) }, () => literal(random));
    head.push(
      `static ${type.name} a${i}[${length}] = {${values.map((value) => `(${type.name})${value}`).join(', ')}${values.length === 0 ? '0' : ''}};\n`,
    );
  }
  head.push('static int16_t m0[4][4] = {{1, 2}, {3}, {-4, 5, -6}};\n', OPERATIONS, CONSTRUCT_DECLARATIONS);
  globals.records.push({ name: 'r0' }, { name: 'o0.inner' });
  head.push(`static struct record r0 = {.f0 = ${random.below(16)}, .f3 = ${random.below(100)}};\n`);
  const functions: Piece[] = [];
  for (let i = 0; i < 1 + random.below(3); i++) {
    const made = new RandomFunction(random, globals, i).definition();
    functions.push(made.piece);
    globals.functions.push(made.signature);
  }
  const main = new RandomFunction(random, globals, undefined).main();
  return fixed(head.join(''), ...functions, main);
}

/** Without effects, so that a call may stand in any expression; `table` has all of them. */
const OPERATIONS = `typedef int32_t operation(int32_t, int32_t);
static int32_t op0(int32_t a, int32_t b) { return a + (b << 1); }
static int32_t op1(int32_t a, int32_t b) { return a < b ? a * 3 : b - a; }
static int32_t op2(int32_t a, int32_t b) { return (a ^ b) & 0xffff; }
static operation *const table[] = {op0, op1, op2};
`;

const PRELUDE = `#include <stdint.h>
#include <stdio.h>
static uint32_t checksum = 2166136261u;
static void mix(uint64_t value) {
  for (int i = 0; i < 8; i++) {
    checksum = (checksum ^ (uint32_t)(value & 255)) * 16777619u;
    value >>= 8;
  }
}
static void show(void) {
  for (int i = 28; i >= 0; i -= 4) putchar("0123456789abcdef"[(checksum >> i) & 15]);
  putchar('\\n');
}
`;
