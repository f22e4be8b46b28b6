import { InputError } from '../base/errors.ts';
import { ECT_0, NOT_ECT } from '../packet/congestion.ts';
import { checkReachability } from './check-reachability.ts';
import { checkTopology } from './check-topology.ts';
import { computeRoutes } from './compute-routes.ts';
import { nearestName } from './nearest-name.ts';
import { ProfileLibrary, type ProfileTexts } from './profiles.ts';
import { resolveFaults } from './resolve-faults.ts';
import { resolveNics } from './resolve-nics.ts';
import { defaultPlacement, resolvePlacement, SWITCH_PROCESS } from './resolve-placement.ts';
import { RouteResolver } from './resolve-routes.ts';
import { resolveSwitchOptions, withQueueing } from './resolve-switch-options.ts';
import { resolveSwitches, splitAddress, splitEnd } from './resolve-switches.ts';
import {
  type ClientDocument,
  type HostDocument,
  type LinkDocument,
  type TopologyDocument,
  topologySchema,
} from './schema.ts';
import type {
  BareSwitch,
  Host,
  LambdaPlacement,
  Link,
  LinkEnd,
  NetworkInterface,
  RdmaTraffic,
  Switch,
  Topology,
  WorkloadSpec,
} from './types.ts';
import { type DocumentPath, readYaml, type SourceText, type YamlDocument } from './yaml-document.ts';

/** Picoseconds and bits in one octet at one bit a second: the time of an octet is this over the rate. */
const OCTET_PS_BITS = 8e12;

/**
 * Reads, checks and resolves a topology file. Pure: the texts are given.
 * @param source the topology file
 * @param profiles the profile files at hand
 * @param readBeside reads a file that the topology names by a path relative to its own; throws an InputError
 * @throws InputError at `file:line:column` of the first fault
 */
export function parseTopology(
  source: SourceText,
  profiles: ProfileTexts,
  readBeside: (path: string) => SourceText = refuseToRead,
): Topology {
  const document = readYaml(source, topologySchema);
  return new TopologyResolver(source, document, new ProfileLibrary(profiles), readBeside).resolve();
}

class TopologyResolver {
  private readonly source: SourceText;
  private readonly file: TopologyDocument;
  private readonly document: YamlDocument<TopologyDocument>;
  private readonly library: ProfileLibrary;
  private readonly readBeside: (path: string) => SourceText;

  constructor(
    source: SourceText,
    document: YamlDocument<TopologyDocument>,
    library: ProfileLibrary,
    readBeside: (path: string) => SourceText,
  ) {
    this.source = source;
    this.document = document;
    this.file = document.value;
    this.library = library;
    this.readBeside = readBeside;
  }

  resolve(): Topology {
    this.checkNames();
    const hosts = this.file.hosts.map((host, index) => this.host(host, index));
    const positionOf = (path: DocumentPath) => this.document.positionOf(path);
    const bare = resolveSwitches(this.file, this.library, positionOf);
    const plainLinks = this.file.links.map((link, index) => this.link(link, index, hosts, bare));
    const switches = bare.map((node, index): Switch => {
      const options = resolveSwitchOptions(this.file.switches[index]!, index, node, plainLinks, bare, positionOf);
      return { ...node, options };
    });
    const links = withQueueing(plainLinks, switches, positionOf);
    const wired: Topology = {
      name: this.file.name,
      description: this.file.description,
      file: this.source.path,
      hosts,
      switches,
      links,
      placement:
        this.file.placement === undefined
          ? defaultPlacement({ hosts, switches })
          : resolvePlacement(this.file.placement, { hosts, switches }, (path) => this.document.positionOf(path)),
      lambdas: this.file.lambdas.map((lambda, index): LambdaPlacement => {
        const sourceAt = this.document.positionOf(['lambdas', index, 'source']);
        return { name: lambda.name, sourceFolder: lambda.source, sourceAt, workers: lambda.workers };
      }),
      workloads: this.workloads(),
      faults: resolveFaults(
        this.file.faults ?? [],
        { positionOf: this.document.positionOf, readBeside: this.readBeside },
        { links, hosts, switches },
      ),
    };
    const domains = checkTopology(wired, positionOf);
    const routes = new RouteResolver(domains, computeRoutes(domains), positionOf);
    const topology: Topology = {
      ...wired,
      hosts: hosts.map((host, index) => ({ ...host, ...routes.host(this.file.hosts[index]!, ['hosts', index]) })),
      switches: switches.map((node, index) => {
        if (node.routing === undefined) return node;
        const found = routes.router(this.file.switches[index]!, ['switches', index]);
        return { ...node, routing: { ...node.routing, routes: found } };
      }),
    };
    checkReachability(topology, domains, positionOf);
    return topology;
  }

  private fault(code: string, path: DocumentPath, message: string): InputError {
    return new InputError(code, message, this.document.positionOf(path));
  }

  private checkNames(): void {
    const seen = new Map<string, string>();
    const claim = (name: string, what: string, path: DocumentPath): void => {
      const before = seen.get(name);
      if (before !== undefined) {
        throw this.fault(
          'duplicate-node',
          path,
          `duplicate node name: expected a name of its own, got '${name}', which is a ${before}`,
        );
      }
      seen.set(name, what);
    };
    for (const [index, node] of this.file.switches.entries()) claim(node.name, 'switch', ['switches', index, 'name']);
    for (const [index, host] of this.file.hosts.entries()) {
      const path = ['hosts', index, 'name'];
      claim(host.name, 'host', path);
      if (host.name === SWITCH_PROCESS) {
        throw this.fault(
          'duplicate-node',
          path,
          `host name: expected another name than '${SWITCH_PROCESS}', the process of all switches`,
        );
      }
    }
  }

  private host(host: HostDocument, index: number): Host {
    const path = ['hosts', index];
    const common = {
      name: host.name,
      profile: this.library.host(host.profile, this.document.positionOf([...path, 'profile'])),
      interfaces: host.interfaces.map(({ name, network, mac, address }): NetworkInterface => {
        return { name, network, mac, ...splitAddress(address) };
      }),
      // Known when all of the wiring is.
      routes: [],
      interfaceRoutes: [],
    };
    switch (host.role) {
      case 'master': {
        const { requestTimeout, retries, placement } = host.gateway;
        return { ...common, role: 'master', gateway: { requestTimeoutPs: requestTimeout, retries, placement } };
      }
      case 'worker': {
        const { nic, nics } = resolveNics(host, path, this.library, (at) => this.document.positionOf(at));
        const { backend, dispatch = { kind: 'fifo' }, cycleBudget = { lambdas: {} }, rdma } = host;
        return { ...common, role: 'worker', nic, nics, backend, dispatch, cycleBudget, rdma: rdmaOf(rdma) };
      }
      case 'client':
        return { ...common, role: 'client', rdma: rdmaOf(host.rdma) };
    }
  }

  private link(link: LinkDocument, index: number, hosts: readonly Host[], switches: readonly BareSwitch[]): Link {
    const path = ['links', index];
    const medium = this.library.medium(link.medium, this.document.positionOf([...path, 'medium']));
    const rateBitsPerSecond = link.rate ?? medium.rateBitsPerSecond;
    if (OCTET_PS_BITS % rateBitsPerSecond !== 0) {
      const message = `link rate: expected one at which an octet takes whole picoseconds, got ${rateBitsPerSecond} bit/s`;
      throw this.fault('bad-rate', [...path, 'rate'], message);
    }
    if (link.delay === undefined && link.length === undefined) {
      throw this.fault('missing-key', path, "link: expected 'length' or 'delay', got neither");
    }
    if (link.delay !== undefined && link.length !== undefined) {
      throw this.fault('bad-value', [...path, 'delay'], "link: expected 'length' or 'delay', got both");
    }
    const cablePs = ((link.length ?? 0) * medium.propagationPsPerMetre) / 1000;
    const delayPs = link.delay ?? Math.round(cablePs) + medium.macAndPhyPs;
    if (delayPs <= 0) {
      const message = `link delay: expected more than zero, since a link's delay is the lookahead of emulated time, got ${delayPs} ps`;
      throw this.fault('zero-delay', [...path, 'length'], message);
    }
    const end = (side: 0 | 1): LinkEnd => this.linkEnd(link.ends[side], [...path, 'ends', side], hosts, switches);
    const ends = [end(0), end(1)] as const;
    const name = link.name ?? `${ends[0].name}--${ends[1].name}`;
    return { name, ends, rateBitsPerSecond, delayPs, queueOctets: link.queue };
  }

  private linkEnd(end: string, path: DocumentPath, hosts: readonly Host[], switches: readonly BareSwitch[]): LinkEnd {
    const [node, port] = splitEnd(end);
    const host = hosts.find((candidate) => candidate.name === node);
    const portNumber = host
      ? host.interfaces.findIndex((candidate) => candidate.name === port)
      : (switches.find((candidate) => candidate.name === node)?.ports.indexOf(end) ?? -1);
    if (portNumber >= 0) return { node, port: portNumber, name: end };
    const known = host
      ? host.interfaces.map((candidate) => `${node}.${candidate.name}`)
      : [...hosts.map((candidate) => candidate.name), ...switches.map((candidate) => candidate.name)];
    const nearest = nearestName(host ? end : node, known);
    const hint = nearest === undefined ? `expected one of ${known.join(', ')}` : `did you mean '${nearest}'?`;
    throw this.fault(
      'unknown-link-end',
      path,
      `link end: no ${host ? 'interface' : 'node'} '${host ? end : node}', ${hint}`,
    );
  }

  private workloads(): WorkloadSpec[] {
    return this.file.workloads.map((workload): WorkloadSpec => {
      const common = {
        requests: workload.requests,
        concurrency: workload.concurrency,
        plainLimitOctets: workload.plainLimit,
        fragmentLimitOctets: workload.fragmentLimit,
        requestTimeoutPs: workload.requestTimeout,
        retries: workload.retries,
      };
      if (workload.name !== 'image') return { name: workload.name, ...common };
      return { name: workload.name, ...common, imageWidth: workload.width, imageHeight: workload.height };
    });
  }
}

/** ECT(0) is what a sender that can be told of congestion sets (RFC 3168 section 5). */
function rdmaOf({ dscp, ecn, ackTimeout }: NonNullable<ClientDocument['rdma']> = {}): RdmaTraffic {
  return {
    ...((dscp !== undefined || ecn !== undefined) && { typeOfService: ((dscp ?? 0) << 2) | (ecn ? ECT_0 : NOT_ECT) }),
    ...(ackTimeout !== undefined && { ackTimeoutPs: ackTimeout }),
  };
}

function refuseToRead(path: string): never {
  throw new InputError('unreadable-file', `${path}: no file can be read here`);
}
