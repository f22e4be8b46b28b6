import { InputError } from '../base/errors.ts';
import { type BroadcastDomain, broadcastDomains } from './broadcast-domains.ts';
import { checkAddresses } from './check-addresses.ts';
import { checkWiring } from './check-wiring.ts';
import { imageFault } from './image-limits.ts';
import { nearestName } from './nearest-name.ts';
import { FRAGMENT_OCTETS, REASSEMBLY_OCTETS } from './schema.ts';
import type { Host, Topology } from './types.ts';
import type { DocumentPath, PositionOf } from './yaml-document.ts';

/**
 * What must hold between the parts of a topology. Indices of the topology's lists are those of the file's.
 * Routes are not looked at: they follow from the rest.
 * @returns the broadcast domains of the network
 * @throws InputError at the first part that contradicts an earlier one
 */
export function checkTopology(topology: Topology, positionOf: PositionOf): readonly BroadcastDomain[] {
  checkRoles(topology.hosts, positionOf);
  checkWiring(topology, positionOf);
  const domains = broadcastDomains(topology);
  checkAddresses(topology, domains, positionOf);
  checkLambdas(topology, positionOf);
  checkNicOptions(topology, positionOf);
  checkWorkloads(topology, positionOf);
  return domains;
}

function checkRoles(hosts: readonly Host[], positionOf: PositionOf): void {
  for (const role of ['master', 'client'] as const) {
    const [first, second] = hosts.filter((host) => host.role === role);
    if (first === undefined)
      throw new InputError(`missing-${role}`, `hosts: expected one ${role}, got none`, positionOf(['hosts']));
    if (second !== undefined) {
      const message = `hosts: expected one ${role}, got '${first.name}' and '${second.name}'`;
      throw new InputError(`second-${role}`, message, positionOf(['hosts', hosts.indexOf(second), 'role']));
    }
  }
  if (!hosts.some((host) => host.role === 'worker')) {
    throw new InputError('missing-worker', 'hosts: expected at least one worker, got none', positionOf(['hosts']));
  }
  checkNics(hosts, positionOf);
  for (const [index, host] of hosts.entries()) checkInterfaces(host, ['hosts', index, 'interfaces'], positionOf);
}

/** All workers run one firmware image, and an image is of one kind of NIC. */
function checkNics(hosts: readonly Host[], positionOf: PositionOf): void {
  const first = hosts.find((host) => host.role === 'worker')!;
  for (const [index, host] of hosts.entries()) {
    if (host.role !== 'worker' || host.nic.name === first.nic.name) continue;
    const message = `nic of ${host.name}: expected ${first.nic.name}, as in ${first.name}, got ${host.nic.name}`;
    throw new InputError('mixed-nics', message, positionOf(['hosts', index, host.nics.length > 1 ? 'nics' : 'nic']));
  }
}

/** Data interfaces first, then the management interface of those that are managed or manage. */
function checkInterfaces(host: Host, path: DocumentPath, positionOf: PositionOf): void {
  const got = host.interfaces.map((entry) => entry.network);
  const ends = host.role === 'client' ? ['data'] : ['data', 'management'];
  const expected = [...got.slice(0, -ends.length).map(() => 'data'), ...ends];
  if (got.join() !== expected.join()) {
    const order = host.role === 'client' ? 'data alone' : 'data, one or more, then management';
    const message = `interfaces of ${host.role} ${host.name}: expected networks ${order}, got ${got.join(', ')}`;
    throw new InputError('bad-interfaces', message, positionOf(path));
  }
  const names = new Set<string>();
  for (const [index, entry] of host.interfaces.entries()) {
    if (names.has(entry.name)) {
      const message = `duplicate interface name: expected a name of its own, got '${host.name}.${entry.name}' again`;
      throw new InputError('duplicate-interface', message, positionOf([...path, index, 'name']));
    }
    names.add(entry.name);
  }
}

function checkLambdas(topology: Topology, positionOf: PositionOf): void {
  const workers = topology.hosts.filter((host) => host.role === 'worker').map((host) => host.name);
  const names = new Set<string>();
  for (const [index, lambda] of topology.lambdas.entries()) {
    if (names.has(lambda.name)) {
      const message = `duplicate lambda name: expected a name of its own, got '${lambda.name}' again`;
      throw new InputError('duplicate-lambda', message, positionOf(['lambdas', index, 'name']));
    }
    names.add(lambda.name);
    for (const [workerIndex, worker] of lambda.workers.entries()) {
      const path = ['lambdas', index, 'workers', workerIndex];
      if (!workers.includes(worker)) {
        const nearest = nearestName(worker, workers);
        const hint = nearest === undefined ? `expected one of ${workers.join(', ')}` : `did you mean '${nearest}'?`;
        throw new InputError(
          'unknown-worker',
          `lambda ${lambda.name}: no worker '${worker}', ${hint}`,
          positionOf(path),
        );
      }
      if (lambda.workers.indexOf(worker) !== workerIndex) {
        throw new InputError(
          'duplicate-worker',
          `lambda ${lambda.name}: expected each worker once, got '${worker}' again`,
          positionOf(path),
        );
      }
    }
  }
}

/** Lambdas that a worker's options name have to be there, and its NIC able to tell them apart. */
function checkNicOptions(topology: Topology, positionOf: PositionOf): void {
  const lambdas = topology.lambdas.map((lambda) => lambda.name);
  const checkNames = (names: readonly string[], path: DocumentPath): void => {
    for (const name of names) {
      if (lambdas.includes(name)) continue;
      const nearest = nearestName(name, lambdas);
      const hint = nearest === undefined ? `expected one of ${lambdas.join(', ')}` : `did you mean '${nearest}'?`;
      throw new InputError(
        'unknown-lambda',
        `${path.slice(2).join('.')}: no lambda '${name}', ${hint}`,
        positionOf([...path, name]),
      );
    }
  };
  for (const [index, host] of topology.hosts.entries()) {
    if (host.role !== 'worker') continue;
    checkNames(Object.keys(host.cycleBudget.lambdas), ['hosts', index, 'cycleBudget', 'lambdas']);
    if (host.dispatch.kind === 'fifo') continue;
    checkNames(Object.keys(host.dispatch.weights), ['hosts', index, 'dispatch', 'weights']);
    if (host.nic.packet.classifier === undefined) {
      const message =
        `dispatch of ${host.name}: expected a NIC with a classifier before its dispatcher (packet.classifier), ` +
        `which the profile ${host.nic.name} does not have`;
      throw new InputError('no-classifier', message, positionOf(['hosts', index, 'dispatch']));
    }
  }
}

/** Which lambdas a workload asks. */
const LAMBDAS_OF = {
  web: ['web-server'],
  'key-value': ['key-value-client'],
  image: ['image-transformer', 'image-mean'],
} as const;

function checkWorkloads(topology: Topology, positionOf: PositionOf): void {
  const names = new Set<string>();
  for (const [index, workload] of topology.workloads.entries()) {
    const path = ['workloads', index];
    if (names.has(workload.name)) {
      const message = `duplicate workload: expected each once, got '${workload.name}' again`;
      throw new InputError('duplicate-workload', message, positionOf([...path, 'name']));
    }
    names.add(workload.name);
    for (const lambda of LAMBDAS_OF[workload.name]) {
      if (!topology.lambdas.some((placement) => placement.name === lambda)) {
        const message = `workload ${workload.name}: expected a lambda '${lambda}' under 'lambdas', got none`;
        throw new InputError('missing-lambda', message, positionOf([...path, 'name']));
      }
    }
    if (workload.plainLimitOctets > FRAGMENT_OCTETS) {
      const message = `plainLimit: expected at most ${FRAGMENT_OCTETS} octets, what one frame carries, got ${workload.plainLimitOctets}`;
      throw new InputError('bad-limit', message, positionOf([...path, 'plainLimit']));
    }
    if (workload.fragmentLimitOctets > REASSEMBLY_OCTETS) {
      const message = `fragmentLimit: expected at most ${REASSEMBLY_OCTETS} octets, what the NIC reassembles, got ${workload.fragmentLimitOctets}`;
      throw new InputError('bad-limit', message, positionOf([...path, 'fragmentLimit']));
    }
    if (workload.fragmentLimitOctets < workload.plainLimitOctets) {
      const message = `fragmentLimit: expected at least plainLimit (${workload.plainLimitOctets} octets), got ${workload.fragmentLimitOctets}`;
      throw new InputError('bad-limit', message, positionOf([...path, 'fragmentLimit']));
    }
    if (workload.name !== 'image') continue;
    const fault = imageFault(workload.imageWidth ?? 0, workload.imageHeight ?? 0, topology.hosts);
    if (fault !== undefined) throw new InputError('image-too-large', fault, positionOf([...path, 'width']));
  }
}
