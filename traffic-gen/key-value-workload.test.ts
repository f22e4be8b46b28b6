import { expect, test } from 'vitest';
import { randomStream } from '../base/random.ts';
import { STATUS_NOT_FOUND, STATUS_OK } from '../packet/lambda.ts';
import { createKeyValueWorkload, keyValueBody } from './key-value-workload.ts';
import type { WorkRequest } from './workload.ts';

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const keyOf = (request: WorkRequest): string => String.fromCharCode(...request.body.subarray(4, 4 + request.body[1]!));
const isSet = (request: WorkRequest): boolean => request.body[0] === 1;

test('a request is op, key length, value length, key, value', () => {
  expect([...keyValueBody(1, ascii('ab'), ascii('xyz'))]).toEqual([1, 2, 0, 3, 0x61, 0x62, 0x78, 0x79, 0x7a]);
});

test('keys have 1 to 24 octets without blanks, values 0 to 64 of any octets', () => {
  const workload = createKeyValueWorkload(['kv'], 4, randomStream(1, 'test'));
  const valueOctets = new Set<number>();
  let nonAscii = 0;
  for (let i = 0; i < 3000; i++) {
    const request = workload.next();
    expect(keyOf(request)).toMatch(/^[!-~]{1,24}$/);
    const value = request.body.subarray(4 + request.body[1]!);
    if (isSet(request)) valueOctets.add(value.length);
    nonAscii += value.filter((octet) => octet >= 0x80).length;
    request.settled!(true);
  }
  expect(valueOctets.size).toBe(65);
  expect(nonAscii).toBeGreaterThan(1000);
});

test('a key with an outstanding operation is not used', () => {
  const workload = createKeyValueWorkload(['kv'], 32, randomStream(1, 'test'));
  const outstanding = Array.from({ length: 32 }, () => keyOf(workload.next()));
  expect(new Set(outstanding).size).toBe(32);
});

test('a get is judged by the last set, in upper case for a to z alone', () => {
  const workload = createKeyValueWorkload(['kv'], 1, randomStream(1, 'test'));
  const values = new Map<string, string>();
  let hits = 0;
  for (let i = 0; i < 2000; i++) {
    const request = workload.next();
    const key = keyOf(request);
    if (isSet(request)) {
      values.set(key, String.fromCharCode(...request.body.subarray(4 + request.body[1]!)));
      expect(request.check(STATUS_OK, new Uint8Array(0))).toBeUndefined();
    } else {
      const value = values.get(key);
      const upper = ascii((value ?? '').replace(/[a-z]/g, (letter) => letter.toUpperCase()));
      expect(request.check(value === undefined ? STATUS_NOT_FOUND : STATUS_OK, upper)).toBeUndefined();
      if (value !== undefined && /[a-z]/.test(value)) {
        hits++;
        expect(request.check(STATUS_OK, ascii(value))).toMatch(/^octet \d+: expected 0x[45]/);
      }
    }
    request.settled!(true);
  }
  expect(hits).toBeGreaterThan(500);
});

test('a set that was sent more than once retires its key: a copy on its way could undo a later set', () => {
  const workload = createKeyValueWorkload(['kv'], 1, randomStream(1, 'test'));
  const retired = new Set<string>();
  for (let i = 0; i < 2000; i++) {
    const request = workload.next();
    expect(retired).not.toContain(keyOf(request));
    const clean = i % 5 !== 0;
    if (!clean && isSet(request)) retired.add(keyOf(request));
    request.settled!(clean);
  }
  expect(retired.size).toBeGreaterThan(100);
});
