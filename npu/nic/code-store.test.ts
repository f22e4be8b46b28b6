import { expect, test } from 'vitest';
import { InputError } from '../../base/errors.ts';
import { loadNicProfile } from '../../topology/load-topology.ts';
import { checkCodeStore } from './code-store.ts';

const profile = loadNicProfile('agilio-cx-2x40');
const code = (name: string, owner: string, size: number) =>
  ({ name, owner, memory: 'code', address: 0, size }) as const;

function refusal(instructions: number, with_ = profile, symbols = [code('main', 'runtime', 9)]): string {
  try {
    checkCodeStore(instructions, symbols, with_);
  } catch (error) {
    if (error instanceof InputError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'fits';
}

test('two neighbouring cores share 16 K', () => {
  expect(refusal(16_384)).toBe('fits');
  expect(refusal(16_385)).toMatch(
    /^npu-code-store: 16385 instructions do not fit into a code store of 16384: 1 too many/,
  );
});

test('the last core of an odd number has 8 K of its own', () => {
  const odd = {
    ...profile,
    islands: [
      { number: 32, cores: 10 },
      { number: 33, cores: 7 },
    ],
  };
  expect(refusal(8192, odd)).toBe('fits');
  expect(refusal(8200, odd)).toMatch(
    /the code store of 8192 of core 6 in island 33, which has no neighbour to share with: 8 too many/,
  );
  // A profile that gives no store of its own to a core says that it makes no difference.
  const { codeStoreOwnInstructions: _, ...core } = profile.core;
  expect(refusal(16_384, { ...odd, core })).toBe('fits');
});

test('whose code is the largest stands in the message', () => {
  const symbols = [
    code('small', 'web-server', 10),
    code('main', 'runtime', 7000),
    code('filter', 'image', 9000),
    code('get', 'key-value', 400),
    code('set', 'key-value', 300),
  ];
  expect(refusal(17_000, profile, symbols)).toMatch(
    /616 too many; largest: filter \(image\) 9000, main \(runtime\) 7000, get \(key-value\) 400, set \(key-value\) 300$/,
  );
});
