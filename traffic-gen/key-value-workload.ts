import { assert } from '../base/assert.ts';
import type { RandomStream } from '../base/random.ts';
import { writeUint16 } from '../packet/big-endian.ts';
import { STATUS_NOT_FOUND, STATUS_OK } from '../packet/lambda.ts';
import { statusFault } from './web-workload.ts';
import { firstDifference, type Workload, type WorkRequest } from './workload.ts';

const OP_GET = 0;
const OP_SET = 1;
const REQUEST_HEAD_OCTETS = 4;
const MAX_KEY_OCTETS = 24;
const MAX_VALUE_OCTETS = 64;
const NOTHING = new Uint8Array(0);

interface Key {
  readonly octets: Uint8Array;
  /** Undefined: never set, a get must miss. */
  value: Uint8Array | undefined;
}

/**
 * Key-value client (paper section 6.2 b): gets and sets, half and half, over a space of keys; the lambda answers a get
 * with the value in upper case. No key has two operations outstanding, so every answer is known exactly, misses too.
 *
 * A set that had to be sent again may still be on its way a second time when it is answered, and undo a later one: the
 * paper's transport delivers at least once (section 4.2.1, D3). So its key is retired and a fresh one takes its place.
 * @param concurrency most requests outstanding at once
 */
export function createKeyValueWorkload(
  lambdas: readonly string[],
  concurrency: number,
  random: RandomStream,
): Workload {
  let keysMade = 0;
  const newKey = (): Key => {
    const prefix = `k${(keysMade++).toString(36)}-`;
    const padding = random.below(MAX_KEY_OCTETS - prefix.length + 1);
    return { octets: asciiOctets(prefix + 'x'.repeat(padding)), value: undefined };
  };
  const idle = Array.from({ length: Math.max(64, 2 * concurrency) }, newKey);
  let issued = 0;

  const get = (lambda: string, key: Key, settled?: (clean: boolean) => void): WorkRequest => {
    const expected = key.value === undefined ? NOTHING : upperCase(key.value);
    const status = key.value === undefined ? STATUS_NOT_FOUND : STATUS_OK;
    return {
      lambda,
      transport: 'plain',
      body: keyValueBody(OP_GET, key.octets, NOTHING),
      answerOctets: MAX_VALUE_OCTETS,
      check: (got, answer) => statusFault(got, status) ?? firstDifference(expected, answer),
      ...(settled && { settled }),
    };
  };

  const next = (): WorkRequest => {
    const lambda = lambdas[issued++ % lambdas.length]!;
    const place = random.below(idle.length);
    const key = idle[place]!;
    idle[place] = idle.at(-1)!;
    idle.pop();
    assert(idle.length > 0, 'more key-value requests outstanding than keys');
    if (random.below(2) === 0) return get(lambda, key, () => idle.push(key));
    const value = drawValue(random);
    return {
      lambda,
      transport: 'plain',
      body: keyValueBody(OP_SET, key.octets, value),
      answerOctets: 0,
      check: (status, answer) => statusFault(status, STATUS_OK) ?? firstDifference(NOTHING, answer),
      settled: (clean) => {
        key.value = value;
        idle.push(clean ? key : newKey());
      },
    };
  };

  return {
    name: 'key-value',
    lambdas,
    next,
    probe: (lambda) => get(lambda, { octets: asciiOctets('ready'), value: undefined }),
  };
}

/** `op u8, keyOctets u8, valueOctets u16, key, value`. */
export function keyValueBody(op: number, key: Uint8Array, value: Uint8Array): Uint8Array {
  const body = new Uint8Array(REQUEST_HEAD_OCTETS + key.length + value.length);
  body[0] = op;
  body[1] = key.length;
  writeUint16(body, 2, value.length);
  body.set(key, REQUEST_HEAD_OCTETS);
  body.set(value, REQUEST_HEAD_OCTETS + key.length);
  return body;
}

/** Mostly text, one in four of any octets: memcached and the lambda must not care. */
function drawValue(random: RandomStream): Uint8Array {
  const value = new Uint8Array(random.below(MAX_VALUE_OCTETS + 1));
  const anyOctet = random.below(4) === 0;
  for (let i = 0; i < value.length; i++) value[i] = anyOctet ? random.below(256) : 0x20 + random.below(95);
  return value;
}

function upperCase(value: Uint8Array): Uint8Array {
  return value.map((octet) => (octet >= 0x61 && octet <= 0x7a ? octet - 0x20 : octet));
}

function asciiOctets(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
