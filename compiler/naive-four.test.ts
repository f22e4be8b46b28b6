import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { shippedProfile, shippedSources } from '../test/shipped-files.ts';
import { buildFirmware } from './build-firmware.ts';
import { Bench, imageOf, MEMCACHED } from './lambda-bench.ts';
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
import { NAIVE_FOUR_FOLDER, NAIVE_FOUR_IDS, naiveFourSources } from './naive-four.ts';

/** Committed before the passes that are measured with them; see the folder's README. */
const FROZEN: Readonly<Record<string, string>> = {
  'image-transformer.c': '40bc27edcace7eb4c8d4ee01647e07fb7f18b415697f6929cbce7fa98aca65dd',
  'image-transformer.p4': '133d695dd0b7d069167d94386ff9db720476dc732fa8178ada70ced13e832d33',
  'main.c': '9bf80b88b2a389060aa56d23e380a740abe8296130a12fb38b6557e333749753',
  'match.p4': '782b7872f68d99387663eebe14f830cab1b73cf2aa4032fd668edf6e3907a2cd',
  'profile-reader.c': '0202ca4983199a76293a4c88d9c5803823dac80b23c8230ae2dc1793f5c28229',
  'profile-reader.p4': 'c1f594c05455a11cc809940a99db39ccde2533ff8997f32738fd5497a21575ba',
  'profile-writer.c': '8ed5a30e1c8de0b334df3773eec745ad58cf2242096e9ad813fa2ac7a1265159',
  'profile-writer.p4': '037d6b8f522b80d5a901017c11ad37f1982e302b0f4b6c25450f851374281e16',
  'routes.p4cfg': 'b9832e6dda73b736ba607b8b41190661fd84f45407d8c840f78624ed136d7478',
  'web-server.c': '22409319d1d03c8852aeed313ef8f6dcf6cc39a6151562805bf950496b3fc637',
  'web-server.p4': '54b710cb224951c4facd936d81d15c4e24a7c141a086cbebb8f93203a4126b21',
};

const files = shippedSources();
const TARGET_SPECIFIC = ['lambda-coalescing', 'match-reduction', 'memory-stratification'];

it('is the program that was frozen', () => {
  const found = Object.fromEntries(
    [...files]
      .filter(([path]) => path.startsWith(`${NAIVE_FOUR_FOLDER}/`) && !path.endsWith('.md'))
      .map(([path, source]) => [
        path.slice(NAIVE_FOUR_FOLDER.length + 1),
        createHash('sha256').update(source).digest('hex'),
      ]),
  );
  expect(found).toEqual(FROZEN);
});

describe.each([{ off: [] }, ...TARGET_SPECIFIC.map((pass) => ({ off: [pass] })), { off: TARGET_SPECIFIC }])(
  'the naive four without $off',
  ({ off }) => {
    let bench: Bench;
    beforeAll(() => {
      const profile = shippedProfile();
      const sources = naiveFourSources(profile, files, { disabledPasses: off, validatePasses: true });
      bench = new Bench(profile, imageOf(buildFirmware(sources), files));
    });

    const request = (lambda: keyof typeof NAIVE_FOUR_IDS, requestId: number, body: Uint8Array) =>
      lambdaFrame(CLIENT, { wId: NAIVE_FOUR_IDS[lambda], requestId }, body);
    const sent = (frames: readonly Uint8Array[]) => {
      const out = bench.exchange(frames);
      expect(bench.faults).toEqual([]);
      for (const { frame } of out) expect(frameFault(frame)).toBeUndefined();
      return out;
    };
    const answer = (frames: readonly Uint8Array[]) => {
      const out = sent(frames);
      expect(out.map(({ port }) => port)).toEqual([0]);
      const read = readLambda(out[0]!.frame);
      expect(read.ends).toEqual(turned(CLIENT));
      expect(read.flags & 1).toBe(1);
      return read;
    };
    /** What memcached is asked, and the answer to what it says. */
    const query = (frame: Uint8Array, says: string) => {
      const [asked] = sent([frame]);
      const ends = readEnds(asked!.frame);
      expect(ends).toMatchObject({
        destination: MEMCACHED.address,
        destinationMac: MEMCACHED.mac,
        destinationPort: 11211,
      });
      const length = new DataView(asked!.frame.buffer, asked!.frame.byteOffset).getUint16(38) - 16;
      const head = asked!.frame.slice(42, 50);
      const back: Ends = { ...turned(ends) };
      const frames = [udpFrame(back, Uint8Array.from([...head, ...text(says)]))];
      return { asked: new TextDecoder().decode(asked!.frame.slice(50, 50 + length)), answer: answer(frames) };
    };

    it('reads a profile from memcached and doubles it', () => {
      const { asked, answer } = query(
        request('profile-reader', 5, words(0x12ab34cd)),
        'VALUE u12ab34cd 0 8\r\n00c0ffee\r\nEND\r\n',
      );
      expect(asked).toBe('get u12ab34cd\r\n');
      expect(answer).toMatchObject({ wId: 21, requestId: 5, status: 0, length: 4, body: words(0x0181ffdc) });
    });

    it('says that there is no profile', () => {
      expect(query(request('profile-reader', 6, words(1)), 'END\r\n').answer).toMatchObject({ status: 1, length: 0 });
    });

    it('writes a profile to memcached', () => {
      const { asked, answer } = query(request('profile-writer', 7, words(0xdeadbeef, 0x01c0ffee)), 'STORED\r\n');
      expect(asked).toBe('set udeadbeef 0 0 8\r\n01c0ffee\r\n');
      expect(answer).toMatchObject({ wId: 22, requestId: 7, status: 0, length: 0 });
    });

    it('answers a bad request of each lambda', () => {
      for (const lambda of Object.keys(NAIVE_FOUR_IDS) as (keyof typeof NAIVE_FOUR_IDS)[]) {
        expect(answer([request(lambda, 8, words(1, 2, 3).slice(0, 3))])).toMatchObject({ status: 2, length: 0 });
      }
    });

    it('serves pages', () => {
      expect(answer([request('web-server', 9, words(24))])).toMatchObject({
        status: 0,
        body: text('status: all cores idle'),
      });
    });

    it('makes images grey, from one packet and from three', () => {
      const pixels = (count: number) => Uint8Array.from({ length: count * 4 }, (_, i) => (i * 37 + 11) & 0xff);
      const third = (octet: number) => Math.floor(octet / 3);
      for (const count of [16, 100, 700]) {
        const body = pixels(count);
        const grey = Uint8Array.from(
          { length: count },
          (_, i) => third(body[4 * i]!) + third(body[4 * i + 1]!) + third(body[4 * i + 2]!),
        );
        const fields = { wId: NAIVE_FOUR_IDS['image-transformer'], requestId: 40 + count };
        expect(answer(lambdaMessage(CLIENT, fields, body))).toMatchObject({ status: 0, length: count, body: grey });
      }
    });

    it('gives the host what is not for a lambda, and drops answers to addresses without a route', () => {
      const stranger = udpFrame({ ...CLIENT, destinationPort: 53 }, text('who is there'));
      expect(bench.exchange([stranger]).map(({ port, frame }) => ({ port, frame }))).toEqual([
        { port: 0x300, frame: stranger },
      ]);
      const lost = lambdaFrame({ ...CLIENT, source: 0x01020304 }, { wId: NAIVE_FOUR_IDS['web-server'] }, words(1));
      expect(bench.exchange([lost])).toEqual([]);
    });
  },
);
