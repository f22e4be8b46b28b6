import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseNicProfile } from './profile.ts';

function document(name: string): Record<string, unknown> {
  return parse(readFileSync(new URL(`../topology/profiles/nics/${name}.yaml`, import.meta.url), 'utf8'));
}

describe('NIC profile', () => {
  test('a whole number of megahertz is an exact ratio', () => {
    const card = parseNicProfile(document('agilio-cx-2x10'));
    expect(card.clock).toEqual({ cycles: 633, picoseconds: 1_000_000 });
    expect(card.coreCount).toBe(56);
  });

  test('figures that were added later may be missing: profiles from before go on', () => {
    const { packet, mac, core, ...rest } = document('agilio-cx-2x10') as Record<string, Record<string, unknown>>;
    const { classifier: _, ...olderPacket } = packet!;
    const { ingressFramesPerSecond: _rate, ingressQueueFrames: _queue, ...olderMac } = mac!;
    const { codeStoreOwnInstructions: _own, ...olderCore } = core!;
    expect(pathsOf({ ...rest, packet: olderPacket, mac: olderMac, core: olderCore })).toEqual([]);
  });

  test('a fraction of a megahertz keeps its exact value', () => {
    const profile = parseNicProfile({ ...document('agilio-cx-2x10'), clock: { megahertz: '2000/3' } });
    expect(profile.clock).toEqual({ cycles: 1, picoseconds: 1500 });
  });

  test('figures that contradict one another are named by their path', () => {
    const whole = document('agilio-cx-2x10') as { memoryPlan: object; islands: object[] };
    expect(pathsOf({ ...whole, memoryPlan: { ...whole.memoryPlan, ctmProgramOctetAddress: 4096 } })).toEqual([
      'memoryPlan.ctmProgramOctetAddress',
    ]);
    expect(pathsOf({ ...whole, islands: [...whole.islands, { number: 32, cores: 1 }] })).toEqual(['islands.5.number']);
    expect(pathsOf({ ...whole, memoryPlan: { ...whole.memoryPlan, rdmaSlots: 5000 } })).toEqual([
      'memoryPlan.rdmaSlots',
    ]);
  });

  test('a missing or misspelt figure is an error, never a default', () => {
    const { ememCache: _, ...rest } = document('agilio-cx-2x10');
    expect(pathsOf(rest)).toEqual(['ememCache']);
    expect(pathsOf({ ...document('agilio-cx-2x10'), emmCache: 1 })).toEqual(['']);
  });
});

function pathsOf(profile: unknown): string[] {
  try {
    parseNicProfile(profile);
  } catch (error) {
    if (error instanceof z.ZodError) return error.issues.map((issue) => issue.path.join('.'));
    throw error;
  }
  return [];
}
