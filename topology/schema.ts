import { z } from 'zod';
import { faultSchema } from './fault-schema.ts';
import { placementSchema } from './placement-schema.ts';
import { DURATION, LENGTH, OCTETS, RATE } from './quantities.ts';
import { ABOVE_ZERO, FULL_FRAME, quantity, ZERO } from './quantity-schema.ts';
import { addressSchema, hostRouteSchema, interfaceAddressSchema, macSchema, routingSchema } from './routing-schema.ts';
import { switchOptionsShape } from './switch-schema.ts';
import { MOST_CONCURRENCY, MOST_REQUESTS } from './workload-limits.ts';

/**
 * The shape of a topology file and of the host, switch and medium profiles, one key at a time. What holds between keys
 * (names that must exist, addresses that must differ) is checked in `check-topology.ts`.
 * `topology.schema.json` is generated from here for editors.
 */

/** Names go into file names of captures and into process titles. */
const NAME_PATTERN = /^[a-z][a-z0-9-]{0,31}$/;
const nodeName = (description: string) =>
  z
    .string()
    .regex(NAME_PATTERN, { error: 'a name of lower-case letters, digits and hyphens, at most 32, letter first' })
    .meta({ description });

const networkInterface = z.strictObject({
  name: nodeName('Name within the host, such as eth0. The order of the list is the order of port numbers.'),
  network: z.enum(['data', 'management']),
  mac: macSchema,
  address: interfaceAddressSchema,
  gateway: addressSchema
    .meta({ description: "Default router, on the interface's subnet; default: the nearest one that the topology has" })
    .optional(),
});

const hostCommon = {
  name: nodeName('Name of the host and of its process'),
  profile: z.string().meta({ description: 'File in profiles/hosts without .yaml' }),
  interfaces: z.array(networkInterface).min(1, { error: 'at least one interface' }),
  routes: z
    .array(hostRouteSchema)
    .meta({ description: 'Instead of the computed routes; beside the gateways of interfaces' })
    .optional(),
};

const gateway = z.strictObject({
  requestTimeout: quantity(DURATION, ABOVE_ZERO, 'First timeout from gateway to worker; doubles at each retry'),
  retries: z.int().min(0).max(20),
  placement: z.enum(['round-robin', 'least-outstanding']),
});

/** Larger weights would make shares too small to see, and tags of virtual time too large to be exact. */
const weight = z.int().min(1).max(1000);

const dispatch = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('fifo') }).meta({ description: 'In order of arrival, as the card does it' }),
  z
    .strictObject({
      kind: z.literal('wfq'),
      weights: z.record(z.string(), weight).meta({ description: 'By name of the lambda' }),
      defaultWeight: weight.meta({
        description: 'Of lambdas without a weight of their own, and of all frames together that ask for no lambda',
      }),
    })
    .meta({ description: 'Start-time fair queueing over lambdas, behind a classifier with its own cost' }),
]);

const cycles = z.int().min(1).max(1_000_000_000);
const cycleBudget = z.strictObject({
  default: cycles.meta({ description: 'Of requests for lambdas that are not named below' }).optional(),
  lambdas: z.record(z.string(), cycles).meta({ description: 'By name of the lambda' }),
});

const rdma = z.strictObject({
  dscp: z.int().min(0).max(63).meta({ description: 'Code point of every packet; default: 0' }).optional(),
  ecn: z.boolean().meta({ description: 'Packets may be marked (ECT(0)); default: false' }).optional(),
  ackTimeout: quantity(DURATION, ABOVE_ZERO, 'First timeout of an unacknowledged packet; default: 4ms').optional(),
});
const rdmaKey = { rdma: rdma.meta({ description: 'How the NIC sends RoCEv2' }).optional() };

/** Slots that a server has for cards. */
const MOST_NICS = 8;

const host = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('master'), ...hostCommon, gateway }),
  z.strictObject({
    role: z.literal('worker'),
    ...hostCommon,
    nic: z.string().meta({ description: 'File in profiles/nics without .yaml: of every data interface' }).optional(),
    nics: z
      .array(
        z.strictObject({
          name: nodeName('Name within the host, as results show it'),
          profile: z.string().meta({ description: 'File in profiles/nics without .yaml' }),
          interface: z.string().meta({ description: 'Data interface that it is on' }),
        }),
      )
      .min(1, { error: 'at least one NIC' })
      .max(MOST_NICS, { error: `at most ${MOST_NICS} NICs` })
      .meta({ description: 'In place of `nic`: SmartNICs by name, one a data interface' })
      .optional(),
    backend: z.enum(['npu', 'null']).meta({
      description: 'npu runs the compiled lambdas; null answers at once (benchmarks of the emulator)',
    }),
    dispatch: dispatch.meta({ description: 'Which waiting frame gets the next context; default: fifo' }).optional(),
    cycleBudget: cycleBudget
      .meta({ description: "Core cycles that a request may take; default: the profile's watchdog alone" })
      .optional(),
    ...rdmaKey,
  }),
  z.strictObject({ role: z.literal('client'), ...hostCommon, ...rdmaKey }),
]);

const switchNode = z.strictObject({
  name: nodeName('Name of the switch; its ports are name.1, name.2, ...'),
  profile: z.string().meta({ description: 'File in profiles/switches without .yaml' }),
  flooding: z
    .boolean()
    .meta({
      description: 'Send frames for unknown stations and broadcasts to all ports; default: true. false: drop them',
    })
    .optional(),
  routing: routingSchema.meta({ description: 'Forward IPv4 between subnets; default: a bridge' }).optional(),
  ...switchOptionsShape,
});

const LINK_END_PATTERN = /^[a-z][a-z0-9-]*\.[a-z0-9-]+$/;
const linkEnd = z
  .string()
  .regex(LINK_END_PATTERN, { error: 'a host interface such as m1.eth0 or a switch port such as switch.1' });

const link = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{0,79}$/, { error: 'a link name of lower-case letters, digits, dots and hyphens' })
    .meta({ description: 'Default: both ends joined by --' })
    .optional(),
  ends: z.tuple([linkEnd, linkEnd], { error: 'two ends, such as [m1.eth0, switch.1]' }),
  medium: z.string().meta({ description: 'File in profiles/media without .yaml: rate and delays' }),
  length: quantity(LENGTH, ZERO, 'Cable length').optional(),
  delay: quantity(DURATION, ABOVE_ZERO, 'One-way delay; replaces the one that medium and length give').optional(),
  rate: quantity(RATE, ABOVE_ZERO, "Replaces the medium's rate").optional(),
  queue: quantity(OCTETS, FULL_FRAME, "Bound of each end's egress queue, octets of frames waiting or being sent"),
});

const lambda = z.strictObject({
  name: nodeName('Function name, as requests name it'),
  source: z.string().min(1).meta({ description: "Folder with .c and .p4, relative to this file's folder" }),
  workers: z.array(z.string()).min(1, { error: 'at least one worker' }),
});

/** A larger body does not fit one frame of the lambda protocol (docs/traffic-gen.md). */
export const FRAGMENT_OCTETS = 1024;
/** What one reassembly slot of the NIC holds. */
export const REASSEMBLY_OCTETS = 32 * 1024;

const workloadCommon = {
  requests: z.int().min(1).max(MOST_REQUESTS),
  concurrency: z
    .int()
    .min(1)
    .max(MOST_CONCURRENCY)
    .meta({ description: 'Requests outstanding at once; 1 = closed loop' }),
  plainLimit: quantity(OCTETS, ZERO, 'Largest body that travels as one plain packet, at most 1KiB'),
  fragmentLimit: quantity(OCTETS, ZERO, 'Largest body that travels as fragments, at most 32KiB; above: RDMA'),
  requestTimeout: quantity(DURATION, ABOVE_ZERO, 'First timeout at the client; doubles at each retry'),
  retries: z.int().min(0).max(20),
};

const workload = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('web'), ...workloadCommon }),
  z.strictObject({ name: z.literal('key-value'), ...workloadCommon }),
  z.strictObject({
    name: z.literal('image'),
    ...workloadCommon,
    width: z.int().min(1).max(65_535),
    height: z.int().min(1).max(65_535),
  }),
]);

export const topologySchema = z
  .strictObject({
    name: nodeName('Name of the topology, as results show it'),
    description: z.string(),
    switches: z.array(switchNode).min(1, { error: 'at least one switch' }),
    hosts: z.array(host).min(1, { error: 'at least one host' }),
    links: z.array(link).min(1, { error: 'at least one link' }),
    lambdas: z.array(lambda),
    workloads: z.array(workload),
    faults: z.array(faultSchema).meta({ description: 'What goes wrong on purpose; default: nothing' }).optional(),
    placement: placementSchema
      .meta({ description: 'Which nodes share a process, and where it runs; default: a process a host, here' })
      .optional(),
  })
  .meta({ title: 'Topology of the lambda-NIC testbed' });

export type TopologyDocument = z.output<typeof topologySchema>;
export type HostDocument = TopologyDocument['hosts'][number];
export type ClientDocument = Extract<HostDocument, { role: 'client' }>;
export type LinkDocument = TopologyDocument['links'][number];
export type SwitchDocument = TopologyDocument['switches'][number];

/** A figure of a profile and where it comes from; no figure without a source. */
function figure<T extends z.ZodType>(value: T) {
  return z.strictObject({ value, source: z.string().min(1, { error: 'a source for the figure' }) });
}

export const hostProfileSchema = z.strictObject({
  name: z.string(),
  hardwareThreads: figure(z.int().min(1)),
  receiveStack: figure(quantity(DURATION, ZERO, '')),
  sendStack: figure(quantity(DURATION, ZERO, '')),
  gatewayService: figure(quantity(DURATION, ZERO, '')),
  memcachedService: figure(quantity(DURATION, ZERO, '')),
  managementService: figure(quantity(DURATION, ZERO, '')),
  pcie: figure(quantity(DURATION, ZERO, '')),
});

export const switchProfileSchema = z.strictObject({
  name: z.string(),
  ports: figure(z.int().min(2).max(512)),
  forwarding: figure(z.enum(['cut-through', 'store-and-forward'])),
  latency: figure(quantity(DURATION, ZERO, '')),
  sharedBuffer: figure(quantity(OCTETS, FULL_FRAME, '')),
  macTableEntries: figure(z.int().min(1).max(1_000_000)),
  macAging: figure(quantity(DURATION, ABOVE_ZERO, '')),
});

export const mediumProfileSchema = z.strictObject({
  name: z.string(),
  rate: figure(quantity(RATE, ABOVE_ZERO, '')),
  propagationPerMetre: figure(quantity(DURATION, ZERO, '')),
  macAndPhy: figure(quantity(DURATION, ZERO, '')),
});
