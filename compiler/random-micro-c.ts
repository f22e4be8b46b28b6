import { type RandomStream, randomStream } from '../base/random.ts';

/**
 * For tests: random Micro-C programs over integers of all widths and signs whose result C defines (with wrapping signed
 * arithmetic). No address, no representation, no undefined order shows in it.
 */
const TYPES = [
  'signed char',
  'unsigned char',
  'short',
  'unsigned short',
  'int',
  'unsigned int',
  'long long',
  'unsigned long long',
] as const;

const VARIABLES_A_TYPE = 2;
const STATEMENTS = 24;

export function randomMicroC(seed: number): string {
  const random = randomStream(seed, 'micro-c');
  const names = TYPES.flatMap((_, type) => Array.from({ length: VARIABLES_A_TYPE }, (_, i) => `v${type}_${i}`));
  const lines: string[] = [
    '__emem unsigned int out[64];',
    'int main(void) {',
    'unsigned int i;',
    'volatile int zero = 0;',
  ];
  for (const name of names) lines.push(`${typeOf(name)} ${name} = (${typeOf(name)})${literal(random)} + zero;`);
  for (let i = 0; i < STATEMENTS; i++) lines.push(statement(random, names, 2));
  let at = 0;
  for (const name of names) {
    lines.push(`out[${at++}] = (unsigned int)((unsigned long long)${name} >> 32);`);
    lines.push(`out[${at++}] = (unsigned int)${name};`);
  }
  lines.push('halt();', 'return 0;', '}', '');
  return lines.join('\n');
}

function typeOf(name: string): string {
  return TYPES[Number(name[1])] as string;
}

function pick<T>(random: RandomStream, from: readonly T[]): T {
  return from[random.below(from.length)] as T;
}

function literal(random: RandomStream): string {
  const edge = [
    '0',
    '1',
    '127',
    '128',
    '255',
    '0x7fff',
    '0x8000',
    '0x7fffffff',
    '0x80000000u',
    '0xffffffffu',
    '-1',
    '-128',
  ];
  if (random.below(3) === 0) return pick(random, edge);
  if (random.below(4) === 0)
    return `0x${random.uint32().toString(16)}${random.uint32().toString(16).padStart(8, '0')}ull`;
  return `0x${(random.uint32() >>> random.below(32)).toString(16)}u`;
}

function statement(random: RandomStream, names: readonly string[], depth: number): string {
  const target = pick(random, names);
  switch (depth === 0 ? 9 : random.below(12)) {
    case 0:
      return `if (${expression(random, names, 2)}) { ${statement(random, names, depth - 1)} } else { ${statement(random, names, depth - 1)} }`;
    case 1:
      return `for (i = 0; i < ${1 + random.below(5)}; i++) { ${statement(random, names, 0)} ${statement(random, names, 0)} }`;
    case 2:
      return `${target}${pick(random, ['++', '--'])};`;
    case 3:
      return `switch ((int)${pick(random, names)} & 3) { case 0: ${statement(random, names, 0)} case 1: ${statement(random, names, 0)} break; default: ${statement(random, names, 0)} }`;
    case 4:
    case 5:
    case 6:
      return `${target} ${pick(random, ['+=', '-=', '*=', '&=', '|=', '^='])} ${expression(random, names, 2)};`;
    default:
      return `${target} = ${expression(random, names, 3)};`;
  }
}

function expression(random: RandomStream, names: readonly string[], depth: number): string {
  if (depth === 0) return random.below(4) === 0 ? literal(random) : pick(random, names);
  const inner = (): string => expression(random, names, depth - 1);
  switch (random.below(12)) {
    case 0:
      return `(${inner()} ${pick(random, ['<', '>', '<=', '>=', '==', '!='])} ${inner()})`;
    case 1:
      return `(${inner()} ${pick(random, ['&&', '||'])} ${inner()})`;
    case 2:
      return `(${inner()} ? ${inner()} : ${inner()})`;
    case 3:
      return `((${pick(random, TYPES)})${inner()})`;
    case 4:
      return `(${pick(random, ['~', '!', '- '])}${inner()})`;
    case 5:
      // Shifts below the width of the left operand, of a type that is at least as wide as the amounts.
      return `(((unsigned int)${inner()}) ${pick(random, ['<<', '>>'])} (${inner()} & 31))`;
    case 6:
      return `(((${pick(random, ['long long', 'unsigned long long'])})${inner()}) ${pick(random, ['<<', '>>'])} (int)(${inner()} & 63))`;
    case 7:
      return `((int)${inner()} >> (int)(${inner()} & 31))`;
    case 8:
      return `((${pick(random, ['int', 'unsigned int', 'short', 'unsigned char'])})${inner()} ${pick(random, ['/', '%'])} ${pick(random, ['3', '10', '255', '7u', `((unsigned char)${inner()} + 1)`])})`;
    default:
      return `(${inner()} ${pick(random, ['+', '-', '*', '&', '|', '^'])} ${inner()})`;
  }
}
