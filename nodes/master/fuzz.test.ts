import { describe, expect, test } from 'vitest';
import { type RandomStream, randomStream } from '../../base/random.ts';
import { PS_PER_MS } from '../../base/units.ts';
import { STATUS_OK } from '../../packet/lambda.ts';
import { PORT_LAMBDA, PORT_MANAGEMENT, PORT_MEMCACHED } from '../../packet/udp.ts';
import { textFromOctets } from './memcached/octet-text.ts';
import { AsciiSession } from './memcached/session.ts';
import { MemcachedState } from './memcached/state.ts';
import { TestFabric } from './test-fabric.ts';
import { lambdaPayload, published, TestClient } from './test-hosts.ts';

const SEED = Number(process.env.FUZZ_SEED ?? 11_211);
const DATAGRAMS = 4_000;

const FRAGMENTS_OF_SENSE = [
  'set a 0 0 5\r\nhello\r\n',
  'get a b\r\n',
  'incr a 1\r\n',
  'set k 0 0 99\r\n',
  'gat 1 a\r\n',
  '\r\n',
  ' ',
  '\0',
  'noreply',
  '-1',
  '4294967296',
];

/** Octets that are sound in part: that is what finds faults behind the first check. */
function hostile(random: RandomStream, port: number): Uint8Array {
  const sound = random.below(3) === 0 ? randomOctets(random, random.below(1472)) : soundDatagram(random, port);
  const datagram = sound.slice(0, random.below(4) === 0 ? random.below(sound.length + 1) : sound.length);
  for (let flips = random.below(4); flips > 0 && datagram.length > 0; flips--) {
    datagram[random.below(datagram.length)] = random.below(256);
  }
  return datagram;
}

function randomOctets(random: RandomStream, length: number): Uint8Array {
  return new Uint8Array(length).map(() => random.below(256));
}

function soundDatagram(random: RandomStream, port: number): Uint8Array {
  if (port === PORT_MEMCACHED) {
    let text = '';
    for (let i = random.below(6); i >= 0; i--) text += FRAGMENTS_OF_SENSE[random.below(FRAGMENTS_OF_SENSE.length)];
    return Uint8Array.from([0, random.below(256), 0, 0, 0, 1, 0, 0, ...[...text].map((char) => char.charCodeAt(0))]);
  }
  if (port === PORT_MANAGEMENT) {
    const body = randomOctets(
      random,
      random.below(2) === 0 ? ([0, 4, 8, 12, 28, 36, 48][random.below(7)] ?? 0) : random.below(60),
    );
    return Uint8Array.from([random.below(12), 1, 0, 0, 0, 0, 0, random.below(8), 0, 0, 0, body.length, ...body]);
  }
  const fragments = 1 + random.below(3);
  const header = {
    wId: random.below(3) === 0 ? random.below(5) : 0,
    requestId: random.below(40),
    fragment: random.below(fragments),
    fragments,
    flags: random.below(64),
    status: random.below(8),
    length: fragments === 1 ? random.below(60) : (fragments - 1) * 1024 + 1 + random.below(1024),
  };
  const name = ['web-server', 'image-transformer', 'image-mean', 'x', undefined][random.below(5)];
  return lambdaPayload(header, randomOctets(random, fragments === 1 ? header.length : random.below(1025)), name);
}

describe(`hostile datagrams (seed ${SEED})`, () => {
  for (const port of [PORT_LAMBDA, PORT_MANAGEMENT, PORT_MEMCACHED]) {
    test(`${DATAGRAMS} of them to UDP ${port} disturb no one`, () => {
      const random = randomStream(SEED, `fuzz/${port}`);
      const fabric = new TestFabric({ gateway: { requestTimeoutPs: 5 * PS_PER_MS, retries: 1 }, rdmaSlots: 4 });
      const client = new TestClient(fabric);
      const workers = published(fabric);
      const sources = [
        ...workers.map((worker) => worker.host.interfaces.map((entry) => entry.address)),
        ['10.10.66.6', '192.168.50.66'],
      ];
      for (let i = 0; i < DATAGRAMS; i++) {
        const networkPort = random.below(4) === 0 ? 1 : 0;
        const source = sources[random.below(sources.length)]?.[port === PORT_MANAGEMENT ? 1 : networkPort] ?? '';
        const from = port === PORT_MANAGEMENT ? 1 : networkPort;
        fabric.send(from, source, random.below(2) === 0 ? port : 1 + random.below(65_535), port, hostile(random, port));
        if (i % 50 === 0) fabric.run(fabric.nowPs + PS_PER_MS);
      }
      fabric.run();
      client.request('web-server', 1_000_000, Uint8Array.of(41));
      fabric.run();
      expect(client.answersTo(1_000_000).map((answer) => answer.header.status)).toEqual([STATUS_OK]);
      expect(client.bodyOf(1_000_000)).toEqual(Uint8Array.of(42));
      expect(fabric.counter('gateway_outstanding')).toBe(0);
      expect(fabric.counter('lease_held')).toBe(0);
      expect(fabric.counter('host_malformed')).toBe(0);
    });
  }

  test('memcached answers the same whichever way a stream is cut', () => {
    const random = randomStream(SEED, 'fuzz/stream');
    for (let round = 0; round < 200; round++) {
      let text = '';
      for (let i = 0; i < 30; i++) text += FRAGMENTS_OF_SENSE[random.below(FRAGMENTS_OF_SENSE.length)];
      const octets = Uint8Array.from([...text].map((char) => char.charCodeAt(0)));
      const cuts = Array.from({ length: 10 }, () => random.below(octets.length)).sort((a, b) => a - b);
      expect(answersTo(octets, cuts), `round ${round}`).toBe(answersTo(octets, []));
    }
  });
});

function answersTo(octets: Uint8Array, cuts: readonly number[]): string {
  const state = new MemcachedState({ nowPs: () => 0 });
  const session = new AsciiSession(state);
  let text = '';
  let start = 0;
  for (const cut of [...cuts, octets.length]) {
    session.append(octets.subarray(start, cut));
    start = cut;
    for (;;) {
      const step = session.step();
      if (step === 'more') break;
      if (step === 'close') return `${text}closed`;
      for (const part of step) text += textFromOctets(part, 0, part.length);
    }
  }
  state.storage.audit();
  return text;
}
