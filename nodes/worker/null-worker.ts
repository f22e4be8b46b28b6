import { HostCpu } from '../../host/host-cpu.ts';
import { HostStack } from '../../host/host-stack.ts';
import { routeEntries } from '../../host/route-table.ts';
import { readUint16, writeUint16 } from '../../packet/big-endian.ts';
import { allocateFrame, ETHERNET_DESTINATION, ETHERNET_HEADER_OCTETS, ETHERNET_SOURCE } from '../../packet/ethernet.ts';
import { IPV4_DESTINATION, IPV4_HEADER_OCTETS, IPV4_SOURCE } from '../../packet/ipv4.ts';
import {
  FLAG_RESPONSE,
  LAMBDA_FLAGS,
  LAMBDA_HEADER_OCTETS,
  STATUS_NO_CAPACITY,
  STATUS_OK,
} from '../../packet/lambda.ts';
import { PORT_LAMBDA, UDP_CHECKSUM, UDP_DESTINATION_PORT, UDP_SOURCE_PORT } from '../../packet/udp.ts';
import { UDP_PAYLOAD_OFFSET, udpFrameFault } from '../../packet/udp-frame.ts';
import type { NodeContext, NodeModel, NodeReport } from '../../time/node.ts';
import type { WorkerHost } from '../../topology/types.ts';
import { workerInterfaces } from './host-interfaces.ts';
import { type ManagedNic, WorkerManagement } from './management.ts';

const UDP_START = ETHERNET_HEADER_OCTETS + IPV4_HEADER_OCTETS;
const FLAGS_AT = UDP_PAYLOAD_OFFSET + LAMBDA_FLAGS;
const IHL_5 = 0x45;

const NULL_NIC: ManagedNic = {
  loadFirmware: (_, then) => then(STATUS_OK),
  installLease: ({ transaction, leaseId }, then) => {
    const none = { qpn: 0, startPsn: 0, rkey: 0, memoryAddress: 0n };
    then({ type: 'lease-installed', transaction, leaseId, status: STATUS_NO_CAPACITY, ...none });
  },
  freeLease: () => {},
};

/**
 * A worker without NIC: every lambda request goes back at once, with addresses and ports exchanged, the flag RESPONSE
 * set and the body as it came. It takes firmware and forgets it. What a run with it costs is the emulator's own cost.
 */
export class NullWorker implements NodeModel {
  readonly receiveAt = 'last-bit';
  private readonly context: NodeContext;
  private readonly stack: HostStack;
  private readonly management: WorkerManagement;
  private readonly dataPorts: ReadonlySet<number>;
  private requests = 0;

  constructor(context: NodeContext, host: WorkerHost) {
    this.context = context;
    const interfaces = workerInterfaces(host);
    this.dataPorts = new Set(host.nics.map(({ interfaceIndex }) => interfaceIndex));
    this.stack = new HostStack(context, { interfaces: interfaces.all, routes: routeEntries(host.routes) });
    this.management = new WorkerManagement({
      context,
      stack: this.stack,
      cpu: new HostCpu(context, 1),
      servicePs: 0,
      interfaceIndex: interfaces.management,
      nics: host.nics.map(() => NULL_NIC),
    });
  }

  start(): void {}

  onFrame(port: number, frame: Uint8Array): void {
    if (this.dataPorts.has(port) && isLambdaRequest(frame) && udpFrameFault(frame) === undefined) {
      this.requests++;
      this.context.send(port, answer(frame));
    } else this.stack.onFrame(port, frame);
  }

  report(): NodeReport {
    return { counters: { requests: this.requests, ...this.management.counters, ...this.stack.report() } };
  }
}

function isLambdaRequest(frame: Uint8Array): boolean {
  return (
    frame.length >= UDP_PAYLOAD_OFFSET + LAMBDA_HEADER_OCTETS &&
    frame[ETHERNET_HEADER_OCTETS] === IHL_5 &&
    readUint16(frame, UDP_START + UDP_DESTINATION_PORT) === PORT_LAMBDA &&
    (readUint16(frame, FLAGS_AT) & FLAG_RESPONSE) === 0
  );
}

/** Exchanging words of the same sum leaves the checksums right; the flag is accounted for (RFC 1624). */
function answer(request: Uint8Array): Uint8Array {
  const frame = allocateFrame(request.length - ETHERNET_HEADER_OCTETS);
  frame.set(request);
  exchange(request, frame, ETHERNET_DESTINATION, ETHERNET_SOURCE, 6);
  exchange(request, frame, ETHERNET_HEADER_OCTETS + IPV4_SOURCE, ETHERNET_HEADER_OCTETS + IPV4_DESTINATION, 4);
  exchange(request, frame, UDP_START + UDP_SOURCE_PORT, UDP_START + UDP_DESTINATION_PORT, 2);
  const before = readUint16(frame, FLAGS_AT);
  const after = before | FLAG_RESPONSE;
  writeUint16(frame, FLAGS_AT, after);
  const checksum = readUint16(frame, UDP_START + UDP_CHECKSUM);
  if (checksum === 0) return frame; // The sender made none.
  let sum = (~checksum & 0xffff) + (~before & 0xffff) + after;
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = (sum & 0xffff) + (sum >>> 16);
  const updated = ~sum & 0xffff;
  writeUint16(frame, UDP_START + UDP_CHECKSUM, updated === 0 ? 0xffff : updated);
  return frame;
}

/** Writes two fields of the request into each other's places. */
function exchange(request: Uint8Array, frame: Uint8Array, one: number, other: number, octets: number): void {
  for (let i = 0; i < octets; i++) {
    frame[one + i] = request[other + i] as number;
    frame[other + i] = request[one + i] as number;
  }
}
