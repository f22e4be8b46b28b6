import { beforeAll, describe, expect, it } from 'vitest';
import expectedPages from '../lambdas/web-server/expected.json' with { type: 'json' };
import type { NicProfile } from '../npu/profile.ts';
import { shippedProfile, shippedSources } from '../test/shipped-files.ts';
import { Bench, buildLambdas, imageOf, LAMBDA_IDS, MEMCACHED, type SentFrame } from './lambda-bench.ts';
import {
  CLIENT,
  type Ends,
  frameFault,
  lambdaFrame,
  lambdaMessage,
  readEnds,
  readLambda,
  text,
  turned,
  udpFrame,
  words,
} from './lambda-frames.ts';

const ALL = ['web-server', 'key-value-client', 'image-transformer', 'image-mean'] as const;
const RESPONSE = 1;
let profile: NicProfile;
let image: ReturnType<typeof imageOf>;
let bench: Bench;

beforeAll(() => {
  profile = shippedProfile();
  const files = shippedSources();
  image = imageOf(buildLambdas(ALL, profile, files), files);
  bench = new Bench(profile, image);
});

/** One frame in, one out; whatever comes out is a correct frame from the worker to the client. */
function ask(
  frame: Uint8Array,
  port = 0,
): ReturnType<typeof readLambda> & { readonly port: number; readonly cycle: number } {
  const answers = bench.exchange([frame], port);
  expect(bench.faults).toEqual([]);
  expect(answers.length).toBe(1);
  return checkedAnswer(answers[0] as SentFrame);
}

function checkedAnswer(sent: SentFrame, ends: Ends = turned(CLIENT)) {
  expect(frameFault(sent.frame)).toBeUndefined();
  const answer = readLambda(sent.frame);
  expect(answer.ends).toEqual(ends);
  expect(answer.flags & RESPONSE).toBe(RESPONSE);
  return { ...answer, port: sent.port, cycle: sent.cycle };
}

describe('the firmware', () => {
  it('fits into half of the smaller code store', () => {
    expect(image.instructions.length).toBeLessThan(8192);
  });

  it('leaves out a lambda that is not deployed, and sends its requests to the host', () => {
    const alone = new Bench(
      profile,
      imageOf(buildLambdas(['web-server'], profile, shippedSources()), shippedSources()),
    );
    const frame = lambdaFrame(CLIENT, { wId: LAMBDA_IDS['image-mean'] }, words(1, 2, 3));
    const sent = alone.exchange([frame]);
    expect(sent.map(({ port, frame: out }) => ({ port, out }))).toEqual([{ port: 0x300, out: frame }]);
    expect(readLambda(alone.exchange([lambdaFrame(CLIENT, { wId: 11 }, words(0))])[0]!.frame).status).toBe(0);
  });
});

describe('frames that match no lambda', () => {
  const cases: [string, Uint8Array][] = [
    ['ARP', Uint8Array.from({ length: 60 }, (_, i) => (i === 12 ? 8 : i === 13 ? 6 : i))],
    ['UDP to another port', udpFrame({ ...CLIENT, destinationPort: 53 }, text('who is there'))],
    ['an unknown lambda', lambdaFrame(CLIENT, { wId: 999 }, words(1))],
    ['a long frame', udpFrame({ ...CLIENT, destinationPort: 9 }, new Uint8Array(1400).fill(7))],
    ['a stray memcached answer', udpFrame({ ...CLIENT, sourcePort: 11211, destinationPort: 7 }, new Uint8Array(30))],
  ];
  it.each(cases)('%s goes to the host as it is', (_, frame) => {
    expect(bench.exchange([frame]).map(({ port, frame: out }) => ({ port, out }))).toEqual([
      { port: 0x300, out: frame },
    ]);
    expect(bench.faults).toEqual([]);
  });

  it('frames of the host go out to the wire as they are', () => {
    const frame = lambdaFrame(CLIENT, { wId: LAMBDA_IDS['web-server'] }, words(1));
    expect(bench.exchange([frame], 0x300).map(({ port, frame: out }) => ({ port, out }))).toEqual([
      { port: 0, out: frame },
    ]);
  });

  it('an answer that comes to a worker is not answered', () => {
    expect(bench.exchange([lambdaFrame(CLIENT, { wId: LAMBDA_IDS['web-server'], flags: RESPONSE }, words(1))])).toEqual(
      [],
    );
  });

  it('a lambda header that is cut off is dropped', () => {
    const frame = lambdaFrame(CLIENT, { wId: LAMBDA_IDS['web-server'] }, new Uint8Array(0)).slice(0, 60);
    expect(bench.exchange([frame])).toEqual([]);
    expect(bench.faults).toEqual([]);
  });
});

describe('web-server', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 15, 0xffffffff])('serves page %i modulo eight', (page) => {
    const answer = ask(lambdaFrame(CLIENT, { wId: LAMBDA_IDS['web-server'], requestId: 77 + page }, words(page)));
    const expected = expectedPages.pages[page % 8]!;
    expect(new TextDecoder().decode(answer.body)).toBe(expected);
    expect(answer).toMatchObject({
      port: 0,
      wId: 11,
      requestId: (77 + page) % 2 ** 32,
      fragment: 0,
      fragments: 1,
      status: 0,
    });
    expect(answer.length).toBe(expected.length);
  });

  it('takes a few microseconds at most', () => {
    const answer = ask(lambdaFrame(CLIENT, { wId: LAMBDA_IDS['web-server'] }, words(6)));
    expect(answer.cycle).toBeLessThan(3 * 633);
  });

  it.each([
    ['no body', new Uint8Array(0)],
    ['a long body', words(1, 2)],
  ])('refuses %s', (_, body) => {
    expect(ask(lambdaFrame(CLIENT, { wId: LAMBDA_IDS['web-server'] }, body))).toMatchObject({ status: 2, length: 0 });
  });

  it('refuses a length that the packet does not have', () => {
    const frame = lambdaFrame(CLIENT, { wId: LAMBDA_IDS['web-server'], length: 4 }, new Uint8Array(2));
    expect(ask(frame)).toMatchObject({ status: 2, length: 0 });
  });

  it('answers many at once, each its own', () => {
    const requests = Array.from({ length: 700 }, (_, i) =>
      lambdaFrame(CLIENT, { wId: LAMBDA_IDS['web-server'], requestId: i }, words(i * 3)),
    );
    const answers = bench.exchange(requests).map((sent) => checkedAnswer(sent));
    expect(answers.length).toBe(700);
    for (const { requestId, body } of answers) {
      expect(new TextDecoder().decode(body)).toBe(expectedPages.pages[(requestId * 3) % 8]);
    }
    expect(new Set(answers.map((answer) => answer.requestId)).size).toBe(700);
  });
});

describe('key-value-client', () => {
  const wId = LAMBDA_IDS['key-value-client'];
  const toMemcached: Ends = {
    sourceMac: CLIENT.destinationMac,
    destinationMac: MEMCACHED.mac,
    source: CLIENT.destination,
    destination: MEMCACHED.address,
    sourcePort: 49152,
    destinationPort: 11211,
  };

  function request(operation: number, key: string, value = ''): Uint8Array {
    return Uint8Array.from([
      operation,
      key.length,
      value.length >> 8,
      value.length & 255,
      ...text(key),
      ...text(value),
    ]);
  }

  /** First invocation: what memcached is asked, and under which id. */
  function asked(body: Uint8Array, requestId = 5): { id: number; command: string } {
    const sent = bench.exchange([lambdaFrame(CLIENT, { wId, requestId }, body)]);
    expect(bench.faults).toEqual([]);
    expect(sent.length).toBe(1);
    const { frame, port } = sent[0]!;
    expect(frameFault(frame)).toBeUndefined();
    expect(port).toBe(0);
    expect(readEnds(frame)).toEqual(toMemcached);
    const view = new DataView(frame.buffer);
    expect([view.getUint16(44), view.getUint16(46), view.getUint16(48)]).toEqual([0, 1, 0]);
    return { id: view.getUint16(42), command: new TextDecoder().decode(frame.slice(50, 34 + view.getUint16(38))) };
  }

  function memcachedAnswer(
    id: number,
    answer: string | Uint8Array,
    ends = turned(toMemcached),
    sequence = 0,
    datagrams = 1,
  ) {
    const octets = typeof answer === 'string' ? text(answer) : answer;
    const head = [id >> 8, id & 255, 0, sequence, 0, datagrams, 0, 0];
    return udpFrame(ends, Uint8Array.from([...head, ...octets]));
  }

  it.each([
    ['k', ''],
    ['key', 'v'],
    ['twelve-octet', 'value with spaces'],
    ['abcdefghijklmnopqrstuvwx', 'x'.repeat(64)],
    ['abcde', 'y'.repeat(9)],
    ['abcd', 'z'.repeat(10)],
    ['abcdefg', `${'0123456789'.repeat(3)}ab`],
    ['abcdefg', `${'0123456789'.repeat(3)}abc`],
  ])('SET %s', (key, value) => {
    const { id, command } = asked(request(1, key, value), 900);
    expect(command).toBe(`set ${key} 0 0 ${value.length}\r\n${value}\r\n`);
    const answer = ask(memcachedAnswer(id, 'STORED\r\n'));
    expect(answer).toMatchObject({ wId, requestId: 900, status: 0, length: 0, fragment: 0, fragments: 1, port: 0 });
  });

  it.each(Array.from({ length: 24 }, (_, i) => i + 1))('GET with a key of %i octets', (octets) => {
    const key = 'abcdefghijklmnopqrstuvwx'.slice(0, octets);
    const { id, command } = asked(request(0, key));
    expect(command).toBe(`get ${key}\r\n`);
    const value = 'Az[`{z}aA-mixed 0 1 2 é ü; and some more to fill the sixty-four..'.slice(0, 65 - octets);
    const octetsOfValue = text(value).slice(0, 64);
    const head = text(`VALUE ${key} ${octets % 3 === 0 ? 4294967295 : 0} ${octetsOfValue.length}\r\n`);
    const answer = ask(memcachedAnswer(id, Uint8Array.from([...head, ...octetsOfValue, ...text('\r\nEND\r\n')])));
    expect(answer.status).toBe(0);
    const capitals = octetsOfValue.map((octet) => (octet >= 0x61 && octet <= 0x7a ? octet - 0x20 : octet));
    expect(answer.body).toEqual(capitals);
    expect(answer.length).toBe(capitals.length);
  });

  it('pads short frames with zeros, whatever the buffer held', () => {
    const sent = bench.exchange([lambdaFrame(CLIENT, { wId, status: 0xffff }, request(0, 'k'))]);
    expect(sent[0]!.frame.length).toBe(60);
    expect(frameFault(sent[0]!.frame)).toBeUndefined();
  });

  it('GET of an empty value', () => {
    const { id } = asked(request(0, 'k'));
    expect(ask(memcachedAnswer(id, 'VALUE k 0 0\r\n\r\nEND\r\n'))).toMatchObject({ status: 0, length: 0 });
  });

  it('GET of what is not there', () => {
    const { id } = asked(request(0, 'nothing'));
    expect(ask(memcachedAnswer(id, 'END\r\n'))).toMatchObject({ status: 1, length: 0 });
  });

  it.each([
    ['an error', 'SERVER_ERROR out of memory\r\n', 0, 1],
    ['a value that is too long', `VALUE k 0 65\r\n${'a'.repeat(65)}\r\nEND\r\n`, 0, 1],
    ['a length that is not the value', 'VALUE k 0 5\r\nabc\r\nEND\r\n', 0, 1],
    ['a line without end', `VALUE ${'k'.repeat(80)}`, 0, 1],
    ['several datagrams', 'VALUE k 0 5\r\nab', 0, 2],
    ['nothing', '', 0, 1],
  ])('%s from memcached is a failure of the backend', (_, answer, sequence, datagrams) => {
    const { id } = asked(request(0, 'k'));
    const sent = memcachedAnswer(id, answer, turned(toMemcached), sequence, datagrams);
    expect(ask(sent)).toMatchObject({ status: 3, length: 0 });
  });

  it('passes one answer on, not its copy', () => {
    const { id } = asked(request(1, 'k', 'v'));
    const answer = memcachedAnswer(id, 'STORED\r\n');
    expect(bench.exchange([answer]).length).toBe(1);
    expect(bench.exchange([answer])).toEqual([]);
  });

  it('takes no answer of a request that it did not make', () => {
    expect(bench.exchange([memcachedAnswer(0x3ff, 'STORED\r\n')])).toEqual([]);
  });

  it('keeps requests apart', () => {
    const open = Array.from({ length: 100 }, (_, i) => ({ i, ...asked(request(0, `key${i}`), 1000 + i) }));
    expect(new Set(open.map(({ id }) => id)).size).toBe(100);
    for (const { i, id } of open.reverse()) {
      const answer = ask(memcachedAnswer(id, `VALUE key${i} 0 6\r\nval${String(i).padStart(3, '-')}\r\nEND\r\n`));
      expect(answer.requestId).toBe(1000 + i);
      expect(new TextDecoder().decode(answer.body)).toBe(`VAL${String(i).padStart(3, '-')}`);
    }
  });

  it.each([
    ['no operation', new Uint8Array(0)],
    ['an unknown operation', request(2, 'k')],
    ['an empty key', request(0, '')],
    ['a key that is too long', request(0, 'k'.repeat(25))],
    ['a value that is too long', request(1, 'k', 'v'.repeat(65))],
    ['a blank in the key', request(0, 'a b')],
    ['a line end in the key', request(0, 'abcdef\r\ndelete x')],
    ['a control octet at the end of the key', request(0, 'abcd\x7f')],
    ['a length that does not fit', Uint8Array.from([...request(0, 'abc'), 0])],
  ])('refuses %s', (_, body) => {
    expect(ask(lambdaFrame(CLIENT, { wId }, body))).toMatchObject({ status: 2, length: 0, port: 0 });
  });
});

/** width, height and pixels of a picture that has every octet value. */
function picture(width: number, height: number, seed = width): Uint8Array {
  const octets = new Uint8Array(4 + width * height * 4);
  new DataView(octets.buffer).setUint32(0, width * 65536 + height);
  for (let i = 4; i < octets.length; i++) octets[i] = ((i + seed * 31) * 2654435761 + (i >> 8) * 97) >>> 11;
  return octets;
}

function grey(input: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: (input.length - 4) / 4 }, (_, i) => {
    const [r, g, b] = [input[4 + i * 4]!, input[5 + i * 4]!, input[6 + i * 4]!];
    return Math.floor(r / 3) + Math.floor(g / 3) + Math.floor(b / 3);
  });
}

describe('image-transformer', () => {
  const wId = LAMBDA_IDS['image-transformer'];

  it.each([
    [1, 1],
    [3, 3],
    [31, 1],
    [8, 4],
    [33, 1],
    [15, 17],
    [16, 15],
  ])('a picture of %i x %i in one packet', (width, height) => {
    const input = picture(width, height);
    const answer = ask(lambdaFrame(CLIENT, { wId, requestId: 3 }, input));
    expect(answer).toMatchObject({ status: 0, length: width * height, fragment: 0, fragments: 1, requestId: 3 });
    expect(answer.body).toEqual(grey(input));
  });

  /** Puts the fragments of an answer together. */
  function joined(sent: readonly SentFrame[], octets: number): Uint8Array {
    const result = new Uint8Array(octets);
    const answers = sent.map((each) => checkedAnswer(each));
    expect(answers.map(({ fragment }) => fragment)).toEqual(answers.map((_, i) => i));
    for (const { fragment, fragments, body, length, status } of answers) {
      expect({ fragments, length, status }).toEqual({ fragments: Math.ceil(octets / 1024), length: octets, status: 0 });
      result.set(body, fragment * 1024);
    }
    return result;
  }

  it.each([
    [16, 16],
    [40, 30],
    [90, 90],
    [64, 127],
  ])('a picture of %i x %i in fragments', (width, height) => {
    const input = picture(width, height);
    const sent = bench.exchange(lambdaMessage(CLIENT, { wId, requestId: width }, input));
    expect(bench.faults).toEqual([]);
    expect(joined(sent, width * height)).toEqual(grey(input));
  });

  it('takes fragments in any order, and copies of them', () => {
    const input = picture(50, 50);
    const frames = lambdaMessage(CLIENT, { wId, requestId: 500 }, input);
    const shuffled = [...frames.slice(5), ...frames.slice(0, 5).reverse(), frames[7]!].filter(
      (frame) => frame !== frames[2],
    );
    expect(bench.exchange(shuffled)).toEqual([]);
    expect(joined(bench.exchange([frames[3]!, frames[2]!]), 2500)).toEqual(grey(input));
  });

  it('keeps messages of several senders apart', () => {
    const inputs = Array.from({ length: 40 }, (_, i) => picture(20 + i, 30));
    const frames = inputs.map((input, i) =>
      lambdaMessage({ ...CLIENT, sourcePort: 51_000 + i }, { wId, requestId: i }, input),
    );
    const mixed: Uint8Array[] = [];
    for (let at = 0; at < 8; at++)
      for (const message of frames) if (message[at] !== undefined) mixed.push(message[at]!);
    const sent = bench.exchange(mixed);
    expect(bench.faults).toEqual([]);
    for (const [i, input] of inputs.entries()) {
      const own = sent.filter(({ frame }) => readEnds(frame).destinationPort === 51_000 + i);
      const body = new Uint8Array(input.length / 4 - 1);
      for (const { frame } of own) body.set(readLambda(frame).body, readLambda(frame).fragment * 1024);
      expect(body).toEqual(grey(input));
    }
  });

  it('does not give the memory of a message away whose lambda runs', () => {
    // Request ids with the same low four bits of their hash share a set of four places.
    const long = picture(64, 127);
    const short = picture(50, 50);
    const messages = [0, 16, 32, 48, 64].map((requestId, i) =>
      lambdaMessage(CLIENT, { wId, requestId }, i === 0 ? long : short),
    );
    const sent = bench.exchange(messages.flat(), 0, 600);
    const of = (requestId: number) => sent.filter(({ frame }) => readLambda(frame).requestId === requestId);
    expect(joined(of(0), 64 * 127)).toEqual(grey(long));
    const others = [16, 32, 48, 64];
    const answered = others.filter((requestId) => of(requestId).length > 0);
    for (const requestId of answered) expect(joined(of(requestId), 2500)).toEqual(grey(short));
    // One found no place, whichever came last; its sender asks again.
    const [late, ...none] = others.filter((requestId) => !answered.includes(requestId));
    expect(none).toEqual([]);
    expect(joined(bench.exchange(messages[late! / 16]!), 2500)).toEqual(grey(short));
  });

  it('does not mix a message with an older one of the same id', () => {
    const old = lambdaMessage(CLIENT, { wId, requestId: 7000 }, picture(50, 50));
    expect(bench.exchange(old.slice(0, 2))).toEqual([]);
    const input = picture(20, 20);
    expect(joined(bench.exchange(lambdaMessage(CLIENT, { wId, requestId: 7000 }, input)), 400)).toEqual(grey(input));
    expect(joined(bench.exchange(old.slice(2)), 2500)).toEqual(grey(picture(50, 50)));
    const other = { ...CLIENT, sourcePort: 50_002 };
    expect(bench.exchange([old[0]!, lambdaMessage(other, { wId, requestId: 7000 }, picture(50, 50))[1]!])).toEqual([]);
    expect(joined(bench.exchange(old.slice(1)), 2500)).toEqual(grey(picture(50, 50)));
  });

  it('gives the place of an unfinished message away when nothing came for it for a millisecond', () => {
    const input = picture(50, 50);
    const messages = [256, 272, 288, 304, 320].map((requestId) => lambdaMessage(CLIENT, { wId, requestId }, input));
    const fifth = messages[4]!;
    expect(
      bench.exchange(
        messages.slice(0, 4).map((frames) => frames[0]!),
        0,
        5000,
      ),
    ).toEqual([]);
    expect(bench.exchange(fifth)).toEqual([]);
    bench.rest(640_000);
    expect(joined(bench.exchange(fifth), 2500)).toEqual(grey(input));
    // The first gave way to it, and its first fragment is lost; the others wait still.
    for (const frames of messages.slice(1, 4))
      expect(joined(bench.exchange(frames.slice(1)), 2500)).toEqual(grey(input));
    expect(bench.exchange(messages[0]!.slice(1))).toEqual([]);
    expect(joined(bench.exchange([messages[0]![0]!]), 2500)).toEqual(grey(input));
  });

  it('gives its memory back: three hundred messages', () => {
    const input = picture(20, 20);
    const expected = grey(input);
    for (let i = 0; i < 30; i++) {
      const frames = Array.from({ length: 10 }, (_, k) =>
        lambdaMessage(CLIENT, { wId, requestId: i * 10 + k }, input),
      ).flat();
      const sent = bench.exchange(frames);
      expect(sent.length).toBe(10);
      for (const each of sent) expect(checkedAnswer(each).body).toEqual(expected);
    }
  });

  it.each([
    ['a size that is not the length', 0, 5 * 65536 + 5],
    ['a size that overflows', 0, 0xffffffff],
  ])('refuses %s', (_, at, value) => {
    const input = picture(4, 4);
    new DataView(input.buffer).setUint32(at, value);
    expect(ask(lambdaFrame(CLIENT, { wId }, input))).toMatchObject({ status: 2, length: 0 });
  });

  it('refuses a message of fragments with a bad size, and frees its memory', () => {
    for (let i = 0; i < 80; i++) {
      const input = picture(20, 20);
      new DataView(input.buffer).setUint16(0, 21);
      const sent = bench.exchange(lambdaMessage(CLIENT, { wId, requestId: 4000 + i }, input));
      expect(checkedAnswer(sent[0]!)).toMatchObject({ status: 2, length: 0, fragments: 1 });
    }
  });

  it.each([
    ['a fragment beyond the last', { fragment: 2, fragments: 2, length: 1600 }],
    ['a number of fragments that is not the length', { fragment: 0, fragments: 3, length: 1600 }],
    ['more than a slot holds', { fragment: 0, fragments: 33, length: 33 * 1024 }],
    ['a fragment shorter than it must be', { fragment: 0, fragments: 2, length: 2048 }],
  ])('drops %s', (_, fields) => {
    expect(bench.exchange([lambdaFrame(CLIENT, { wId, ...fields }, new Uint8Array(600))])).toEqual([]);
    expect(bench.faults).toEqual([]);
  });
});

describe('images over RDMA', () => {
  const { rdmaSlotBase, rdmaSlotOctets, rdmaOutputOffset } = shippedProfile().memoryPlan;

  function event(slot: number, octets: number, flags = 2): Uint8Array {
    const base = rdmaSlotBase + slot * rdmaSlotOctets;
    const body = words(0x98, base + 32, octets, 0x98, base + rdmaOutputOffset, rdmaSlotOctets - rdmaOutputOffset);
    const own = { ...CLIENT, destinationPort: 4369 };
    return lambdaFrame(own, { wId: LAMBDA_IDS['image-transformer'], requestId: 9, flags, length: octets }, body);
  }

  function written(slot: number, input: Uint8Array): void {
    const memory = bench.npu.memory('emem');
    memory.write(rdmaSlotBase + slot * rdmaSlotOctets + 32, input);
  }

  function result(slot: number, octets: number): Uint8Array {
    return bench.npu.memory('emem').read(rdmaSlotBase + slot * rdmaSlotOctets + rdmaOutputOffset, octets);
  }

  it.each([
    [0, 128, 100],
    [63, 77, 13],
  ])('slot %i: %i x %i, and then its mean', (slot, width, height) => {
    const input = picture(width, height);
    written(slot, input);
    const answer = ask(event(slot, input.length, 6), 0x200);
    expect(answer).toMatchObject({ port: 0x200, status: 0, length: width * height, flags: 7, requestId: 9 });
    expect(answer.body.length).toBe(0);
    const expected = grey(input);
    expect(result(slot, width * height)).toEqual(expected);

    const mean = ask(
      lambdaFrame(CLIENT, { wId: LAMBDA_IDS['image-mean'], requestId: 8 }, words(4711, slot, width * height)),
    );
    const sum = expected.reduce((total, octet) => total + octet, 0);
    expect(mean).toMatchObject({ status: 0, length: 16, requestId: 8 });
    expect(mean.body).toEqual(words(width * height, sum, Math.min(...expected), Math.max(...expected)));
  });

  it('a picture of 256 x 256', () => {
    const input = picture(256, 256);
    written(5, input);
    const answer = ask(event(5, input.length), 0x200);
    expect(answer).toMatchObject({ status: 0, length: 65536 });
    expect(result(5, 65536)).toEqual(grey(input));
  });

  it('refuses a picture that the memory for the answer cannot hold', () => {
    const base = words(600 * 65536 + 600);
    written(6, base);
    expect(ask(event(6, 600 * 600 * 4 + 4), 0x200)).toMatchObject({ status: 2, length: 0, port: 0x200 });
  });

  it.each([
    ['a slot that is not there', words(1, 64, 100)],
    ['more than a slot holds', words(1, 0, 131073)],
    ['no octets', words(1, 0, 0)],
    ['a short body', words(1, 0)],
  ])('image-mean refuses %s', (_, body) => {
    expect(ask(lambdaFrame(CLIENT, { wId: LAMBDA_IDS['image-mean'] }, body))).toMatchObject({ status: 2, length: 0 });
  });
});
