import type { ProcessChannel } from '../../link/process-driver.ts';
import { cycleRoles } from '../../time/process-cycles.ts';
import type { Host, Topology } from '../../topology/types.ts';

/** A process of the run: what it hosts, what it executes, and whom it talks to. */
export interface PlannedProcess {
  readonly name: string;
  readonly nodes: readonly string[];
  /** Machine that it runs on; absent: this one. */
  readonly host?: string;
  /** What is started in place of `testbed/processes/node-main.js`, relative to the compiled project, and its arguments. */
  readonly module?: string;
  readonly moduleArguments?: readonly string[];
  readonly takesInput: boolean;
  readonly channels: readonly ProcessChannel[];
}

/** Every node in the order of ties: switches, then hosts, as the file lists them. */
export function nodeOrder(topology: Topology): string[] {
  return [...topology.switches.map((node) => node.name), ...topology.hosts.map((node) => node.name)];
}

/**
 * Works out processes and channels: all links between two processes make one channel.
 * @param takingInput nodes that are given inputs from outside
 */
export function planProcesses(topology: Topology, takingInput: readonly string[] = []): PlannedProcess[] {
  const processOf = new Map<string, string>();
  for (const placement of topology.placement.processes)
    for (const node of placement.nodes) processOf.set(node, placement.name);
  const planned = topology.placement.processes.map((placement) => ({
    ...placement,
    takesInput: placement.nodes.some((node) => takingInput.includes(node)),
    channels: channelsOf(topology, placement.name, processOf, takingInput),
  }));
  const places = new Map(planned.map(({ name }, place) => [name, place]));
  const roles = cycleRoles(planned.map(({ channels }) => channels.map(({ peer }) => places.get(peer)!)));
  return planned.map((process, place) => ({
    ...process,
    channels: process.channels.map((channel, index) => ({ ...channel, cycle: roles[place]![index]! })),
  }));
}

function channelsOf(
  topology: Topology,
  processName: string,
  processOf: ReadonlyMap<string, string>,
  takingInput: readonly string[],
): Omit<ProcessChannel, 'cycle'>[] {
  const asked = new Set(takingInput.map((node) => processOf.get(node)));
  const channels = new Map<string, { links: number[]; lookaheadPs: number }>();
  topology.links.forEach((link, index) => {
    const [a, b] = link.ends.map((end) => processOf.get(end.node));
    if (a === b || (a !== processName && b !== processName)) return;
    const peer = (a === processName ? b : a) as string;
    const channel = channels.get(peer) ?? { links: [], lookaheadPs: Number.POSITIVE_INFINITY };
    channel.links.push(index);
    channel.lookaheadPs = Math.min(channel.lookaheadPs, link.delayPs);
    channels.set(peer, channel);
  });
  const nodesOf = (process: string) => [...processOf].flatMap(([node, name]) => (name === process ? [node] : []));
  return [...channels].map(([peer, channel]) => ({
    peer,
    ...channel,
    reactionPs: reactionOf(topology, channel.links, nodesOf(processName)),
    peerReactionPs: reactionOf(topology, channel.links, nodesOf(peer)),
    // What comes from outside is promised away on demand, so whoever takes it is asked like one that has other peers.
    peerIsLeaf: neighboursOf(topology, peer, processOf).size === 1 && !asked.has(peer),
  }));
}

/** The processes that links lead to from one. */
function neighboursOf(topology: Topology, name: string, processOf: ReadonlyMap<string, string>): Set<string> {
  const neighbours = new Set<string>();
  for (const link of topology.links) {
    const [a, b] = link.ends.map((end) => processOf.get(end.node)!) as [string, string];
    if (a === name && b !== name) neighbours.add(b);
    if (b === name && a !== name) neighbours.add(a);
  }
  return neighbours;
}

/** Of the nodes of a process at the ends of some links, the least: a switch forwards nothing before its latency is over; every other node may answer at once. */
function reactionOf(topology: Topology, links: readonly number[], nodes: readonly string[]): number {
  const ends = links.flatMap((link) => topology.links[link]!.ends).filter(({ node }) => nodes.includes(node));
  return Math.min(
    ...ends.map(({ node }) => topology.switches.find(({ name }) => name === node)?.profile.latencyPs ?? 0),
  );
}

/** What a node is: `switch`, or the role of a host. */
export function kindOf(topology: Topology, node: string): 'switch' | Host['role'] {
  return topology.hosts.find((host) => host.name === node)?.role ?? 'switch';
}
