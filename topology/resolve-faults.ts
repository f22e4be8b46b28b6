import { InputError } from '../base/errors.ts';
import type { DelayLaw, FaultPlan, FrameMatch, LinkEffect, LinkFault, NodeFault, Schedule } from '../faults/fault.ts';
import { nearestName } from './nearest-name.ts';
import { DURATION, parseQuantity } from './quantities.ts';
import type { FaultDocument } from './schema.ts';
import type { Host, Link, Switch } from './types.ts';
import type { DocumentPath, PositionOf, SourceText } from './yaml-document.ts';

/** Picoseconds and bits in one octet at one bit a second. */
const OCTET_PS_BITS = 8e12;
/** Delays that a file may hold. */
const MOST_SAMPLES = 1_000_000;

type LinkFaultDocument = Extract<FaultDocument, { link: string }>;
type NodeFaultDocument = Extract<FaultDocument, { node: string }>;

/** What faults are about, and how files of delays are read. */
export interface FaultSurroundings {
  readonly links: readonly Link[];
  readonly hosts: readonly Host[];
  readonly switches: readonly Switch[];
  readonly positionOf: PositionOf;
  /** Reads a file beside the topology; throws an InputError when there is none. */
  readonly readBeside: (path: string) => SourceText;
}

/**
 * Checks the faults of a topology file and resolves their names.
 * @throws InputError at the first that is wrong
 */
export function resolveFaults(documents: readonly FaultDocument[], surroundings: FaultSurroundings): FaultPlan {
  const links: LinkFault[] = [];
  const nodes: NodeFault[] = [];
  for (const [index, document] of documents.entries()) {
    const resolver = new FaultResolver(document, ['faults', index], surroundings);
    if ('node' in document) nodes.push(resolver.nodeFault(document));
    else links.push(...resolver.linkFaults(document, index));
  }
  checkNodeFaults(nodes, documents, surroundings);
  return { links, nodes };
}

class FaultResolver {
  private readonly document: FaultDocument;
  private readonly path: DocumentPath;
  private readonly surroundings: FaultSurroundings;

  constructor(document: FaultDocument, path: DocumentPath, surroundings: FaultSurroundings) {
    this.document = document;
    this.path = path;
    this.surroundings = surroundings;
  }

  nodeFault(document: NodeFaultDocument): NodeFault {
    const { hosts, switches } = this.surroundings;
    const known = [...switches.map(({ name }) => name), ...hosts.map(({ name }) => name)];
    if (!known.includes(document.node)) throw this.unknown('node', document.node, known, 'node');
    if (hosts.some(({ name, role }) => name === document.node && role === 'client') && document.kind !== 'pause') {
      const message = `${document.kind}: expected another node than ${document.node}, which holds the workload and its results`;
      throw this.fault('fault-at-client', 'node', message);
    }
    return {
      name: `${document.kind}-${document.node}-${this.path[1]}`,
      node: document.node,
      kind: document.kind,
      atPs: document.at,
      forPs: document.kind === 'crash' ? 0 : document.for,
    };
  }

  linkFaults(document: LinkFaultDocument, index: number): LinkFault[] {
    const { links } = this.surroundings;
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
      .map((end) => ({ name: `${document.kind}-${index}`, link: link.name, from: end, schedule, match, effect }));
  }

  private schedule(document: LinkFaultDocument): Schedule {
    const { at = 0, for: forPs, every } = document;
    if (every !== undefined && forPs === undefined) {
      throw this.fault('bad-schedule', 'every', "every: expected 'for' beside it, since what never ends begins once");
    }
    if (every !== undefined && forPs !== undefined && every <= forPs) {
      const message = `every: expected more than 'for' (${forPs} ps), got ${every} ps: the fault would overlap itself`;
      throw this.fault('bad-schedule', 'every', message);
    }
    return { atPs: at, forPs, everyPs: every };
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
      source = this.surroundings.readBeside(path);
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
    return new InputError(code, message, this.surroundings.positionOf(path));
  }
}

function matchOf(match: Extract<FaultDocument, { kind: 'loss' }>['match']): FrameMatch | undefined {
  if (match?.frame !== undefined) return { kind: 'frame', number: match.frame };
  if (match?.psn !== undefined) return { kind: 'psn', psn: match.psn };
  return match?.lambda === undefined ? undefined : { kind: 'lambda', wId: match.lambda };
}

/** A node is in one state at a time. */
function checkNodeFaults(
  nodes: readonly NodeFault[],
  documents: readonly FaultDocument[],
  { positionOf }: FaultSurroundings,
): void {
  const indexes = documents.flatMap((document, index) => ('node' in document ? [index] : []));
  for (const [i, later] of nodes.entries()) {
    for (const earlier of nodes) {
      if (earlier === later || earlier.node !== later.node || earlier.atPs > later.atPs) continue;
      if (earlier.atPs === later.atPs && nodes.indexOf(earlier) > i) continue;
      const overlaps = earlier.kind === 'crash' || later.atPs <= earlier.atPs + earlier.forPs;
      if (!overlaps) continue;
      const message = `${later.kind} of ${later.node}: expected it after the end of its ${earlier.kind}, which begins at ${earlier.atPs} ps`;
      throw new InputError('overlapping-faults', message, positionOf(['faults', indexes[i]!, 'at']));
    }
  }
}
