import { expect, test } from 'vitest';
import { readFirmwareElf } from '../npu/image/elf-read.ts';
import { writeFirmwareElf } from '../npu/image/elf-write.ts';
import { shippedProfile, shippedSources } from '../test/shipped-files.ts';
import { buildFirmware } from './build-firmware.ts';
import { imageListing, imageMap } from './image-listing.ts';
import { naiveFourSources } from './naive-four.ts';

const files = shippedSources();

test('the listing names all places of code that lambdas have in common, and none without sharing', () => {
  const listing = (disabledPasses: readonly string[]): string => {
    const build = buildFirmware(naiveFourSources(shippedProfile(), files, { disabledPasses }));
    if (!build.ok) throw new Error('the naive program compiles');
    const read = readFirmwareElf(writeFirmwareElf(build.image));
    if (!read.ok) throw new Error(read.error.message);
    return imageListing(read.value, files);
  };
  const shared = listing([]);
  expect(shared).toMatch(/^; \S+profile-reader\.p4:43 \(also \S+web-server\.p4:37\) {2}modify_field/m);
  expect(listing(['lambda-coalescing'])).not.toContain('(also');
});

test('the map has functions and objects by place, the rights of each owner, and the ids of lambdas', () => {
  const build = buildFirmware(naiveFourSources(shippedProfile(), files, {}));
  if (!build.ok) throw new Error('the naive program compiles');
  const { image } = build;
  const sections = imageMap(image).split('\n\n');
  expect(sections.map((section) => section.split('\n')[0])).toEqual([
    'Code (instructions)',
    'Objects (octets)',
    'Rights (octets)',
    'Lambdas (id)',
  ]);
  const places = (section: string): [address: number, size: number][] =>
    [...section.matchAll(/ 0x([0-9a-f]{8}) +(\d+) /g)].map(([, address, size]) => [
      Number.parseInt(address!, 16),
      Number(size),
    ]);
  // Stretches of code follow one another without a gap, to the last instruction.
  let end = 0;
  for (const [address, size] of places(sections[0]!)) {
    expect(address).toBe(end);
    end += size;
  }
  expect(end).toBe(image.instructions.length);
  expect(places(sections[1]!)).toHaveLength(image.symbols.filter(({ memory }) => memory !== 'code').length);
  expect(places(sections[2]!)).toHaveLength(image.regions.length);
  expect(sections[2]).toMatch(/^ {2}\w+ +0x[0-9a-f]{8} +\d+ {2}rw profile_reader_pending \(profile-reader\)$/m);
  for (const { name, id } of image.lambdas) expect(sections[3]).toMatch(new RegExp(`^ +${id} {2}${name}$`, 'm'));
});
