import { expect, test } from 'vitest';
import { readFirmwareElf } from '../npu/image/elf-read.ts';
import { writeFirmwareElf } from '../npu/image/elf-write.ts';
import { shippedProfile, shippedSources } from '../test/shipped-files.ts';
import { buildFirmware } from './build-firmware.ts';
import { imageListing } from './image-listing.ts';
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
