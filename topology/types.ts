import type { SourcePosition } from '../base/errors.ts';
import type { FaultPlan } from '../faults/fault.ts';
import type { PortQueueing } from '../link/port-queueing.ts';
import type { CycleBudget, DispatchPolicy } from '../npu/nic/dispatch-policy.ts';
import type { NicProfile } from '../npu/profile.ts';
import type { SwitchOptions } from './switch-options.ts';

/**
 * A topology as the rest of the testbed sees it: read, checked, names resolved, units converted. Everything that a run
 * is given by its topology file is in here; nothing is added later by a default that nobody recorded.
 */
export interface Topology {
  readonly name: string;
  readonly description: string;
  /** Path of the file as the user named it, for messages. */
  readonly file: string;
  readonly hosts: readonly Host[];
  readonly switches: readonly Switch[];
  readonly links: readonly Link[];
  readonly placement: Placement;
  readonly lambdas: readonly LambdaPlacement[];
  readonly workloads: readonly WorkloadSpec[];
  readonly faults: FaultPlan;
}

export interface Placement {
  /** Which nodes share an operating-system process; every node is in exactly one. In file order. */
  readonly processes: readonly ProcessPlacement[];
  readonly hosts: readonly PlacementHost[];
  /** IPv4 address that processes of other machines reach those here by. */
  readonly address: string;
}

export interface ProcessPlacement {
  /** `switch`, `m1`, ...; also the process title. */
  readonly name: string;
  readonly nodes: readonly string[];
  /** Name of the machine that it runs on; absent: the launcher's. */
  readonly host?: string;
}

/** A machine, or another address of this one, where `testbed node` waits for the launcher. */
export interface PlacementHost {
  readonly name: string;
  /** IPv4. */
  readonly address: string;
  /** TCP. */
  readonly port: number;
  /** Shell command that starts `testbed node` there; absent: somebody does it by hand. */
  readonly start?: string | undefined;
}

export type Host = MasterHost | WorkerHost | ClientHost;

interface HostBase {
  readonly name: string;
  readonly profile: HostProfile;
  /** Index in this array = port number of the node. */
  readonly interfaces: readonly NetworkInterface[];
  /** Beyond the subnets of its interfaces; each has one next hop. */
  readonly routes: readonly Route[];
  /** By interface: the ways of what is bound to it alone, such as a NIC's queue pairs; all beyond its own subnet. */
  readonly interfaceRoutes: readonly (readonly Route[])[];
}

export interface MasterHost extends HostBase {
  readonly role: 'master';
  readonly gateway: GatewaySpec;
}

export interface WorkerHost extends HostBase {
  readonly role: 'worker';
  /** Of all its NICs, as of those of all workers: they run one firmware image. */
  readonly nic: NicProfile;
  /** One a data interface, in their order; at least one. */
  readonly nics: readonly HostNic[];
  /** `npu` runs the compiled lambdas; `null` answers every lambda request at once (benchmarks of the emulator). */
  readonly backend: 'npu' | 'null';
  /** Which waiting frame gets the next context of the NIC. */
  readonly dispatch: DispatchPolicy;
  /** Core cycles that a request may take; none given: the profile's watchdog alone. */
  readonly cycleBudget: CycleBudget;
  readonly rdma: RdmaTraffic;
}

/** A SmartNIC of a worker: a card of its own, with memory, cores and queue pairs of its own. */
export interface HostNic {
  /** Within the host, for messages, reports and results. */
  readonly name: string;
  /** Index of its interface. */
  readonly interfaceIndex: number;
}

export interface ClientHost extends HostBase {
  readonly role: 'client';
  readonly rdma: RdmaTraffic;
}

/** How a host's NIC sends RoCEv2; what is absent is as in rdma/options.ts. */
export interface RdmaTraffic {
  /** DSCP and ECN bits of the IPv4 header. */
  readonly typeOfService?: number;
  readonly ackTimeoutPs?: number;
}

export interface NetworkInterface {
  /** Within the host: `eth0`. */
  readonly name: string;
  readonly network: 'data' | 'management';
  /** Lower case, colons: `00:15:4d:00:02:01`. */
  readonly mac: string;
  /** Dotted quad without prefix. */
  readonly address: string;
  readonly prefixLength: number;
}

/** How to reach a network that is not connected. The longest prefix decides; there is one route to a network. */
export interface Route {
  /** Dotted quad, host bits zero. */
  readonly network: string;
  readonly prefixLength: number;
  /** Of equal cost, at least one: a flow takes one of them by its hash. By interface, then by address. */
  readonly nextHops: readonly NextHop[];
  /** Found by shortest path, or written in the file. */
  readonly origin: 'computed' | 'static';
}

export interface NextHop {
  /** Dotted quad; on the subnet of the interface. */
  readonly address: string;
  /** Index of the node's own interface. */
  readonly interfaceIndex: number;
}

export interface Switch {
  readonly name: string;
  readonly profile: SwitchProfile;
  /** Port names in port-number order, as used in links: `switch.1`. */
  readonly ports: readonly string[];
  /** Whether broadcasts and frames for unknown stations go to all ports. */
  readonly flooding: boolean;
  /** Present: the switch forwards IPv4 between the subnets of its interfaces. */
  readonly routing?: SwitchRouting;
  readonly options: SwitchOptions;
}

/** A switch before it is known what is linked to it. */
export type BareSwitch = Omit<Switch, 'options'>;

export interface SwitchRouting {
  /** Every port of the switch belongs to exactly one. */
  readonly interfaces: readonly RouterInterface[];
  readonly routes: readonly Route[];
  /** 32 bits, into the flow hash. */
  readonly ecmpSeed: number;
}

/** A router's interface: one port, or several that are bridged among themselves and share its subnet. */
export interface RouterInterface {
  readonly name: string;
  readonly mac: string;
  /** Dotted quad. */
  readonly address: string;
  readonly prefixLength: number;
  /** Indices into the switch's ports. */
  readonly ports: readonly number[];
}

export interface Link {
  /** `m1.eth0--switch.1` unless the file names it. Unique. */
  readonly name: string;
  readonly ends: readonly [LinkEnd, LinkEnd];
  readonly rateBitsPerSecond: number;
  /** One-way: cable propagation plus PHY and MAC of both ends; positive. Also the lookahead of conservative time. */
  readonly delayPs: number;
  /** Bound of each end's egress queue, frame octets waiting or being sent. */
  readonly queueOctets: number;
}

export interface LinkEnd {
  readonly node: string;
  readonly port: number;
  /** `m1.eth0`, `switch.1`. */
  readonly name: string;
  /** Queues of what is sent from here; absent: one FIFO queue. */
  readonly queueing?: PortQueueing;
}

/** All durations integer picoseconds. Each figure's source stands beside it in the profile's YAML file. */
export interface SwitchProfile {
  readonly name: string;
  readonly forwarding: 'cut-through' | 'store-and-forward';
  /** Port to port, first bit in to first bit out (cut-through) or last bit in to first bit out (store-and-forward). */
  readonly latencyPs: number;
  /** Packet memory that all egress queues of the switch share; a frame that does not fit is dropped. */
  readonly sharedBufferOctets: number;
  readonly macTableEntries: number;
  readonly macAgingPs: number;
}

export interface HostProfile {
  readonly name: string;
  readonly hardwareThreads: number;
  /** Kernel work from last bit in to the program's receive call returning, one datagram. */
  readonly receiveStackPs: number;
  /** Kernel work from the program's send call to the frame in the NIC's queue. */
  readonly sendStackPs: number;
  /** Gateway work on one request or response message, user space. */
  readonly gatewayServicePs: number;
  /** memcached work on one command, user space. */
  readonly memcachedServicePs: number;
  /** Workload manager's work on one management message. */
  readonly managementServicePs: number;
  /** PCIe crossing between a port and the host, one way. Charged on workers only: other hosts' cards are plain ones. */
  readonly pciePs: number;
}

export interface GatewaySpec {
  /** First timeout of a request from gateway to worker; doubles at each retry. */
  readonly requestTimeoutPs: number;
  readonly retries: number;
  readonly placement: 'round-robin' | 'least-outstanding';
}

export interface LambdaPlacement {
  readonly name: string;
  /** Folder with the lambda's `.c` and `.p4`, relative to the working directory or absolute. */
  readonly sourceFolder: string;
  /** Where the topology file names it, for messages. */
  readonly sourceAt: SourcePosition;
  /** Workers that carry it. */
  readonly workers: readonly string[];
}

export interface WorkloadSpec {
  /** Phase name: `web`, `key-value`, `image`. */
  readonly name: 'web' | 'key-value' | 'image';
  readonly requests: number;
  readonly concurrency: number;
  /** Octets of body that still travel as one plain packet. */
  readonly plainLimitOctets: number;
  /** Octets of body that still travel as fragments; above: RDMA. */
  readonly fragmentLimitOctets: number;
  /** First timeout of a request at the client; doubles at each retry. */
  readonly requestTimeoutPs: number;
  readonly retries: number;
  /** Image workload only: width and height in pixels. */
  readonly imageWidth?: number;
  readonly imageHeight?: number;
}
