import { InputError } from '../base/errors.ts';
import { NEVER_PS } from '../base/units.ts';
import {
  type DelayLaw,
  type FaultPlan,
  type FrameMatch,
  type LinkEffect,
  type LinkFault,
  NO_FAULTS,
  type NodeFault,
  type Schedule,
} from '../faults/fault.ts';
import { overlap } from '../faults/schedule.ts';
import type { FaultDocument } from './fault-schema.ts';
import { nearestName } from './nearest-name.ts';
import { DURATION, parseQuantity } from './quantities.ts';
import type { Host, Link, Switch } from './types.ts';
import type { DocumentPath, PositionOf, SourceText } from './yaml-document.ts';

/** Picoseconds and bits in one octet at one bit a second. */
const OCTET_PS_BITS = 8e12;
/** Delays that a file may hold. */
const MOST_SAMPLES = 1_000_000;

type LinkFaultDocument = Extract<FaultDocument, { link: string }>;
type NodeFaultDocument = Extract<FaultDocument, { node: string }>;

/** What faults are about. */
export interface FaultedNetwork {
  readonly links: readonly Link[];
  readonly hosts: readonly Pick<Host, 'name' | 'role'>[];
  readonly switches: readonly Pick<Switch, 'name'>[];
}

/** Where a list of faults was written, and how files of delays are read that it names. */
export interface FaultSource {
  /** Of a path from the root of the document, such as `faults`, 0, `at`. */
  readonly positionOf: PositionOf;
  /** Reads a file beside the document; throws an InputError when there is none. */
  readonly readBeside: (path: string) => SourceText;
}

/**
 * Checks the faults of a file and resolves their names.
 * @param before faults that are part of the run already
 * @returns these and the new ones behind them
 * @throws InputError at the first that is wrong
 */
export function resolveFaults(
  documents: readonly FaultDocument[],
  source: FaultSource,
  network: FaultedNetwork,
  before: FaultPlan = NO_FAULTS,
): FaultPlan {
  let plan = before;
  for (const [index, document] of documents.entries()) plan = addFault(plan, document, index, source, network);
  return plan;
}

/**
 * Checks one fault, the `index`-th of its document, beside those of a plan.
 * @returns the plan with it
 * @throws InputError when it is wrong by itself, or in force together with one that it excludes
 */
export function addFault(
  plan: FaultPlan,
  document: FaultDocument,
  index: number,
  source: FaultSource,
  network: FaultedNetwork,
): FaultPlan {
  const resolver = new FaultResolver(document, ['faults', index], source, network);
  const added = resolver.resolve(plan);
  for (const fault of added.nodes) resolver.checkNode(fault, plan.nodes);
  for (const fault of added.links) resolver.checkPort(fault, plan.links);
  return { links: [...plan.links, ...added.links], nodes: [...plan.nodes, ...added.nodes] };
}

/**
 * Checks what is wrong with a fault at any instant.
 * @returns its name
 * @throws InputError
 */
export function checkFault(
  plan: FaultPlan,
  document: FaultDocument,
  source: FaultSource,
  network: FaultedNetwork,
): string {
  return [...faultNames(new FaultResolver(document, ['faults', 0], source, network).resolve(plan))][0]!;
}

/** Names of a plan's faults, in its order, links first; a fault of both directions once. */
export function faultNames({ links, nodes }: FaultPlan): Set<string> {
  return new Set([...links, ...nodes].map(({ name }) => name));
}

class FaultResolver {
  private readonly document: FaultDocument;
  private readonly path: DocumentPath;
  private readonly source: FaultSource;
  private readonly network: FaultedNetwork;

  constructor(document: FaultDocument, path: DocumentPath, source: FaultSource, network: FaultedNetwork) {
    this.document = document;
    this.path = path;
    this.source = source;
    this.network = network;
  }

  /** One direction or two, or a node; by itself. */
  resolve(plan: FaultPlan): FaultPlan {
    const { document } = this;
    const name = this.nameIn(plan);
    if ('node' in document) return { links: [], nodes: [this.nodeFault(document, name)] };
    return { links: this.linkFaults(document, name), nodes: [] };
  }

  /** The name that was given, or the kind and the place among the faults of the run, from 0. */
  private nameIn(plan: FaultPlan): string {
    const taken = faultNames(plan);
    const { name, kind } = this.document;
    const what = 'node' in this.document ? `${kind}-${this.document.node}` : kind;
    const chosen = name ?? `${what}-${taken.size}`;
    if (!taken.has(chosen)) return chosen;
    const message = `name: expected one of its own, got '${chosen}', which is another fault's`;
    throw this.fault('duplicate-fault', 'name', message);
  }

  private nodeFault(document: NodeFaultDocument, name: string): NodeFault {
    const { hosts, switches } = this.network;
    const known = [...switches.map(({ name }) => name), ...hosts.map(({ name }) => name)];
    if (!known.includes(document.node)) throw this.unknown('node', document.node, known, 'node');
    if (hosts.some(({ name, role }) => name === document.node && role === 'client') && document.kind !== 'pause') {
      const message = `${document.kind}: expected another node than ${document.node}, which holds the workload and its results`;
      throw this.fault('fault-at-client', 'node', message);
    }
    return {
      name,
      node: document.node,
      kind: document.kind,
      atPs: document.at ?? 0,
      forPs: document.kind === 'crash' ? 0 : document.for,
    };
  }

  private linkFaults(document: LinkFaultDocument, name: string): LinkFault[] {
    const { links } = this.network;
    const link = links.find(({ name }) => name === document.link);
    if (link === undefined) {
      const names = links.map(({ name }) => name);
      throw this.unknown('link', document.link, names, 'link');
    }
    const ends = link.ends.map(({ name }) => name);
    const { from } = document;
    if (from !== undefined && !ends.includes(from)) throw this.unknown('end of the link', from, ends, 'from');
    const schedule = this.schedule(document);
    const effect = this.effect(document, link);
    const match = 'match' in document ? matchOf(document.match) : undefined;
    return ends
      .filter((end) => from === undefined || end === from)
      .map((end) => ({ name, link: link.name, from: end, schedule, match, effect }));
  }

  /** A node is in one state at a time. */
  checkNode(added: NodeFault, others: readonly NodeFault[]): void {
    for (const other of others) {
      if (other.node !== added.node) continue;
      if (added.atPs > endPs(other) || endPs(added) < other.atPs) continue;
      const place = added.atPs < other.atPs ? 'before the begin' : 'after the end';
      const ends = Number.isFinite(endPs(other)) ? `ends at ${endPs(other)} ps` : 'never ends';
      const message = `${added.kind} of ${added.node}: expected it ${place} of its ${other.kind}, which begins at ${other.atPs} ps and ${ends}`;
      throw this.fault('overlapping-faults', 'at', message);
    }
  }

  /** A port has one rate, one bound of its queue, and is up or down. */
  checkPort(added: LinkFault, others: readonly LinkFault[]): void {
    const { kind } = added.effect;
    if (kind !== 'rate' && kind !== 'queue' && kind !== 'down') return;
    for (const other of others) {
      if (other.from !== added.from || other.effect.kind !== kind) continue;
      if (!overlap(other.schedule, added.schedule)) continue;
      const message = `${kind} at ${added.from}: expected none while '${other.name}' is in force, which is the same for this port`;
      throw this.fault('overlapping-faults', 'at', message);
    }
  }

  private schedule(document: LinkFaultDocument): Schedule {
    const { at = 0, for: forPs, every, until } = document;
    if (until !== undefined && until <= at) {
      const message = `until: expected an instant after 'at' (${at} ps), got ${until} ps`;
      throw this.fault('bad-schedule', 'until', message);
    }
    if (every !== undefined && forPs === undefined) {
      throw this.fault('bad-schedule', 'every', "every: expected 'for' beside it, since what never ends begins once");
    }
    if (every !== undefined && forPs !== undefined && every <= forPs) {
      const message = `every: expected more than 'for' (${forPs} ps), got ${every} ps: the fault would overlap itself`;
      throw this.fault('bad-schedule', 'every', message);
    }
    return { atPs: at, forPs, everyPs: every, untilPs: until };
  }

  private effect(document: LinkFaultDocument, link: Link): LinkEffect {
    switch (document.kind) {
      case 'loss':
      case 'duplicate':
        return { kind: document.kind, probability: document.probability ?? 1 };
      case 'burst-loss': {
        const { goodToBad, badToGood, lossInGood = 0, lossInBad = 1 } = document;
        return { kind: 'burst-loss', goodToBad, badToGood, lossInGood, lossInBad };
      }
      case 'reorder':
        return { kind: 'reorder', probability: document.probability ?? 1, depth: document.depth ?? 1 };
      case 'corrupt': {
        const { probability = 1, bits = 1, fcs = 'catches' } = document;
        return { kind: 'corrupt', probability, bits, caught: fcs === 'catches' };
      }
      case 'delay': {
        const { probability = 1, keepOrder = false } = document;
        return { kind: 'delay', probability, law: this.law(document.law), keepOrder };
      }
      case 'rate': {
        if (document.rate > link.rateBitsPerSecond) {
          const message = `rate: expected at most the link's ${link.rateBitsPerSecond} bit/s, got ${document.rate}`;
          throw this.fault('bad-rate', 'rate', message);
        }
        if (OCTET_PS_BITS % document.rate !== 0) {
          const message = `rate: expected one at which an octet takes whole picoseconds, got ${document.rate} bit/s`;
          throw this.fault('bad-rate', 'rate', message);
        }
        return { kind: 'rate', octetPs: OCTET_PS_BITS / document.rate };
      }
      case 'queue':
        return { kind: 'queue', octets: document.queue };
      case 'down':
        return { kind: 'down' };
    }
  }

  private law(law: Extract<FaultDocument, { kind: 'delay' }>['law']): DelayLaw {
    switch (law.kind) {
      case 'constant':
        return { kind: 'constant', delayPs: law.delay };
      case 'uniform':
        if (law.most < law.least) {
          const message = `most: expected at least 'least' (${law.least} ps), got ${law.most} ps`;
          throw this.faultAt('bad-value', [...this.path, 'law', 'most'], message);
        }
        return { kind: 'uniform', leastPs: law.least, mostPs: law.most };
      case 'normal':
        return { kind: 'normal', meanPs: law.mean, deviationPs: law.deviation };
      case 'pareto':
        return { kind: 'pareto', leastPs: law.least, shape: law.shape };
      case 'file':
        return { kind: 'samples', delaysPs: this.samples(law.path) };
    }
  }

  private samples(path: string): number[] {
    let source: SourceText;
    try {
      source = this.source.readBeside(path);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw this.faultAt(error.code, [...this.path, 'law', 'path'], error.message);
    }
    const delaysPs: number[] = [];
    for (const [index, line] of source.text.split('\n').entries()) {
      const text = line.replace(/#.*/, '').trim();
      if (text === '') continue;
      const delayPs = parseQuantity(text, DURATION);
      if (delayPs === undefined) {
        const position = { file: source.path, line: index + 1, column: line.indexOf(text) + 1 };
        throw new InputError('bad-value', `expected ${DURATION.expected}, got '${text.slice(0, 40)}'`, position);
      }
      delaysPs.push(delayPs);
    }
    if (delaysPs.length === 0 || delaysPs.length > MOST_SAMPLES) {
      const message = `path: expected 1 to ${MOST_SAMPLES} durations in ${source.path}, got ${delaysPs.length}`;
      throw this.faultAt('bad-value', [...this.path, 'law', 'path'], message);
    }
    return delaysPs;
  }

  private unknown(what: string, got: string, known: readonly string[], key: string): InputError {
    const nearest = nearestName(got, known);
    const hint = nearest === undefined ? `expected one of ${known.join(', ')}` : `did you mean '${nearest}'?`;
    return this.fault(`unknown-${key}`, key, `${this.document.kind}: no ${what} '${got}', ${hint}`);
  }

  private fault(code: string, key: string, message: string): InputError {
    return this.faultAt(code, [...this.path, key], message);
  }

  private faultAt(code: string, path: DocumentPath, message: string): InputError {
    return new InputError(code, message, this.source.positionOf(path));
  }
}

function matchOf(match: Extract<FaultDocument, { kind: 'loss' }>['match']): FrameMatch | undefined {
  if (match?.frame !== undefined) return { kind: 'frame', number: match.frame };
  if (match?.psn !== undefined) return { kind: 'psn', psn: match.psn };
  return match?.lambda === undefined ? undefined : { kind: 'lambda', wId: match.lambda };
}

/** Last instant at which a node's state is not its own, ps. */
function endPs({ kind, atPs, forPs }: NodeFault): number {
  return kind === 'crash' ? NEVER_PS : atPs + forPs;
}
