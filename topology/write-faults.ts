import { stringify } from 'yaml';
import type { DelayLaw, FaultPlan, FrameMatch, LinkEffect, LinkFault, NodeFault } from '../faults/fault.ts';

/** A file of faults, and the files of delays that it names beside itself. */
export interface FaultFiles {
  readonly text: string;
  readonly delays: ReadonlyMap<string, string>;
}

const OCTET_PS_BITS = 8e12;

/**
 * Writes a plan as a file that `resolveFaults` reads back: every name, every instant, and nothing left to a default that
 * depends on the place in the list.
 */
export function writeFaults(plan: FaultPlan): FaultFiles {
  const delays = new Map<string, string>();
  const entries: Record<string, unknown>[] = [];
  for (const fault of plan.links) {
    const back = plan.links.filter(({ name }) => name === fault.name);
    // A fault of both directions is in the plan twice, and in the file once.
    if (back[0] !== fault) continue;
    entries.push(linkEntry(fault, back.length === 1, delays));
  }
  for (const fault of plan.nodes) entries.push(nodeEntry(fault));
  return { text: stringify({ faults: entries }), delays };
}

function linkEntry(fault: LinkFault, isOneWay: boolean, delays: Map<string, string>): Record<string, unknown> {
  const { name, link, from, effect, match } = fault;
  const { atPs, forPs, everyPs, untilPs } = fault.schedule;
  return {
    name,
    kind: effect.kind,
    link,
    ...(isOneWay ? { from } : {}),
    at: `${atPs}ps`,
    ...durationOf('for', forPs),
    ...durationOf('every', everyPs),
    ...durationOf('until', untilPs),
    ...(match === undefined ? {} : { match: matchEntry(match) }),
    ...effectEntry(effect, name, delays),
  };
}

function durationOf(key: string, durationPs: number | undefined): Record<string, string> {
  return durationPs === undefined ? {} : { [key]: `${durationPs}ps` };
}

function matchEntry(match: FrameMatch): Record<string, number> {
  switch (match.kind) {
    case 'frame':
      return { frame: match.number };
    case 'psn':
      return { psn: match.psn };
    case 'lambda':
      return { lambda: match.wId };
  }
}

function effectEntry(effect: LinkEffect, name: string, delays: Map<string, string>): Record<string, unknown> {
  switch (effect.kind) {
    case 'corrupt': {
      const { probability, bits, caught } = effect;
      return { probability, bits, fcs: caught ? 'catches' : 'misses' };
    }
    case 'delay': {
      const { probability, law, keepOrder } = effect;
      return { probability, law: lawEntry(law, name, delays), keepOrder };
    }
    case 'rate':
      return { rate: megabits(OCTET_PS_BITS / effect.octetPs) };
    case 'queue':
      return { queue: `${effect.octets}B` };
    default: {
      const { kind: _, ...keys } = effect;
      return keys;
    }
  }
}

function lawEntry(law: DelayLaw, name: string, delays: Map<string, string>): Record<string, unknown> {
  switch (law.kind) {
    case 'constant':
      return { kind: 'constant', delay: `${law.delayPs}ps` };
    case 'uniform':
      return { kind: 'uniform', least: `${law.leastPs}ps`, most: `${law.mostPs}ps` };
    case 'normal':
      return { kind: 'normal', mean: `${law.meanPs}ps`, deviation: `${law.deviationPs}ps` };
    case 'pareto':
      return { kind: 'pareto', least: `${law.leastPs}ps`, shape: law.shape };
    case 'samples': {
      const path = `delays-${name}.txt`;
      delays.set(path, law.delaysPs.map((delayPs) => `${delayPs}ps\n`).join(''));
      return { kind: 'file', path };
    }
  }
}

function nodeEntry({ name, node, kind, atPs, forPs }: NodeFault): Record<string, unknown> {
  return { name, kind, node, at: `${atPs}ps`, ...(kind === 'crash' ? {} : { for: `${forPs}ps` }) };
}

/** Whole bits a second as the file has them: `0.000001M` is one. */
function megabits(bitsPerSecond: number): string {
  const digits = String(bitsPerSecond).padStart(7, '0');
  return `${digits.slice(0, -6)}.${digits.slice(-6)}M`;
}
