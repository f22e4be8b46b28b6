import { assert } from '../../base/assert.ts';
import {
  buildLambdaFrame,
  FLAG_RESPONSE,
  FRAGMENT_OCTETS,
  fragmentCount,
  LAMBDA_HEADER_OCTETS,
  type LambdaHeader,
  parseLambda,
} from '../../packet/lambda.ts';
import { emitManagement, type ManagementMessage, parseManagement } from '../../packet/management.ts';
import { PORT_LAMBDA, PORT_MANAGEMENT } from '../../packet/udp.ts';
import { UDP_PAYLOAD_OFFSET, type UdpFrame } from '../../packet/udp-frame.ts';
import type { WorkerHost } from '../../topology/types.ts';
import type { TestFabric } from './test-fabric.ts';

const NOWHERE = { dstMac: 0, srcMac: 0, srcAddress: 0, dstAddress: 0, srcPort: 0, dstPort: 0 };

/** The UDP payload of one fragment of a message. */
export function lambdaPayload(header: LambdaHeader, body: Uint8Array, name?: string): Uint8Array {
  const frame = buildLambdaFrame(NOWHERE, header, body, name);
  const nameOctets = name === undefined ? 0 : 1 + name.length;
  return frame.subarray(UDP_PAYLOAD_OFFSET, UDP_PAYLOAD_OFFSET + LAMBDA_HEADER_OCTETS + nameOctets + body.length);
}

export interface SeenLambda {
  readonly header: LambdaHeader;
  readonly body: Uint8Array;
  readonly timePs: number;
  readonly from: number;
  readonly port: number;
}

export function readLambda(fabric: TestFabric, datagram: UdpFrame): SeenLambda {
  const parsed = parseLambda(datagram.frame, datagram.payloadStart, datagram.payloadEnd);
  assert(parsed.ok, 'M1 sent a lambda message without a sound header');
  const body = datagram.payload.slice(LAMBDA_HEADER_OCTETS);
  return { header: parsed.value, body, timePs: fabric.nowPs, from: datagram.srcAddress, port: datagram.srcPort };
}

/** A worker as M1 sees it: takes firmware and leases, answers lambda requests with whatever the test says. */
export class TestWorker {
  readonly host: WorkerHost;
  readonly seen: SeenLambda[] = [];
  readonly management: ManagementMessage[] = [];
  readonly firmware: number[] = [];
  /** Makes the answer of a complete request; undefined stays silent. Default: the request, each octet plus one. */
  answer: (
    request: Uint8Array,
    header: LambdaHeader,
  ) => { readonly status: number; readonly body: Uint8Array } | undefined = (request) => ({
    status: 0,
    body: request.map((octet) => octet + 1),
  });
  /** Silent on the management network. */
  deaf = false;
  loadedStatus = 0;
  private sha256 = new Uint8Array(32);
  private expectedOctets = 0;
  readonly fabric: TestFabric;
  private readonly parts = new Map<number, (Uint8Array | undefined)[]>();
  private lastTransaction = 1000;

  constructor(fabric: TestFabric, host: WorkerHost) {
    this.fabric = fabric;
    this.host = host;
    const [data, management] = host.interfaces;
    assert(data !== undefined && management !== undefined, 'a worker has two interfaces');
    fabric.attach(data.address, data.mac, (datagram) => this.onLambda(datagram));
    fabric.attach(management.address, management.mac, (datagram) => this.onManagement(datagram));
  }

  /** Fragments of one request, and any answer, go through here so that tests can send odd ones. */
  reply(header: LambdaHeader, status: number, body: Uint8Array): void {
    const fragments = fragmentCount(body.length);
    for (let fragment = 0; fragment < fragments; fragment++) {
      const part = body.subarray(fragment * FRAGMENT_OCTETS, (fragment + 1) * FRAGMENT_OCTETS);
      const answer = { ...header, fragment, fragments, flags: FLAG_RESPONSE, status, length: body.length };
      this.sendLambda(lambdaPayload(answer, part));
    }
  }

  sendLambda(payload: Uint8Array): void {
    this.fabric.send(0, this.host.interfaces[0]?.address ?? '', PORT_LAMBDA, PORT_LAMBDA, payload);
  }

  sendManagement(message: ManagementMessage): void {
    const address = this.host.interfaces[1]?.address ?? '';
    this.fabric.send(1, address, PORT_MANAGEMENT, PORT_MANAGEMENT, emitManagement(message));
  }

  /** Says that a lease is done, until M1 acknowledges. */
  leaseDone(leaseId: number, slot: number, status = 0): void {
    const transaction = ++this.lastTransaction;
    let attempts = 0;
    const speak = (): void => {
      assert(attempts++ < 30, 'M1 does not acknowledge that a lease is done');
      if (this.management.some((message) => message.type === 'ack' && message.transaction === transaction)) return;
      this.sendManagement({ type: 'lease-done', transaction, leaseId, slot, status });
      this.fabric.at(10_000_000_000, speak);
    };
    speak();
  }

  private onLambda(datagram: UdpFrame): void {
    if (datagram.dstPort !== PORT_LAMBDA) return;
    const seen = readLambda(this.fabric, datagram);
    this.seen.push(seen);
    const { header, body } = seen;
    const parts =
      this.parts.get(header.requestId) ?? new Array<Uint8Array | undefined>(header.fragments).fill(undefined);
    this.parts.set(header.requestId, parts);
    parts[header.fragment] = body;
    if (parts.some((part) => part === undefined)) return;
    this.parts.delete(header.requestId);
    const request = new Uint8Array(header.length);
    parts.forEach((part, index) => {
      request.set(part as Uint8Array, index * FRAGMENT_OCTETS);
    });
    const answer = this.answer(request, header);
    if (answer !== undefined) this.reply(header, answer.status, answer.body);
  }

  private onManagement(datagram: UdpFrame): void {
    if (datagram.dstPort !== PORT_MANAGEMENT) return;
    const parsed = parseManagement(datagram.frame, datagram.payloadStart, datagram.payloadEnd);
    assert(parsed.ok, 'M1 sent a management message that does not parse');
    if (this.deaf) return;
    const message = parsed.value;
    this.management.push(message);
    const { transaction } = message;
    switch (message.type) {
      case 'firmware-begin':
        if (this.expectedOctets === 0) {
          this.expectedOctets = message.octets;
          this.sha256 = message.sha256.slice();
        }
        this.sendManagement({ type: 'firmware-ack', transaction, nextOffset: this.firmware.length });
        break;
      case 'firmware-chunk':
        if (message.offset === this.firmware.length) this.firmware.push(...message.data);
        this.sendManagement({ type: 'firmware-ack', transaction, nextOffset: this.firmware.length });
        break;
      case 'firmware-load':
        this.sendManagement({ type: 'firmware-loaded', transaction, status: this.loadedStatus, sha256: this.sha256 });
        break;
      case 'lease-install':
        this.sendManagement({
          type: 'lease-installed',
          transaction,
          leaseId: message.leaseId,
          status: 0,
          qpn: 100 + message.slot,
          startPsn: 7,
          rkey: 9,
          memoryAddress: 0x9800000000n + BigInt(message.slot),
        });
        break;
      case 'lease-free':
        this.sendManagement({ type: 'ack', transaction });
        break;
      default:
        break;
    }
  }
}

/** A client: sends requests and collects answers. */
export class TestClient {
  readonly answers: SeenLambda[] = [];
  readonly address: string;
  readonly port: number;
  private readonly fabric: TestFabric;

  constructor(fabric: TestFabric, address = '10.10.30.1', port = 40_000) {
    this.fabric = fabric;
    this.address = address;
    this.port = port;
    fabric.attach(address, '02:00:00:00:00:99', (datagram) => {
      if (datagram.dstPort === port) this.answers.push(readLambda(fabric, datagram));
    });
  }

  /** Sends all fragments of a request, or those named. */
  request(name: string, requestId: number, body: Uint8Array, flags = 0, only?: readonly number[]): void {
    const fragments = fragmentCount(body.length);
    for (let fragment = 0; fragment < fragments; fragment++) {
      if (only !== undefined && !only.includes(fragment)) continue;
      const part = body.subarray(fragment * FRAGMENT_OCTETS, (fragment + 1) * FRAGMENT_OCTETS);
      const header = { wId: 0, requestId, fragment, fragments, flags, status: 0, length: body.length };
      this.raw(lambdaPayload(header, part, name));
    }
  }

  raw(payload: Uint8Array): void {
    this.fabric.send(0, this.address, this.port, PORT_LAMBDA, payload);
  }

  answersTo(requestId: number): SeenLambda[] {
    return this.answers.filter((answer) => answer.header.requestId === requestId);
  }

  /** The whole answer; undefined while fragments are missing. */
  bodyOf(requestId: number): Uint8Array | undefined {
    const parts = this.answersTo(requestId);
    const first = parts[0]?.header;
    if (first === undefined) return undefined;
    const body = new Uint8Array(first.length);
    const have = new Set<number>();
    for (const part of parts) {
      body.set(part.body, part.header.fragment * FRAGMENT_OCTETS);
      have.add(part.header.fragment);
    }
    return have.size === first.fragments ? body : undefined;
  }
}

/** M1 with four workers, loaded and published. */
export function published(fabric: TestFabric): TestWorker[] {
  const workers = fabric.workers.map((host) => new TestWorker(fabric, host));
  fabric.model.start();
  fabric.run();
  return workers;
}
