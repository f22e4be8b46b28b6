import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { InputError } from '../base/errors.ts';
import { knownNicProfiles, loadNicProfile } from './load-topology.ts';
import { readNicProfile } from './nic-profile.ts';

const SHIPPED = new URL('./profiles/nics/', import.meta.url);

/** Reads a profile from texts; names that are not among them are shipped ones. */
function read(texts: Readonly<Record<string, string>>, name = 'mine') {
  const find = (wanted: string) => ({
    path: `${wanted}.yaml`,
    text: texts[wanted] ?? readFileSync(new URL(`${wanted}.yaml`, SHIPPED), 'utf8'),
  });
  return readNicProfile(find(name), find);
}

function fault(texts: Readonly<Record<string, string>>): string {
  try {
    read(texts);
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('shipped profiles', () => {
  test('the 2x40 is the same chip with another clock, fewer worker cores and a MAC that limits', () => {
    expect(knownNicProfiles()).toEqual(['agilio-cx-2x10', 'agilio-cx-2x25', 'agilio-cx-2x40']);
    const small = loadNicProfile('agilio-cx-2x10');
    const large = loadNicProfile('agilio-cx-2x40');
    expect([small.coreCount, large.coreCount]).toEqual([56, 50]);
    expect(large.clock).toEqual({ cycles: 1, picoseconds: 1250 });
    expect([small.mac.ingressFramesPerSecond, large.mac.ingressFramesPerSecond]).toEqual([29_761_904, 54_400_000]);
    expect(large.memories).toEqual(small.memories);
    expect(large.costs).toEqual(small.costs);
  });
});

describe('a profile that extends another', () => {
  const head = 'extends: agilio-cx-2x40\nname: mine\n';

  test('changes single figures and keeps the rest, through several profiles', () => {
    const slow = `${head}memories:\n  emem:\n    latency:\n      readCycles: 500\n`;
    const base = loadNicProfile('agilio-cx-2x40');
    const profile = read({ mine: slow });
    expect(profile.memories.emem.latency).toEqual({ ...base.memories.emem.latency, readCycles: 500 });
    expect({ ...profile, name: '', memories: 0 }).toEqual({ ...base, name: '', memories: 0 });
    const twice = read({ mine: 'extends: slow\nname: mine\ncosts: { contextSwapCycles: 1 }', slow });
    expect([twice.memories.emem.latency.readCycles, twice.costs.contextSwapCycles]).toEqual([500, 1]);
  });

  test('a list replaces the list below', () => {
    expect(read({ mine: `${head}islands: [{ number: 32, cores: 2 }]` }).coreCount).toBe(2);
  });

  test('faults are shown where the figure stands', () => {
    expect(fault({ mine: `${head}costs:\n  branchTakenCycles: none\n` })).toBe(
      "mine.yaml:4:22: costs.branchTakenCycles: expected a number, got 'none'",
    );
    expect(fault({ mine: `${head}costs:\n  branchTakn: 4\n` })).toMatch(
      /^mine\.yaml:4:3: unknown key 'branchTakn' in costs/,
    );
    // The contradiction is with a figure of the profile below, and that is where it stands.
    expect(fault({ mine: `${head}memories: { ctm: { octets: 131072 } }` })).toMatch(
      /^agilio-cx-2x10\.yaml:\d+:\d+: memoryPlan\.ctmProgramOctetAddress: expected the CTM has 131072 octets/,
    );
    expect(fault({ mine: `${head}memoryPlan: { rdmaSlots: 5000 }` })).toMatch(
      /^mine\.yaml:3:\d+: memoryPlan\.rdmaSlots/,
    );
  });

  test('what cannot be extended is refused at its place', () => {
    expect(fault({ mine: 'extends: [a]\nname: mine' })).toBe(
      'mine.yaml:1:10: extends: expected the name of a NIC profile',
    );
    expect(fault({ mine: 'extends: mine\nname: mine' })).toMatch(/^mine\.yaml:1:10: extends: expected another profile/);
    expect(fault({ mine: 'extends: other\nname: mine', other: 'name: other\nextends: mine' })).toMatch(
      /^other\.yaml:2:10: extends: expected another profile, got 'mine'/,
    );
    expect(fault({ mine: 'extends: agilio-cx-2x40' })).toMatch(/^mine\.yaml:1:1: missing key 'name'/);
  });
});
