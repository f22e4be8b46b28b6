import { describe, expect, test } from 'vitest';
import { PS_PER_MS, PS_PER_S, PS_PER_US } from '../base/units.ts';
import { NO_FAULTS } from '../faults/fault.ts';
import { HostStack } from '../host/host-stack.ts';
import { Network, type NetworkSpec } from '../link/network.ts';
import type { NodeRuntime } from '../link/node-runtime.ts';
import { parseIpv4Address, parseMac } from '../packet/addresses.ts';
import { readUint16, readUint32, writeUint32 } from '../packet/big-endian.ts';
import {
  emitLambda,
  FLAG_KEEP,
  FLAG_LEASE_ANSWER,
  FLAG_LEASE_RELEASE,
  FLAG_LEASE_REQUEST,
  FLAG_RDMA,
  FLAG_RESPONSE,
  FRAGMENT_OCTETS,
  fragmentCount,
  fragmentOctets,
  LAMBDA_HEADER_OCTETS,
  type LambdaHeader,
  parseFunctionName,
  parseLambda,
  STATUS_BAD_REQUEST,
  STATUS_NO_CAPACITY,
  STATUS_NOT_FOUND,
  STATUS_OK,
  STATUS_TIMEOUT,
  STATUS_UNKNOWN_FUNCTION,
} from '../packet/lambda.ts';
import {
  emitLeaseAnswer,
  emitMessageHead,
  MESSAGE_HEAD_OCTETS,
  parseLeaseRelease,
  parseLeaseRequest,
  parseMessageHead,
} from '../packet/lease.ts';
import { PORT_LAMBDA, PORT_ROCE } from '../packet/udp.ts';
import { RdmaEngine } from '../rdma/engine.ts';
import type { NodeContext, NodeModel, NodeReport, RequestRow, WorkloadProgress } from '../time/node.ts';
import { Scheduler } from '../time/scheduler.ts';
import type { ClientHost, WorkloadSpec } from '../topology/types.ts';
import { type ClientSpec, createClient } from './client.ts';
import { greyOf } from './image-workload.ts';
import type { WorkloadSummary } from './latency.ts';

const CLIENT_MAC = '00:0a:f7:00:02:01';
const GATEWAY_MAC = '00:0a:f7:00:01:01';
const GATEWAY_ADDRESS = '10.10.20.105';
const SLOT_OCTETS = 512 * 1024;
const PAGES = ['hello', 'a longer page of text', '', 'x'];

const host: ClientHost = {
  name: 'client',
  role: 'client',
  rdma: {},
  routes: [],
  interfaceRoutes: [[]],
  profile: {
    name: 'test',
    hardwareThreads: 4,
    receiveStackPs: 1_900_000,
    sendStackPs: 1_500_000,
    gatewayServicePs: 0,
    memcachedServicePs: 0,
    managementServicePs: 0,
    pciePs: 0,
  },
  interfaces: [{ name: 'eth0', network: 'data', mac: CLIENT_MAC, address: '10.10.30.1', prefixLength: 16 }],
};

const common = {
  concurrency: 4,
  plainLimitOctets: 1024,
  fragmentLimitOctets: 32 * 1024,
  requestTimeoutPs: 50 * PS_PER_MS,
  retries: 6,
};
const web: WorkloadSpec = { ...common, name: 'web', requests: 60 };
const keyValue: WorkloadSpec = { ...common, name: 'key-value', requests: 300 };
const image: WorkloadSpec = { ...common, name: 'image', requests: 18, imageWidth: 96, imageHeight: 100 };

interface Answer {
  readonly status: number;
  readonly body: Uint8Array;
}

/** How the far side misbehaves; by default it does not. */
interface Behaviour {
  /** Emulated time from which lambdas are deployed. */
  deployedAtPs?: number;
  /** From the last fragment in to the first answer out. */
  servicePs?: number;
  copies?: number;
  /** Changes an answer, or withholds it. */
  spoil?: (answer: Answer, name: string, requestId: number) => Answer | undefined;
  /** Changes the result that a worker writes back. */
  spoilResult?: (result: Uint8Array) => Uint8Array;
  /** Frames to lose, from either side, by their number in that direction. */
  lose?: (side: 'client' | 'gateway', frameNumber: number) => boolean;
}

interface Lease {
  readonly qpn: number;
  readonly slot: Uint8Array;
  kept: Uint8Array | undefined;
  readonly client: { readonly address: bigint; readonly rkey: number };
}

/** Gateway, worker and memcached in one node of the test: what they answer is computed here, independently. */
class Gateway implements NodeModel {
  readonly receiveAt = 'last-bit';
  readonly asked: { name: string; requestId: number; flags: number; body: Uint8Array; atPs: number }[] = [];
  readonly leases = new Map<number, Lease>();
  readonly released: number[] = [];
  mostOutstanding = 0;
  overlappingKeys = 0;
  writesFailed = 0;
  private readonly context: NodeContext;
  private readonly behaviour: Behaviour;
  private readonly stack: HostStack;
  private readonly engine: RdmaEngine;
  private readonly parts = new Map<number, Map<number, Uint8Array>>();
  private readonly store = new Map<string, Uint8Array>();
  private readonly busyKeys = new Set<string>();
  private outstanding = 0;

  constructor(context: NodeContext, behaviour: Behaviour) {
    this.context = context;
    this.behaviour = behaviour;
    const mac = parseMac(GATEWAY_MAC)!;
    const address = parseIpv4Address(GATEWAY_ADDRESS)!;
    this.stack = new HostStack(context, { interfaces: [{ mac, address, prefixLength: 16 }] });
    const environment = {
      nowPs: () => context.nowPs(),
      at: (timePs: number, callback: () => void) => context.at(timePs, callback),
      cancel: (timer: number) => context.cancel(timer),
      transmit: (frame: Uint8Array) => void context.send(0, frame),
    };
    this.engine = new RdmaEngine(environment, { mac, address, options: { pacingOctetPs: 800 } });
    this.engine.onImmediate((qpn, event) => this.onMessage(qpn, event.immediate));
    this.stack.bindOffloaded(PORT_ROCE, (datagram) => this.engine.onUdpFrame(datagram));
    this.stack.bind(PORT_LAMBDA, (datagram) => {
      const { frame, payloadStart, payloadEnd, srcAddress, srcPort } = datagram;
      const parsed = parseLambda(frame, payloadStart, payloadEnd);
      if (!parsed.ok) throw new Error(parsed.error.message);
      this.onPart(parsed.value, frame.subarray(payloadStart + LAMBDA_HEADER_OCTETS, payloadEnd), srcAddress, srcPort);
    });
  }

  start(): void {}

  onFrame(port: number, frame: Uint8Array): void {
    this.stack.onFrame(port, frame);
  }

  report(): NodeReport {
    return { counters: {} };
  }

  private onPart(header: LambdaHeader, octets: Uint8Array, address: number, port: number): void {
    expect(header.wId).toBe(0);
    expect(header.flags & FLAG_RESPONSE).toBe(0);
    const named = parseFunctionName(octets, 0, octets.length);
    if (!named.ok) throw new Error(named.error.message);
    const { name, end } = named.value;
    const part = octets.subarray(end, end + fragmentOctets(header));
    expect(part.length).toBe(fragmentOctets(header));
    const { requestId } = header;
    const parts = this.parts.get(requestId) ?? new Map<number, Uint8Array>();
    this.parts.set(requestId, parts);
    parts.set(header.fragment, part);
    if (parts.size < header.fragments) return;
    this.parts.delete(requestId);
    const body = Uint8Array.from({ length: header.length }, (_, i) => {
      return parts.get(Math.floor(i / FRAGMENT_OCTETS))![i % FRAGMENT_OCTETS]!;
    });
    this.asked.push({ name, requestId, flags: header.flags, body, atPs: this.context.nowPs() });
    this.outstanding++;
    this.mostOutstanding = Math.max(this.mostOutstanding, this.outstanding);
    const key = name === 'key-value-client' ? keyOf(body) : `request ${requestId}`;
    if (this.busyKeys.has(key)) this.overlappingKeys++;
    this.busyKeys.add(key);
    this.context.at(this.context.nowPs() + (this.behaviour.servicePs ?? 10 * PS_PER_US), () => {
      this.outstanding--;
      this.busyKeys.delete(key);
      this.answer(name, header, body, address, port);
    });
  }

  private answer(name: string, header: LambdaHeader, body: Uint8Array, address: number, port: number): void {
    const { requestId } = header;
    const right = this.serve(name, header.flags, body, address);
    const answer = this.behaviour.spoil === undefined ? right : this.behaviour.spoil(right, name, requestId);
    if (answer === undefined) return;
    const { status } = answer;
    const leaseFlag = (header.flags & FLAG_LEASE_REQUEST) === 0 ? 0 : FLAG_LEASE_ANSWER;
    const length = answer.body.length;
    const fragments = fragmentCount(length);
    for (let copy = 0; copy < (this.behaviour.copies ?? 1); copy++) {
      // Fragments in reverse: the receiver must not rely on their order.
      for (let fragment = fragments - 1; fragment >= 0; fragment--) {
        const part = answer.body.subarray(fragment * FRAGMENT_OCTETS, (fragment + 1) * FRAGMENT_OCTETS);
        const payload = new Uint8Array(LAMBDA_HEADER_OCTETS + part.length);
        emitLambda(payload, 0, {
          wId: 5,
          requestId,
          fragment,
          fragments,
          flags: FLAG_RESPONSE | leaseFlag,
          status,
          length,
        });
        payload.set(part, LAMBDA_HEADER_OCTETS);
        this.stack.send(PORT_LAMBDA, address, port, payload);
      }
    }
  }

  private serve(name: string, flags: number, body: Uint8Array, address: number): Answer {
    const nothing = new Uint8Array(0);
    if (this.context.nowPs() < (this.behaviour.deployedAtPs ?? 0))
      return { status: STATUS_UNKNOWN_FUNCTION, body: nothing };
    if ((flags & FLAG_LEASE_REQUEST) !== 0) return this.lease(body, address);
    if ((flags & FLAG_LEASE_RELEASE) !== 0) {
      const release = parseLeaseRelease(body, 0, body.length);
      if (!release.ok) throw new Error(release.error.message);
      this.released.push(release.value.leaseId);
      return { status: STATUS_OK, body: nothing };
    }
    switch (name) {
      case 'web-server':
      case 'web-server-2':
        return { status: STATUS_OK, body: Buffer.from(PAGES[readUint32(body, 0) % PAGES.length]!, 'latin1') };
      case 'key-value-client':
        return this.keyValue(body);
      case 'image-transformer':
        return { status: STATUS_OK, body: this.grey(body) };
      case 'image-mean':
        return this.mean(body);
      default:
        return { status: STATUS_UNKNOWN_FUNCTION, body: nothing };
    }
  }

  private keyValue(body: Uint8Array): Answer {
    const key = keyOf(body);
    const valueOctets = readUint16(body, 2);
    const value = body.slice(4 + body[1]!);
    expect(value.length).toBe(valueOctets);
    if (body[0] === 1) {
      this.store.set(key, value);
      return { status: STATUS_OK, body: new Uint8Array(0) };
    }
    const found = this.store.get(key);
    if (found === undefined) return { status: STATUS_NOT_FOUND, body: new Uint8Array(0) };
    const upper = found.map((octet) => (/[a-z]/.test(String.fromCharCode(octet)) ? octet - 32 : octet));
    return { status: STATUS_OK, body: upper };
  }

  private grey(body: Uint8Array): Uint8Array {
    const pixels = readUint16(body, 0) * readUint16(body, 2);
    expect(body.length).toBe(4 + 4 * pixels);
    return Uint8Array.from({ length: pixels }, (_, i) => {
      return [0, 1, 2].reduce((sum, channel) => sum + Math.floor(body[4 + 4 * i + channel]! / 3), 0);
    });
  }

  private lease(body: Uint8Array, address: number): Answer {
    const parsed = parseLeaseRequest(body, 0, body.length);
    if (!parsed.ok) throw new Error(parsed.error.message);
    const request = parsed.value;
    const leaseId = 1000 + this.leases.size;
    const slot = new Uint8Array(SLOT_OCTETS);
    const region = this.engine.registerRegion({
      address: BigInt(leaseId) << 32n,
      length: SLOT_OCTETS,
      rights: { remoteWrite: true, remoteRead: false },
      memory: {
        read: (offset, length) => slot.subarray(offset, offset + length),
        write: (offset, octets) => slot.set(octets, offset),
      },
    });
    const { qpn } = this.engine.createQueuePair();
    this.engine.connect(qpn, {
      remoteQpn: request.clientQpn,
      remoteMac: request.clientMac,
      remoteAddress: address,
      startPsn: 77,
      expectedPsn: request.clientStartPsn,
    });
    const client = { address: request.clientAddress, rkey: request.clientRkey };
    this.leases.set(leaseId, { qpn, slot, kept: undefined, client });
    return {
      status: STATUS_OK,
      body: emitLeaseAnswer({
        wId: 7,
        workerAddress: this.stack.interfaces[0]!.address,
        workerMac: this.stack.interfaces[0]!.mac,
        workerQpn: qpn,
        workerStartPsn: 77,
        rkey: region.rkey,
        address: region.address,
        slot: leaseId - 1000,
        slotInputOctets: 384 * 1024,
        leaseId,
      }),
    };
  }

  /** A message is in a slot: run the lambda, write the result back. */
  private onMessage(qpn: number, slotNumber: number): void {
    const leaseId = slotNumber + 1000;
    const lease = this.leases.get(leaseId)!;
    expect(lease.qpn).toBe(qpn);
    const head = parseMessageHead(lease.slot, 0, MESSAGE_HEAD_OCTETS);
    if (!head.ok) throw new Error(head.error.message);
    const { flags, length, requestId, wId } = head.value;
    expect({ flags: flags & FLAG_RDMA, requestId, wId }).toEqual({ flags: FLAG_RDMA, requestId: leaseId, wId: 7 });
    const grey = this.grey(lease.slot.subarray(MESSAGE_HEAD_OCTETS, MESSAGE_HEAD_OCTETS + length));
    const kept = (flags & FLAG_KEEP) !== 0;
    if (kept) lease.kept = grey;
    const octets = new Uint8Array(MESSAGE_HEAD_OCTETS + (kept ? 0 : grey.length));
    const answer = { ...head.value, flags: flags | FLAG_RESPONSE, status: STATUS_OK, length: grey.length };
    emitMessageHead(octets, 0, answer);
    if (!kept) octets.set(grey, MESSAGE_HEAD_OCTETS);
    const result = this.behaviour.spoilResult?.(octets) ?? octets;
    const { address, rkey } = lease.client;
    this.engine.write(qpn, { remoteAddress: address, rkey, octets: result, immediate: leaseId }, (completion) => {
      if (!completion.ok && !this.released.includes(leaseId)) this.writesFailed++;
    });
  }

  private mean(body: Uint8Array): Answer {
    const kept = this.leases.get(readUint32(body, 0))?.kept;
    if (kept === undefined) return { status: STATUS_BAD_REQUEST, body: new Uint8Array(0) };
    expect(readUint32(body, 8)).toBe(kept.length);
    const answer = new Uint8Array(16);
    [kept.length, kept.reduce((a, b) => a + b), Math.min(...kept), Math.max(...kept)].forEach((value, i) => {
      writeUint32(answer, 4 * i, value);
    });
    return { status: STATUS_OK, body: answer };
  }
}

function keyOf(body: Uint8Array): string {
  return Buffer.from(body.subarray(4, 4 + body[1]!)).toString('latin1');
}

interface RunResult {
  readonly report: NodeReport;
  readonly rows: readonly RequestRow[];
  readonly summaries: readonly WorkloadSummary[];
  readonly gateway: Gateway;
  readonly progress: readonly WorkloadProgress[];
  readonly endPs: number;
}

/** A context whose sends get lost as the behaviour says. */
function lossy(runtime: NodeRuntime, side: 'client' | 'gateway', behaviour: Behaviour): NodeContext {
  let frames = 0;
  return Object.create(runtime, {
    send: {
      value: (port: number, frame: Uint8Array, notBeforePs?: number): boolean => {
        return behaviour.lose?.(side, frames++) === true || runtime.send(port, frame, notBeforePs);
      },
    },
  });
}

function run(
  workloads: ClientSpec['workloads'],
  behaviour: Behaviour = {},
  changes: Partial<ClientSpec> & { seed?: number } = {},
): RunResult {
  const { seed = 1, ...specChanges } = changes;
  const scheduler = new Scheduler();
  const progress: WorkloadProgress[] = [];
  const link = {
    name: 'cable',
    ends: [
      { node: 'client', port: 0, name: 'client.eth0' },
      { node: 'gateway', port: 0, name: 'gateway.eth0' },
    ],
    rateBitsPerSecond: 10_000_000_000,
    delayPs: 500_000,
    queueOctets: 512 * 1024,
  } as const;
  const network: NetworkSpec = { nodes: ['client', 'gateway'], links: [link], seed, faults: NO_FAULTS };
  const local = new Network(network, scheduler, {
    localNodes: new Set(network.nodes),
    remoteSink: () => expect.fail('nothing is remote'),
    openCapture: () => undefined,
    observer: { event: () => {}, progress: (_node, told) => void progress.push(told) },
  });
  const spec: ClientSpec = {
    host,
    gatewayAddress: GATEWAY_ADDRESS,
    workers: [{ name: 'm2', address: GATEWAY_ADDRESS }],
    rdmaAnswerOctets: 70_000,
    lambdas: ['web-server', 'key-value-client', 'image-transformer', 'image-mean'],
    workloads,
    content: { pages: PAGES },
    ...specChanges,
  };
  const client = createClient(lossy(local.runtimes.get('client')!, 'client', behaviour), spec);
  const gateway = new Gateway(lossy(local.runtimes.get('gateway')!, 'gateway', behaviour), behaviour);
  local.attach('client', () => client);
  local.attach('gateway', () => gateway);
  local.start();
  scheduler.run(Number.POSITIVE_INFINITY);
  const report = client.report();
  const { workloads: summaries } = report.details as { workloads: WorkloadSummary[] };
  return { report, rows: report.rows!, summaries, gateway, progress, endPs: scheduler.nowPs() };
}

describe('a run', () => {
  const result = run([web, keyValue, image]);

  test('completes every request of every phase, in order', () => {
    expect(result.report.failure).toBeUndefined();
    expect(
      result.summaries.map(({ workload, requests, completed, failed, retransmitted }) => ({
        workload,
        requests,
        completed,
        failed,
        retransmitted,
      })),
    ).toEqual([
      { workload: 'web', requests: 60, completed: 60, failed: 0, retransmitted: 0 },
      { workload: 'key-value', requests: 300, completed: 300, failed: 0, retransmitted: 0 },
      { workload: 'image', requests: 18, completed: 18, failed: 0, retransmitted: 0 },
    ]);
    const ids = result.rows.map((row) => row.requestId as number);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    expect(new Set(ids).size).toBe(378);
    const phaseEnd = (name: string): number =>
      Math.max(...result.rows.filter((row) => row.workload === name).map((row) => row.endPs as number));
    const phaseStart = (name: string): number =>
      Math.min(...result.rows.filter((row) => row.workload === name).map((row) => row.startPs as number));
    expect(phaseStart('key-value')).toBeGreaterThan(phaseEnd('web'));
    expect(phaseStart('image')).toBeGreaterThan(phaseEnd('key-value'));
  });

  test('keeps raw figures that the summary follows from', () => {
    const row = result.rows[0]!;
    expect(row).toMatchObject({
      workload: 'web',
      lambda: 'web-server',
      transport: 'plain',
      octets: 4,
      attempts: 1,
      status: 'ok',
    });
    expect(row.latencyPs).toBe((row.endPs as number) - (row.startPs as number));
    const latencies = result.rows.filter((each) => each.workload === 'web').map((each) => each.latencyPs as number);
    expect(result.summaries[0]!.latencyPs!.max).toBe(Math.max(...latencies));
    expect(result.summaries[0]!.latencyPs!.p50).toBe(latencies.toSorted((a, b) => a - b)[29]);
  });

  test('sends images by the three ways, and some results stay in the NIC', () => {
    const images = result.rows.filter((row) => row.workload === 'image');
    const transports = images.map((row) => row.transport);
    expect(transports.filter((transport) => transport === 'plain')).toHaveLength(2);
    expect(transports.filter((transport) => transport === 'fragments')).toHaveLength(2);
    expect(transports.filter((transport) => transport === 'rdma')).toHaveLength(14);
    expect(images.filter((row) => row.transport === 'rdma').every((row) => row.worker === 'm2')).toBe(true);
    const means = result.gateway.asked.filter((asked) => asked.name === 'image-mean');
    expect(means).toHaveLength(2);
    expect(result.gateway.released).toEqual(means.map((asked) => readUint32(asked.body, 0)));
    // Under the ids of their rows both can be found at the gateway.
    const further = images.map((row) => row.furtherRequestIds).filter((ids) => ids !== '');
    expect(further).toEqual(means.map((asked) => `${asked.requestId}`));
  });

  test('asks for hits, misses and values that were set before', () => {
    const statuses = result.rows.filter((row) => row.workload === 'key-value').map((row) => row.status);
    expect(new Set(statuses)).toEqual(new Set(['ok', 'not-found']));
    const gets = result.rows.filter((row) => row.workload === 'key-value' && (row.answerOctets as number) > 0);
    expect(gets.length).toBeGreaterThan(20);
    expect(result.gateway.overlappingKeys).toBe(0);
  });

  test('never has more requests outstanding than asked for, and reaches that', () => {
    expect(run([web]).gateway.mostOutstanding).toBe(4);
    expect(run([{ ...web, concurrency: 1 }]).gateway.mostOutstanding).toBe(1);
    expect(run([{ ...web, concurrency: 56 }], { servicePs: PS_PER_MS }).gateway.mostOutstanding).toBe(56);
  });

  test('tells its progress from nothing to all', () => {
    const ofWeb = result.progress.filter((told) => told.workload === 'web').map((told) => told.completed);
    expect(ofWeb[0]).toBe(0);
    expect(ofWeb.at(-1)).toBe(60);
    expect(result.progress.slice(0, 3).map((told) => told.workload)).toEqual(['web', 'key-value', 'image']);
  });

  test('is the same again with the same seed, and another one with another', () => {
    expect(run([web, keyValue, image]).report).toEqual(result.report);
    const bodies = (of: RunResult): string =>
      of.gateway.asked.map((asked) => Buffer.from(asked.body).toString('hex')).join();
    expect(bodies(run([web], {}, { seed: 2 }))).not.toBe(bodies(run([web])));
  });

  test('a workload draws the same numbers whatever runs before it', () => {
    const keys = (of: RunResult): string[] =>
      of.gateway.asked.filter((asked) => asked.name === 'key-value-client').map((asked) => keyOf(asked.body));
    expect(keys(run([keyValue]))).toEqual(keys(result));
  });

  test('asks several web lambdas in turn', () => {
    const { rows, report } = run([web], {}, { lambdas: ['web-server', 'web-server-2'] });
    expect(report.failure).toBeUndefined();
    expect(rows.slice(0, 4).map((row) => row.lambda)).toEqual([
      'web-server',
      'web-server-2',
      'web-server',
      'web-server-2',
    ]);
  });

  test("sends a user's image and no other", () => {
    const pixels = Uint8Array.from({ length: 120 * 80 * 4 }, (_, i) => (i * 7) & 255);
    const user = { width: 120, height: 80, pixels };
    const { gateway, report } = run([{ ...image, requests: 9 }], {}, { content: { pages: PAGES, image: user } });
    expect(report.failure).toBeUndefined();
    expect(gateway.leases.size).toBe(9);
    for (const lease of gateway.leases.values()) {
      const input = lease.slot.subarray(MESSAGE_HEAD_OCTETS);
      expect([readUint16(input, 0), readUint16(input, 2)]).toEqual([120, 80]);
      expect(input.subarray(4, 4 + pixels.length)).toEqual(pixels);
    }
  });
});

describe('loss', () => {
  test('one frame in seven lost both ways: every request is answered, and rightly', () => {
    const result = run([web, keyValue, image], { lose: (side, number) => number % 7 === (side === 'client' ? 3 : 5) });
    expect(result.report.failure).toBeUndefined();
    for (const { completed, requests, failed, retransmitted } of result.summaries) {
      expect({ completed, failed }).toEqual({ completed: requests, failed: 0 });
      expect(retransmitted).toBeGreaterThan(0);
    }
    // The client still acknowledges results whose first acknowledgement was lost.
    expect(result.gateway.writesFailed).toBe(0);
  });

  test('56 images at once do not overrun the queue of the client itself', () => {
    const result = run([{ ...image, requests: 56, concurrency: 56 }]);
    expect(result.summaries[0]).toMatchObject({ completed: 56, retransmitted: 0 });
    expect(result.report.counters.egressDrops).toBe(0);
  });

  test('answers that come twice count once', () => {
    const result = run([web, { ...image, requests: 9 }], { copies: 2 });
    expect(result.summaries.map((summary) => summary.completed)).toEqual([60, 9]);
    expect(result.report.counters.duplicateAnswers).toBeGreaterThanOrEqual(60);
  });

  test('a request without an answer is sent again with the same id at doubling times, then given up', () => {
    const result = run([{ ...web, requests: 1, retries: 3 }], {
      spoil: (answer, _name, requestId) => (requestId === 1 ? answer : undefined),
    });
    const sends = result.gateway.asked.filter((asked) => asked.requestId === 2).map((asked) => asked.atPs);
    const gaps = sends.slice(1).map((atPs, i) => atPs - sends[i]!);
    expect(gaps).toEqual([50 * PS_PER_MS, 100 * PS_PER_MS, 200 * PS_PER_MS]);
    expect(result.rows).toMatchObject([{ requestId: 2, status: 'no-answer', attempts: 4, latencyPs: 750 * PS_PER_MS }]);
    expect(result.summaries[0]).toMatchObject({ requests: 1, completed: 0, failed: 1, retransmitted: 3 });
    expect(result.report.failure).toBeUndefined();
  });

  test('a gateway that timed out or has no capacity has failed the request, not the run', () => {
    const timedOut = run([{ ...web, requests: 3 }], {
      spoil: (answer, _name, id) => (id === 3 ? { status: STATUS_TIMEOUT, body: new Uint8Array(0) } : answer),
    });
    expect(timedOut.rows.map((row) => row.status)).toEqual(['ok', 'timeout', 'ok']);
    expect(timedOut.report.failure).toBeUndefined();
    const full = run([{ ...web, requests: 1, retries: 1 }], {
      spoil: (answer, _name, id) => (id === 2 ? { status: STATUS_NO_CAPACITY, body: new Uint8Array(0) } : answer),
    });
    expect(full.rows).toMatchObject([{ status: 'no-capacity', attempts: 2 }]);
  });

  test('a lease that is refused for want of capacity is asked for again', () => {
    let refusals = 3;
    const result = run([{ ...image, requests: 2 }], {
      spoil: (answer) =>
        answer.body.length === 48 && refusals-- > 0 ? { status: STATUS_NO_CAPACITY, body: new Uint8Array(0) } : answer,
    });
    expect(result.summaries[0]).toMatchObject({ completed: 2, failed: 0 });
    expect(result.report.counters.refusals).toBe(3);
  });

  test('a result that never comes costs the lease: it is given back and another one asked for', () => {
    let lost = 0;
    const result = run([{ ...image, requests: 1, requestTimeoutPs: 10 * PS_PER_MS }], {
      // The worker writes into the wrong place of the client's memory once: no result, but an error of the queue pair.
      spoilResult: (octets) => (lost++ === 0 ? new Uint8Array(octets.length + 1) : octets),
    });
    expect(result.summaries[0]).toMatchObject({ completed: 1, failed: 0, retransmitted: 1 });
    expect(result.gateway.leases.size).toBe(2);
    expect(result.gateway.released).toEqual([1000]);
    const leaseRequests = result.gateway.asked.filter((asked) => (asked.flags & FLAG_LEASE_REQUEST) !== 0);
    expect(leaseRequests.map((asked) => asked.requestId)).toEqual([
      result.rows[0]!.requestId,
      Number(result.rows[0]!.furtherRequestIds),
    ]);
  });
});

describe('wrong answers fail the run, and are named', () => {
  const flip = (answer: Answer, offset: number): Answer => {
    const body = answer.body.slice();
    body[offset] = body[offset]! ^ 1;
    return { ...answer, body };
  };

  test('web', () => {
    const result = run([{ ...web, requests: 9 }], {
      spoil: (answer, _name, id) => (id > 3 && answer.body.length > 4 ? flip(answer, 4) : answer),
    });
    expect(result.report.failure).toMatch(
      /^web request \d+ \(web-server\): octet 4: expected 0x(6f|6e), got 0x(6e|6f)$/,
    );
    expect(result.rows.some((row) => row.status === 'wrong-answer')).toBe(true);
    expect(result.summaries[0]!.failed).toBeGreaterThan(0);
  });

  test('web, one octet short', () => {
    const result = run([{ ...web, requests: 9 }], {
      spoil: (answer, _name, id) =>
        id > 3 && answer.body.length > 4 ? { ...answer, body: answer.body.slice(1) } : answer,
    });
    expect(result.report.failure).toMatch(/length: expected (5|21) octets, got (4|20)$/);
  });

  test('key-value: a hit that should be a miss, a miss that should be a hit, another value', () => {
    const hit = run([keyValue], {
      spoil: (answer, _name, id) =>
        id > 1 && answer.status === STATUS_NOT_FOUND ? { ...answer, status: STATUS_OK } : answer,
    });
    expect(hit.report.failure).toMatch(
      /^key-value request \d+ \(key-value-client\): status: expected not-found, got ok$/,
    );
    const miss = run([keyValue], {
      spoil: (answer) => (answer.body.length > 0 ? { status: STATUS_NOT_FOUND, body: new Uint8Array(0) } : answer),
    });
    expect(miss.report.failure).toMatch(/status: expected ok, got not-found$/);
    const other = run([keyValue], { spoil: (answer) => (answer.body.length > 9 ? flip(answer, 9) : answer) });
    expect(other.report.failure).toMatch(/octet 9: expected 0x.., got 0x..$/);
  });

  test('image in one frame, in fragments and by RDMA', () => {
    const small = run([{ ...image, requests: 9 }], {
      spoil: (answer) => (answer.body.length === 240 ? flip(answer, 239) : answer),
    });
    expect(small.report.failure).toMatch(/^image request \d+ \(image-transformer\): octet 239: /);
    const fragments = run([{ ...image, requests: 9 }], {
      spoil: (answer) => (answer.body.length === 4096 ? flip(answer, 1024) : answer),
    });
    expect(fragments.report.failure).toMatch(/octet 1024: /);
    const last = MESSAGE_HEAD_OCTETS + 96 * 100 - 1;
    const rdma = run([{ ...image, requests: 1 }], {
      spoilResult: (octets) => octets.map((octet, i) => (i === last ? octet ^ 0x80 : octet)),
    });
    expect(rdma.report.failure).toMatch(/octet 9599: expected 0x.., got 0x..$/);
  });

  test('the lambda that reads a kept result', () => {
    const result = run([{ ...image, requests: 9 }], {
      spoil: (answer, name) => (name === 'image-mean' ? flip(answer, 7) : answer),
    });
    expect(result.report.failure).toMatch(
      /^image request \d+ \(image-transformer\): image-mean: sum: expected \d+, got \d+$/,
    );
  });

  test('a valid request that is called bad', () => {
    const result = run([{ ...web, requests: 2 }], {
      spoil: (answer, _name, id) => (id === 3 ? { status: STATUS_BAD_REQUEST, body: new Uint8Array(0) } : answer),
    });
    expect(result.report.failure).toBe('web request 3 (web-server): status: expected ok, got bad-request');
  });
});

describe('readiness', () => {
  test('waits for the lambda, asking ever more rarely, and starts soon after it is there', () => {
    const deployedAtPs = 3 * PS_PER_S;
    const result = run([{ ...web, requests: 5 }], { deployedAtPs });
    const first = result.rows[0]!.startPs as number;
    expect(first).toBeGreaterThan(deployedAtPs);
    expect(first).toBeLessThan(deployedAtPs + 110 * PS_PER_MS);
    expect(result.gateway.asked.filter((asked) => asked.atPs < deployedAtPs).length).toBeLessThan(45);
    expect(result.summaries[0]).toMatchObject({ requests: 5, completed: 5 });
  });

  test('gives up after ten minutes and says so', () => {
    const result = run([{ ...web, requests: 5 }], { deployedAtPs: 2000 * PS_PER_S });
    expect(result.report.failure).toBe('web: lambda web-server did not answer within ten emulated minutes');
    expect(result.summaries[0]).toMatchObject({ requests: 5, completed: 0 });
    expect(result.endPs).toBeLessThan(601 * PS_PER_S);
  });
});

test('without the gateway: workers are asked straight, with the id and without the name', () => {
  const seen: LambdaHeader[] = [];
  const scheduler = new Scheduler();
  const ports = [{ name: 'client.eth0', linkName: 'cable', rateBitsPerSecond: 10_000_000_000, octetPs: 800 }];
  const context: NodeContext = {
    nodeName: 'client',
    ports,
    nowPs: () => scheduler.nowPs(),
    at: (timePs, callback) => scheduler.armTimer(0, timePs, callback),
    cancel: (timer) => scheduler.cancelTimer(timer),
    random: () => ({ uint32: () => 5, below: () => 0, unit: () => 0 }),
    record: () => {},
    busyUntilPs: () => 0,
    tell: () => {},
    external: () => {},
    progress: () => {},
    send: (_port, frame) => {
      const parsed = readUint16(frame, 12) === 0x0800 ? parseLambda(frame, 42, frame.length) : undefined;
      if (parsed?.ok) {
        seen.push(parsed.value);
        expect(frame.length).toBe(42 + LAMBDA_HEADER_OCTETS + 100);
      }
      return true;
    },
  };
  const client = createClient(context, {
    host,
    gatewayAddress: GATEWAY_ADDRESS,
    workers: [{ name: 'm2', address: '10.10.101.101' }],
    rdmaAnswerOctets: 70_000,
    lambdas: ['web-server'],
    workloads: [{ ...common, name: 'load', requests: 1, bodyOctets: 100 }],
    content: { pages: [] },
    directWorkloadId: 9,
  });
  client.start();
  // The worker's answer to ARP, by hand.
  const reply = Uint8Array.from({ length: 60 });
  reply.set(
    Buffer.from(
      '000af7000201 00154d000101 0806 0001080006040002 00154d000101 0a0a6565 000af7000201 0a0a1e01'.replaceAll(' ', ''),
      'hex',
    ),
  );
  scheduler.run(10 * PS_PER_US);
  client.onFrame(0, reply);
  scheduler.run(PS_PER_MS);
  expect(seen[0]).toMatchObject({ wId: 9, requestId: 1, fragments: 1, length: 100 });
});

test('the reference of the grey image', () => {
  expect([...greyOf({ width: 2, height: 1, pixels: Uint8Array.of(255, 254, 253, 9, 2, 1, 0, 255) })]).toEqual([
    85 + 84 + 84,
    0,
  ]);
});
