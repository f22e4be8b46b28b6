import { InputError } from '../base/errors.ts';
import type { Link, Topology } from './types.ts';
import type { PositionOf } from './yaml-document.ts';

/** Something that repeats broadcasts: a bridge, or a router's interface of several ports. */
interface Flooder {
  readonly name: string;
  readonly links: { readonly link: Link; readonly to: string }[];
}

/**
 * There is no spanning tree: a broadcast in a loop of bridges would go round for ever. Routers end broadcasts, and so
 * does a switch without flooding.
 * @throws InputError with the loop's switches and links
 */
export function checkLoops(topology: Topology, positionOf: PositionOf): void {
  const flooders = new Map<string, Flooder>();
  const partOf = partsThatFlood(topology);
  for (const [index, link] of topology.links.entries()) {
    const [a, b] = link.ends.map((end) => partOf.get(end.name));
    if (a === undefined || b === undefined) continue;
    const way = wayBetween(flooders, a, b);
    if (way !== undefined) {
      const round = [...way.map((step) => `${step.from} (${step.link})`), `${b} (${link.name})`, a].join(' -> ');
      const message = `link ${link.name}: expected switches without a loop, since they flood and there is no spanning tree, got ${round}`;
      throw new InputError('switch-loop', message, positionOf(['links', index]));
    }
    flooderOf(flooders, a).links.push({ link, to: b });
    flooderOf(flooders, b).links.push({ link, to: a });
  }
}

/** By link end: the name of what repeats the end's broadcasts, if anything does. */
function partsThatFlood({ switches }: Topology): Map<string, string> {
  const parts = new Map<string, string>();
  for (const node of switches) {
    if (!node.flooding) continue;
    if (node.routing === undefined) for (const port of node.ports) parts.set(port, node.name);
    for (const { name, ports } of node.routing?.interfaces ?? []) {
      if (ports.length > 1) for (const port of ports) parts.set(node.ports[port]!, `${node.name}.${name}`);
    }
  }
  return parts;
}

function flooderOf(flooders: Map<string, Flooder>, name: string): Flooder {
  const known = flooders.get(name);
  if (known !== undefined) return known;
  const fresh = { name, links: [] };
  flooders.set(name, fresh);
  return fresh;
}

interface Step {
  readonly from: string;
  readonly link: string;
}

/** The links from one to the other, breadth first; undefined when there are none, empty from one to itself. */
function wayBetween(flooders: ReadonlyMap<string, Flooder>, from: string, to: string): Step[] | undefined {
  const ways = new Map<string, Step[]>([[from, []]]);
  for (const [name, way] of ways) {
    if (name === to) return way;
    for (const { link, to: next } of flooders.get(name)?.links ?? []) {
      if (!ways.has(next)) ways.set(next, [...way, { from: name, link: link.name }]);
    }
  }
  return undefined;
}
