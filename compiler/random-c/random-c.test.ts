import { expect, it } from 'vitest';
import { textOf } from './node.ts';
import { randomC } from './random-c.ts';

/** How the text of a random program's functions shows a construct. */
const CONSTRUCTS: Readonly<Record<string, RegExp>> = {
  'division by a variable': /[/%] \(\(/,
  'shift of 64 bits': /& 63\)/,
  'conditional expression': / \? .* : /,
  'short-circuit operator': /&&|\|\|/,
  'comma operator': /\(\(void\)/,
  'call through a table of functions': /table\[\(uint32_t\)/,
  'pointer to a function as an argument': /apply\(/,
  'pointer to a function in a structure': /->made\(/,
  'compound literal of an array': /\(int32_t\[4\]\)\{/,
  'compound literal of a structure': /\(struct (record|pair)\)\{/,
  'structure by ?:': /\? \(?\S+ : \S+\)\.f3/,
  'structure as an argument and a result': /= swapped\(/,
  'nested structure': /o0\.(pairs|inner)/,
  union: /union number u_/,
  'union as a result': /number_of\(/,
  'bit-field of more than 32 bits': /\.w[01]\b/,
  'static initialiser with addresses': /\*places\[/,
  'linked structures': /->next/,
  "Duff's switch": /case 0: do \{/,
  'walking pointer': /\*w_\d+\+\+|w_\d+-- !=/,
  'difference of pointers': /& \d+\] - &/,
  'comparison of pointers': /& \d+\] (<|==|>=) &/,
  'pointer to rows': /sum_of\(/,
  'string literal': /"ordinary"\[/,
  sizeof: /sizeof\(/,
  enumeration: /\b(LOW|HIGH)\b/,
  'static object of a function': /counted\(/,
  'goto back': /goto again_/,
  'goto over': /goto over/,
  'switch of 64 bits with a range': /case LOW \.\.\. HIGH/,
  'switch that falls through': /switch/,
  'loop with two counters': / \+= 2, /,
  'for loop': /for \(int /,
  'while loop': /while \(i\d+--/,
  'do loop': /do \{\n/,
  'expression repeated in a loop': /(mix\(\(uint64_t\).{20,}\);)\n[\s\S]*\n\1/,
  'break or continue': /\b(break|continue);/,
};

const PROGRAMS = 60;

it('random programs have every construct that is listed', () => {
  const bodies = Array.from({ length: PROGRAMS }, (_, i) => {
    const text = textOf(randomC(i + 1));
    // What all programs start and end with does not count.
    return text.slice(text.indexOf('calls += by; }'), text.lastIndexOf('mix((uint64_t)g0);'));
  });
  const missing = Object.entries(CONSTRUCTS).filter(
    ([, shape]) => bodies.filter((body) => shape.test(body)).length < 3,
  );
  expect(missing.map(([name]) => name)).toEqual([]);
});
