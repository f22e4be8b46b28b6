import { InputError } from '../base/errors.ts';
import { nearestName } from './nearest-name.ts';
import type { PlacementDocument } from './placement-schema.ts';
import type { Host, Placement, PlacementHost, ProcessPlacement, Switch } from './types.ts';
import type { DocumentPath, PositionOf } from './yaml-document.ts';

/** The process that all switches share which are placed nowhere else. */
export const SWITCH_PROCESS = 'switch';

const LOOPBACK = '127.0.0.1';
const PLACEHOLDERS = ['host', 'address', 'port', 'token'];

interface Nodes {
  readonly hosts: readonly Pick<Host, 'name'>[];
  readonly switches: readonly Pick<Switch, 'name'>[];
}

/** A process for each node, but one for all switches; everything here. */
export function defaultPlacement(nodes: Nodes): Placement {
  return { processes: remainingProcesses(nodes, new Set()), hosts: [], address: LOOPBACK };
}

/**
 * Nodes to processes and processes to machines, as the file says; what it does not mention as by default.
 * @throws InputError at the first name that is unknown or there twice
 */
export function resolvePlacement(document: PlacementDocument, nodes: Nodes, positionOf: PositionOf): Placement {
  return new PlacementResolver(document, nodes, positionOf).resolve();
}

/**
 * Spreads the nodes over few processes: the switches in one, the hosts in the order of the file over the others.
 * @param count at least 1; no more processes than that, and no empty ones
 */
export function placeOver(count: number, nodes: Nodes): Placement {
  const switches = nodes.switches.map(({ name }) => name);
  const hosts = nodes.hosts.map(({ name }) => name);
  const processes: ProcessPlacement[] = [];
  if (count === 1)
    return { processes: [{ name: 'all', nodes: [...switches, ...hosts] }], hosts: [], address: LOOPBACK };
  processes.push({ name: SWITCH_PROCESS, nodes: switches });
  const groups = Math.min(count - 1, hosts.length);
  for (let group = 0; group < groups; group++) {
    const from = Math.floor((group * hosts.length) / groups);
    const to = Math.floor(((group + 1) * hosts.length) / groups);
    processes.push({ name: `hosts-${group + 1}`, nodes: hosts.slice(from, to) });
  }
  return { processes, hosts: [], address: LOOPBACK };
}

function remainingProcesses(nodes: Nodes, placed: ReadonlySet<string>): ProcessPlacement[] {
  const isLeft = ({ name }: { readonly name: string }) => !placed.has(name);
  const switches = nodes.switches.filter(isLeft).map(({ name }) => name);
  return [
    ...(switches.length === 0 ? [] : [{ name: SWITCH_PROCESS, nodes: switches }]),
    ...nodes.hosts.filter(isLeft).map(({ name }) => ({ name, nodes: [name] })),
  ];
}

class PlacementResolver {
  private readonly document: PlacementDocument;
  private readonly nodes: Nodes;
  private readonly positionOf: PositionOf;

  constructor(document: PlacementDocument, nodes: Nodes, positionOf: PositionOf) {
    this.document = document;
    this.nodes = nodes;
    this.positionOf = positionOf;
  }

  resolve(): Placement {
    const hosts = this.hosts();
    const placed = new Set<string>();
    const processes = this.document.processes.map((process, index): ProcessPlacement => {
      for (const [place, node] of process.nodes.entries())
        this.place(node, placed, ['processes', index, 'nodes', place]);
      if (process.host === undefined) return { name: process.name, nodes: process.nodes };
      this.checkHost(process.host, hosts, ['processes', index, 'host']);
      return { name: process.name, nodes: process.nodes, host: process.host };
    });
    const all = [...processes, ...remainingProcesses(this.nodes, placed)];
    this.checkProcessNames(all);
    const { address = LOOPBACK } = this.document;
    this.checkReach(all, hosts, address);
    return { processes: all, hosts, address };
  }

  private hosts(): PlacementHost[] {
    const seen = new Map<string, string>();
    return (this.document.hosts ?? []).map((host, index) => {
      for (const [key, value] of [
        ['name', host.name],
        ['port', `${host.address}:${host.port}`],
      ] as const) {
        const before = seen.get(value);
        if (before !== undefined) {
          const message = `placement: expected a ${key === 'name' ? 'name' : 'port'} of its own for ${host.name}, got ${value} of ${before}`;
          throw this.fault('duplicate-placement-host', ['hosts', index, key], message);
        }
        seen.set(value, host.name);
      }
      for (const [, name] of (host.start ?? '').matchAll(/\{([^{}]*)\}/g)) {
        if (PLACEHOLDERS.includes(name!)) continue;
        const known = PLACEHOLDERS.map((one) => `{${one}}`).join(', ');
        throw this.fault('unknown-placeholder', ['hosts', index, 'start'], `start: expected ${known}, got {${name}}`);
      }
      return host;
    });
  }

  private place(node: string, placed: Set<string>, path: DocumentPath): void {
    const known = [...this.nodes.switches, ...this.nodes.hosts].map(({ name }) => name);
    if (!known.includes(node))
      throw this.fault('unknown-node', path, `placement: no node '${node}', ${hint(node, known)}`);
    if (placed.has(node)) {
      throw this.fault('node-placed-twice', path, `placement: expected each node in one process, got '${node}' again`);
    }
    placed.add(node);
  }

  private checkHost(name: string, hosts: readonly PlacementHost[], path: DocumentPath): void {
    const known = hosts.map((host) => host.name);
    if (known.includes(name)) return;
    const expected = known.length === 0 ? 'expected it under placement.hosts' : hint(name, known);
    throw this.fault('unknown-placement-host', path, `placement: no host '${name}', ${expected}`);
  }

  private checkProcessNames(processes: readonly ProcessPlacement[]): void {
    const names = new Set<string>();
    for (const [index, { name }] of processes.entries()) {
      if (!names.has(name)) {
        names.add(name);
        continue;
      }
      const first = this.document.processes.findIndex((process) => process.name === name);
      const isFromFile = index < this.document.processes.length;
      const message = isFromFile
        ? `placement: expected a process name of its own, got '${name}' again`
        : `placement: expected a process name of its own, got '${name}', the process of what is placed nowhere else`;
      throw this.fault('duplicate-process', ['processes', isFromFile ? index : first, 'name'], message);
    }
  }

  /** Whoever runs elsewhere cannot reach a loopback address of this machine. */
  private checkReach(processes: readonly ProcessPlacement[], hosts: readonly PlacementHost[], address: string): void {
    const remote = hosts.findIndex((host) => !isLoopback(host.address));
    if (remote < 0 || !isLoopback(address) || !processes.some((process) => process.host === undefined)) return;
    const { name } = hosts[remote]!;
    const message =
      `placement: expected an 'address' of this machine that ${name} reaches, since some processes run here; ` +
      `got ${address}`;
    throw this.fault('unreachable-launcher', ['hosts', remote, 'address'], message);
  }

  private fault(code: string, path: DocumentPath, message: string): InputError {
    return new InputError(code, message, this.positionOf(['placement', ...path]));
  }
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.');
}

function hint(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === undefined ? `expected one of ${known.join(', ')}` : `did you mean '${nearest}'?`;
}
