import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, describe, expect, test } from 'vitest';
import { InputError } from '../../base/errors.ts';
import { loadTopology } from '../../topology/load-topology.ts';
import { readPicture } from './read-picture.ts';

const folder = mkdtempSync(join(tmpdir(), 'picture-'));
afterAll(() => rmSync(folder, { recursive: true }));
const topology = loadTopology('one-worker');

function pictureOf(width: number, height: number): Buffer {
  const picture = new PNG({ width, height });
  for (let i = 0; i < picture.data.length; i++) picture.data[i] = (i * 31) % 256;
  return PNG.sync.write(picture);
}

function read(octets: Uint8Array): ReturnType<typeof readPicture> {
  const path = join(folder, 'picture.png');
  writeFileSync(path, octets);
  return readPicture(path, topology);
}

describe('a picture', () => {
  const whole = pictureOf(20, 10);

  test('comes as it was drawn', () => {
    const { width, height, pixels } = read(whole);
    expect([width, height]).toEqual([20, 10]);
    expect([...pixels.subarray(0, 4)]).toEqual([0, 31, 62, 93]);
    expect(pixels).toHaveLength(800);
  });

  test('that is empty, none at all, or cut anywhere, is refused in our own words', () => {
    expect(() => read(new Uint8Array(0))).toThrow(/picture\.png' is empty: expected a PNG file$/);
    expect(() => read(Buffer.from('not a picture'))).toThrow(/picture\.png' is not a PNG file$/);
    // The last chunk, IEND, is 12 octets; a decoder may do without it.
    for (let length = 8; length < whole.length - 12; length++) {
      expect(() => read(whole.subarray(0, length)), `${length} octets`).toThrow(
        /cut short: expected a whole PNG file$/,
      );
    }
  });

  test('that is damaged is refused', () => {
    const damaged = Uint8Array.from(whole);
    damaged[60]! ^= 0xff;
    expect(() => read(damaged)).toThrow(InputError);
  });

  test('that claims to be enormous is refused before it is decoded', () => {
    const enormous = Buffer.from(whole);
    enormous.writeUInt32BE(60_000, 16);
    enormous.writeUInt32BE(60_000, 20);
    expect(() => read(enormous)).toThrow(/image of 60000 x 60000: takes /);
  });
});
