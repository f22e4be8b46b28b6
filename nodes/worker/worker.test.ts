import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { randomStream } from '../../base/random.ts';
import { PS_PER_S, PS_PER_US } from '../../base/units.ts';
import { assemble } from '../../npu/assembler/assembler.ts';
import { writeFirmwareElf } from '../../npu/image/elf-write.ts';
import { encodeProgram } from '../../npu/image/encode.ts';
import { parseIpv4Address, parseMac } from '../../packet/addresses.ts';
import { ARP_REPLY, ARP_REQUEST, buildArpFrame, parseArpFrame } from '../../packet/arp.ts';
import {
  buildLambdaFrame,
  FLAG_KEEP,
  FLAG_RDMA,
  FLAG_RESPONSE,
  parseLambda,
  STATUS_BACKEND_FAILURE,
  STATUS_BAD_REQUEST,
  STATUS_OK,
} from '../../packet/lambda.ts';
import { emitMessageHead, MESSAGE_HEAD_OCTETS, parseMessageHead } from '../../packet/lease.ts';
import {
  buildManagementFrame,
  FIRMWARE_CHUNK_OCTETS,
  type ManagementMessage,
  parseManagement,
} from '../../packet/management.ts';
import { PORT_LAMBDA, PORT_MANAGEMENT, PORT_ROCE } from '../../packet/udp.ts';
import { parseUdpFrame } from '../../packet/udp-frame.ts';
import { RdmaEngine } from '../../rdma/engine.ts';
import type { NodeContext, NodeEvent, NodeModel } from '../../time/node.ts';
import { Scheduler } from '../../time/scheduler.ts';
import { loadTopology } from '../../topology/load-topology.ts';
import type { WorkerHost } from '../../topology/types.ts';
import { createWorker } from './worker.ts';

const M1 = { mac: parseMac('02:00:00:00:00:01')!, address: parseIpv4Address('192.168.50.1')! };
const CLIENT = { mac: parseMac('02:00:00:00:00:02')!, address: parseIpv4Address('10.10.30.1')! };
const WIRE_PS = PS_PER_US;

/**
 * Answers lambda requests with their own body, sends the rest to the host; an RDMA event copies 32 octets of its input
 * to its output, or reads where it may not when the message's first octet is 0xee.
 */
const FIRMWARE = `
start:
  immed[gprA_14, 0]
receive:
  mem[ctm.packet_add_thread, $xfer_0, gprA_14, 0, 4], ctx_swap[sig1]
  alu[gprA_0, --, B, $xfer_0]
  alu[gprB_1, --, B, $xfer_1]
  alu[gprA_2, gprB_1, +, 14]
  immed[gprB_3, 0xffff]
  alu[gprA_3, gprA_0, AND, gprB_3], no_cc
  mem[read32, $xfer_4, gprA_2, 12, 8], ctx_swap[sig1]   ; frame 26: addresses, ports, length, wId, id, fragment
  immed[gprB_4, 4369]
  ld_field_w_clr[gprA_5, 0011, $xfer_6]
  alu[--, gprA_5, -, gprB_4]
  bne[to_host]
  immed[gprB_4, 0x200]
  alu[--, gprA_3, -, gprB_4]
  beq[event]
  alu[$xfer_0, --, B, $xfer_5]
  alu[$xfer_1, --, B, $xfer_4]
  alu_shf[$xfer_2, --, B, $xfer_6, >>rot16]
  mem[write32, $xfer_0, gprA_2, 12, 3], ctx_swap[sig1]
  mem[read32, $xfer_4, gprA_2, 24, 1], ctx_swap[sig1]   ; length, checksum: none
  alu_shf[gprA_5, --, B, $xfer_4, >>16]
  alu_shf[$xfer_0, --, B, gprA_5, <<16]
  mem[write32, $xfer_0, gprA_2, 24, 1], ctx_swap[sig1]
  mem[read8, $xfer_8, 0, gprB_1, 6], ctx_swap[sig1]
  alu[gprA_6, gprB_1, +, 6]
  mem[read8, $xfer_10, gprA_6, 0, 6], ctx_swap[sig1]
  alu[$xfer_8, --, B, $xfer_10]
  alu[$xfer_9, --, B, $xfer_11]
  alu[$xfer_10, --, B, $xfer_8]
  alu[$xfer_11, --, B, $xfer_9]
  mem[write8, $xfer_8, 0, gprB_1, 6], ctx_swap[sig1]
  mem[write8, $xfer_10, gprA_6, 0, 6], ctx_swap[sig1]
  immed[gprA_5, 1]
  alu_shf[$xfer_0, --, B, gprA_5, <<16]                  ; RESPONSE, status 0
  mem[write32, $xfer_0, gprA_2, 40, 1], ctx_swap[sig1]
  immed[gprB_4, 0]
  br[send]
to_host:
  immed[gprB_4, 0x300]
send:
  alu_shf[gprA_0, --, B, gprA_0, >>16]
  alu_shf[$xfer_0, gprB_4, OR, gprA_0, <<16]
  alu[$xfer_1, --, B, gprB_1]
  mem[ctm.packet_complete_unicast, $xfer_0, gprA_14, 0, 2], ctx_swap[sig1]
  br[receive]
event:
  mem[read32, $xfer_8, gprA_2, 48, 6], ctx_swap[sig1]
  alu_shf[gprA_6, --, B, $xfer_9, >>8]
  alu_shf[gprA_6, gprA_6, OR, $xfer_8, <<24]
  ld_field_w_clr[gprB_6, 0001, $xfer_9]
  alu_shf[gprA_7, --, B, $xfer_12, >>8]
  alu_shf[gprA_7, gprA_7, OR, $xfer_11, <<24]
  ld_field_w_clr[gprB_7, 0001, $xfer_12]
  mem[read32, $xfer_16, gprA_6, <<8, gprB_6, 8], ctx_swap[sig1]
  alu_shf[gprA_5, --, B, $xfer_16, >>24]
  br=byte[gprA_5, 0, 0xee, stray]
${[16, 17, 18, 19, 20, 21, 22, 23].map((i) => `  alu[$xfer_${i}, --, B, $xfer_${i}]`).join('\n')}
  mem[write32, $xfer_16, gprA_7, <<8, gprB_7, 8], ctx_swap[sig1]
  immed[gprA_5, 3]
  alu_shf[$xfer_0, --, B, gprA_5, <<16]
  immed[$xfer_1, 32]
  mem[write32, $xfer_0, gprA_2, 40, 2], ctx_swap[sig1]
  immed[gprB_4, 0x200]
  br[send]
stray:
  immed[gprA_6, 0x9800, <<16]
  mem[read32, $xfer_16, gprA_6, <<8, 64, 8], ctx_swap[sig1]
  br[send]
`;

function firmware(): Uint8Array {
  const { instructions, errors } = assemble(FIRMWARE);
  expect(errors).toEqual([]);
  return writeFirmwareElf({
    contexts: 8,
    instructions: encodeProgram(instructions),
    entry: 0,
    data: [],
    regions: [
      {
        name: 'rdma',
        owner: 'echo',
        memory: 'emem',
        address: 0x10000000,
        octets: 64 * 2 ** 19,
        read: true,
        write: true,
      },
    ],
    lambdas: [{ name: 'echo', id: 7 }],
    symbols: [{ name: 'echo', owner: 'echo', memory: 'code', address: 0, size: instructions.length }],
    lines: [{ instruction: 0, file: 'echo.asm', line: 1, also: [{ file: 'twin.asm', line: 2 }] }],
  });
}

/** A worker alone: the test plays M1 on its management port and a client on its data port. */
class Bench {
  readonly scheduler = new Scheduler();
  readonly worker: NodeModel;
  readonly host: WorkerHost;
  readonly events: NodeEvent[] = [];
  readonly sent: { readonly atPs: number; readonly port: number; readonly frame: Uint8Array }[] = [];
  readonly answers: ManagementMessage[] = [];
  readonly client: RdmaEngine;
  readonly mac: number;
  readonly address: number;
  private readonly management: { readonly mac: number; readonly address: number };
  private lastDepartPs = [0, 0];
  private transaction = 0;

  constructor(change: (host: WorkerHost) => WorkerHost = (host) => host) {
    const found = loadTopology('four-workers').hosts.find((host) => host.name === 'm2') as WorkerHost;
    this.host = change(found);
    const [data, management] = ['data', 'management'].map((network) => {
      const entry = found.interfaces.find((candidate) => candidate.network === network)!;
      return { mac: parseMac(entry.mac)!, address: parseIpv4Address(entry.address)! };
    });
    this.mac = data!.mac;
    this.address = data!.address;
    this.management = management!;
    this.client = new RdmaEngine(
      {
        nowPs: () => this.scheduler.nowPs(),
        at: (timePs, callback) => this.scheduler.armTimer(1, timePs, callback),
        cancel: (timer) => this.scheduler.cancelTimer(timer),
        transmit: (frame) => this.after(WIRE_PS, () => this.worker.onFrame(0, frame)),
      },
      { ...CLIENT, options: { pacingOctetPs: 800 } },
    );
    this.worker = createWorker(this.context(), this.host);
    this.worker.start();
  }

  after(delayPs: number, callback: () => void): void {
    this.scheduler.armTimer(1, this.scheduler.nowPs() + delayPs, callback);
  }

  tell(message: ManagementMessage): void {
    const addresses = {
      dstMac: this.management.mac,
      srcMac: M1.mac,
      srcAddress: M1.address,
      dstAddress: this.management.address,
      srcPort: PORT_MANAGEMENT,
      dstPort: PORT_MANAGEMENT,
    };
    this.worker.onFrame(1, buildManagementFrame(addresses, message));
  }

  /** Brings the firmware as M1 does, one chunk after the other. */
  deploy(octets = firmware()): void {
    const transaction = ++this.transaction;
    const sha256 = new Uint8Array(createHash('sha256').update(octets).digest());
    this.tell({ type: 'firmware-begin', transaction, octets: octets.length, sha256 });
    for (let offset = 0; offset < octets.length; offset += FIRMWARE_CHUNK_OCTETS) {
      const data = octets.subarray(offset, Math.min(offset + FIRMWARE_CHUNK_OCTETS, octets.length));
      this.run(100 * PS_PER_US);
      this.tell({ type: 'firmware-chunk', transaction, offset, data });
    }
    this.run(100 * PS_PER_US);
    this.tell({ type: 'firmware-load', transaction });
    this.run(30 * PS_PER_S);
  }

  run(durationPs: number): void {
    const endPs = this.scheduler.nowPs() + durationPs;
    this.scheduler.armTimer(2, endPs, () => {});
    this.scheduler.run(endPs + 1);
  }

  counter(name: string): number {
    const value = this.worker.report().counters[name];
    if (value === undefined) throw new Error(`no counter ${name}`);
    return value;
  }

  lambdaRequest(requestId: number, body: Uint8Array, flags = 0): Uint8Array {
    const addresses = {
      dstMac: this.mac,
      srcMac: CLIENT.mac,
      srcAddress: CLIENT.address,
      dstAddress: this.address,
      srcPort: 50_000,
      dstPort: PORT_LAMBDA,
    };
    const header = { wId: 7, requestId, fragment: 0, fragments: 1, flags, status: 0, length: body.length };
    return buildLambdaFrame(addresses, header, body);
  }

  /** Leases a slot and writes a message into it; returns what comes back into the client's memory. */
  lease(input: Uint8Array, options: { keep?: boolean; slot?: number; leaseId?: number } = {}) {
    const { keep = false, slot = 3, leaseId = 900 } = options;
    const memory = new Uint8Array(4096);
    const region = this.client.registerRegion({
      memory: {
        read: (offset, length) => memory.slice(offset, offset + length),
        write: (offset, octets) => memory.set(octets, offset),
      },
      address: 0x5000n,
      length: memory.length,
      rights: { remoteWrite: true, remoteRead: false },
    });
    const { qpn } = this.client.createQueuePair();
    const transaction = ++this.transaction;
    const install = {
      type: 'lease-install',
      transaction,
      leaseId,
      slot,
      wId: 7,
      clientAddress: CLIENT.address,
      clientMac: CLIENT.mac,
      clientQpn: qpn,
      clientStartPsn: 77,
      clientRkey: region.rkey,
      clientMemoryAddress: 0x5000n,
      lambdaFlags: keep ? FLAG_KEEP : 0,
    } as const;
    this.tell(install);
    this.run(200 * PS_PER_US);
    const answer = this.answers.find(
      (message) => message.type === 'lease-installed' && message.transaction === transaction,
    );
    if (answer?.type !== 'lease-installed') throw new Error('no lease');
    this.client.connect(qpn, {
      remoteQpn: answer.qpn,
      remoteMac: this.mac,
      remoteAddress: this.address,
      startPsn: 77,
      expectedPsn: answer.startPsn,
    });
    const octets = new Uint8Array(MESSAGE_HEAD_OCTETS + input.length);
    // Lambda and request are nonsense: the lease knows better.
    const head = {
      wId: 99,
      requestId: 1,
      fragment: 0,
      fragments: 1,
      flags: FLAG_RDMA,
      status: 0,
      length: input.length,
    };
    emitMessageHead(octets, 0, head);
    octets.set(input, MESSAGE_HEAD_OCTETS);
    const results: number[] = [];
    this.client.onImmediate((_, event) => results.push(event.immediate));
    const write = { remoteAddress: answer.memoryAddress, rkey: answer.rkey, octets, immediate: slot };
    this.client.write(qpn, write, () => {});
    return { memory, results, install, answer };
  }

  private context(): NodeContext {
    const { scheduler } = this;
    return {
      nodeName: 'm2',
      ports: [
        { name: 'm2.eth0', linkName: 'data', rateBitsPerSecond: 1e10, octetPs: 800 },
        { name: 'm2.eth1', linkName: 'management', rateBitsPerSecond: 1e9, octetPs: 8000 },
      ],
      nowPs: () => scheduler.nowPs(),
      send: (port, frame, notBeforePs = scheduler.nowPs()) => {
        expect(notBeforePs).toBeGreaterThanOrEqual(Math.max(scheduler.nowPs(), this.lastDepartPs[port]!));
        this.lastDepartPs[port] = notBeforePs;
        this.sent.push({ atPs: notBeforePs, port, frame });
        scheduler.armTimer(3, notBeforePs + WIRE_PS, () => this.arrive(port, frame));
        return true;
      },
      at: (timePs, callback) => scheduler.armTimer(0, timePs, callback),
      cancel: (timer) => scheduler.cancelTimer(timer),
      random: (purpose) => randomStream(1, `m2/${purpose}`),
      record: (event) => this.events.push(event),
      busyUntilPs: () => 0,
      tell: () => {},
      external: () => {},
      progress: () => {},
    };
  }

  private arrive(port: number, frame: Uint8Array): void {
    const arp = parseArpFrame(frame);
    if (arp.ok && arp.value.operation === ARP_REQUEST) {
      const reply = buildArpFrame(arp.value.senderMac, {
        operation: ARP_REPLY,
        senderMac: port === 0 ? CLIENT.mac : M1.mac,
        senderAddress: arp.value.targetAddress,
        targetMac: arp.value.senderMac,
        targetAddress: arp.value.senderAddress,
      });
      this.after(WIRE_PS, () => this.worker.onFrame(port, reply));
      return;
    }
    const udp = parseUdpFrame(frame);
    if (!udp.ok) return;
    if (udp.value.dstPort === PORT_ROCE) this.client.onFrame(frame);
    if (port !== 1) return;
    const message = parseManagement(frame, udp.value.payloadStart, udp.value.payloadEnd);
    if (!message.ok) throw new Error(message.error.message);
    this.answers.push(message.value);
    if (message.value.type === 'lease-done') this.tell({ type: 'ack', transaction: message.value.transaction });
  }
}

function arpRequest(bench: Bench): Uint8Array {
  return buildArpFrame(0xffff_ffff_ffff, {
    operation: ARP_REQUEST,
    senderMac: CLIENT.mac,
    senderAddress: CLIENT.address,
    targetMac: 0,
    targetAddress: bench.address,
  });
}

describe('worker', () => {
  test('without firmware every frame goes to the host, which answers ARP through PCIe', () => {
    const bench = new Bench();
    bench.worker.onFrame(0, arpRequest(bench));
    bench.worker.onFrame(0, bench.lambdaRequest(1, new Uint8Array(4)));
    bench.run(PS_PER_S);
    expect(bench.counter('nic_framesToHost')).toBe(2);
    expect(bench.counter('host_portUnreachable')).toBe(1);
    const [reply] = bench.sent;
    expect(parseArpFrame(reply!.frame)).toMatchObject({
      ok: true,
      value: { operation: ARP_REPLY, senderMac: bench.mac },
    });
    const { mac } = bench.host.nic;
    const { pciePs } = bench.host.profile;
    const crossing = 2 * (pciePs + Math.ceil((60 * 8 * 1e12) / bench.host.nic.pcie.bitsPerSecond));
    expect(reply!.atPs).toBe(mac.ingressPs + crossing + mac.egressPs);
  });

  test('firmware comes in chunks, takes the profile its load time, and then answers lambda requests', () => {
    const bench = new Bench();
    const elf = firmware();
    bench.deploy(elf);
    const loaded = bench.answers.find((message) => message.type === 'firmware-loaded');
    const sha256 = new Uint8Array(createHash('sha256').update(elf).digest());
    expect(loaded).toMatchObject({ status: STATUS_OK, sha256 });
    const sentAtPs = bench.scheduler.nowPs();
    const body = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]);
    bench.sent.length = 0;
    bench.worker.onFrame(0, bench.lambdaRequest(42, body));
    bench.run(100 * PS_PER_US);
    expect(bench.sent.map((sent) => sent.port)).toEqual([0]);
    const { frame, atPs } = bench.sent[0]!;
    const udp = parseUdpFrame(frame);
    if (!udp.ok) throw new Error(udp.error.message);
    expect(udp.value).toMatchObject({
      dstMac: CLIENT.mac,
      srcMac: bench.mac,
      dstAddress: CLIENT.address,
      srcAddress: bench.address,
      dstPort: 50_000,
      srcPort: PORT_LAMBDA,
    });
    expect(parseLambda(frame, udp.value.payloadStart, udp.value.payloadEnd)).toMatchObject({
      ok: true,
      value: { wId: 7, requestId: 42, flags: FLAG_RESPONSE, length: 8 },
    });
    expect(frame.subarray(62, 70)).toEqual(body);
    // Both pipelines and the program between them: some hundred cycles, not nothing and not milliseconds.
    const { ingressPs, egressPs } = bench.host.nic.mac;
    const programPs = atPs - sentAtPs - ingressPs - egressPs;
    expect(programPs).toBeGreaterThan(PS_PER_US);
    expect(programPs).toBeLessThan(5 * PS_PER_US);
    expect(bench.counter('requests_echo')).toBe(1);
    // What is no lambda request goes up to the host and is answered there.
    bench.worker.onFrame(0, arpRequest(bench));
    bench.run(100 * PS_PER_US);
    expect(parseArpFrame(bench.sent[1]!.frame)).toMatchObject({ ok: true, value: { operation: ARP_REPLY } });
  });

  test('the same frames give the same instants whether they come one by one or with others around', () => {
    const alone = new Bench();
    const crowd = new Bench();
    const latencies = [alone, crowd].map((bench, index) => {
      bench.deploy();
      const startPs = bench.scheduler.nowPs();
      bench.sent.length = 0;
      bench.worker.onFrame(0, bench.lambdaRequest(1, new Uint8Array(16)));
      // Another island's core serves this one; EMEM is not touched: no influence on the first.
      if (index === 1) bench.after(700_001, () => bench.worker.onFrame(0, bench.lambdaRequest(2, new Uint8Array(16))));
      bench.run(100 * PS_PER_US);
      return bench.sent.map((sent) => sent.atPs - startPs);
    });
    expect(latencies[1]).toHaveLength(2);
    expect(latencies[1]![0]).toBe(latencies[0]![0]);
    // The clock does not divide the offset: the second is later by it, give or take a cycle.
    expect(Math.abs(latencies[1]![1]! - latencies[1]![0]! - 700_001)).toBeLessThan(1_580);
  });

  test('frames of the host join those of the NPU in the order of time', () => {
    // `send` of the bench refuses a frame that departs before one that was handed over earlier.
    const bench = new Bench();
    bench.deploy();
    bench.sent.length = 0;
    // One frame for the host, at different places among the answers that the NPU sends.
    for (let round = 0; round < 12; round++) {
      for (let i = 0; i < 60; i++) {
        bench.after(i * 4_000, () => bench.worker.onFrame(0, bench.lambdaRequest(i, new Uint8Array(64))));
      }
      bench.after(300_000 + round * 50_000, () => bench.worker.onFrame(0, arpRequest(bench)));
      bench.run(10 * PS_PER_US);
    }
    expect(bench.sent).toHaveLength(12 * 61);
    expect(bench.counter('host_arpRequestsAnswered')).toBe(12);
  });

  test('a message by RDMA starts the lambda, its result is written back, M1 is told once it is there', () => {
    const bench = new Bench();
    bench.deploy();
    const input = Uint8Array.from({ length: 3000 }, (_, i) => i * 7);
    const { memory, results, install } = bench.lease(input);
    bench.run(1000 * PS_PER_US);
    expect(results).toEqual([900]);
    expect(parseMessageHead(memory, 0, 32)).toMatchObject({
      ok: true,
      value: { wId: 7, requestId: 900, status: STATUS_OK, length: 32, flags: FLAG_RDMA | FLAG_RESPONSE },
    });
    expect(memory.subarray(32, 64)).toEqual(input.subarray(0, 32));
    expect(bench.answers.filter((message) => message.type === 'lease-done')).toMatchObject([
      { leaseId: 900, slot: 3, status: STATUS_OK },
    ]);
    expect(bench.counter('rdma_leasesDone')).toBe(1);
    // A late copy of the installation does not bring the lease back.
    bench.answers.length = 0;
    bench.tell(install);
    bench.run(200 * PS_PER_US);
    expect(bench.answers).toEqual([]);
  });

  test('a kept result stays in the slot until M1 takes it back', () => {
    const bench = new Bench();
    bench.deploy();
    const { memory, results } = bench.lease(new Uint8Array(64).fill(9), { keep: true });
    bench.run(1000 * PS_PER_US);
    expect(results).toEqual([900]);
    expect(memory.subarray(32, 64)).toEqual(new Uint8Array(32));
    expect(bench.answers.some((message) => message.type === 'lease-done')).toBe(false);
    bench.tell({ type: 'lease-free', transaction: 5555, leaseId: 900, slot: 3 });
    bench.run(200 * PS_PER_US);
    expect(bench.answers.at(-1)).toEqual({ type: 'ack', transaction: 5555 });
    expect(bench.counter('rdma_leasesFreed')).toBe(1);
  });

  test('a lambda that reads outside its regions is stopped, named and answered for; the next request is served', () => {
    const bench = new Bench();
    bench.deploy();
    const bad = new Uint8Array(64);
    bad[0] = 0xee;
    const { memory, results } = bench.lease(bad);
    bench.run(1000 * PS_PER_US);
    expect(results).toEqual([900]);
    expect(parseMessageHead(memory, 0, 32)).toMatchObject({ ok: true, value: { status: STATUS_BACKEND_FAILURE } });
    expect(bench.events.filter((event) => event.kind === 'lambda-violation')).toMatchObject([
      {
        violation: 'unmapped-read',
        lambda: 'echo',
        place: 'echo.asm:1 (also twin.asm:2)',
        memory: 'emem',
        address: 64,
      },
    ]);
    expect(bench.counter('npu_faults')).toBe(1);
    const second = bench.lease(new Uint8Array(64).fill(3), { leaseId: 901 });
    bench.run(1000 * PS_PER_US);
    expect(second.results).toEqual([901]);
    expect(second.memory[40]).toBe(3);
  });

  test('a lambda over the cycle budget that its worker gives it is stopped and named', () => {
    const bench = new Bench((host) => ({ ...host, cycleBudget: { lambdas: { echo: 110 } } }));
    bench.deploy();
    const { memory, results } = bench.lease(new Uint8Array(64).fill(3));
    bench.run(1000 * PS_PER_US);
    expect(results).toEqual([900]);
    expect(parseMessageHead(memory, 0, 32)).toMatchObject({ ok: true, value: { status: STATUS_BACKEND_FAILURE } });
    expect(bench.events.filter((event) => event.kind === 'lambda-violation')).toMatchObject([
      { violation: 'cycle-budget', lambda: 'echo', place: 'echo.asm:1 (also twin.asm:2)' },
    ]);
    expect(bench.counter('npu_overBudget')).toBe(1);
  });

  test('a request by RDMA is stopped while frames come in all around that instant', () => {
    // A core runs ahead of the frames, so that its fault may lie behind some that are still to come.
    const stop = (frames: readonly number[]) => {
      const bench = new Bench((host) => {
        const { ingressFramesPerSecond: _, ...mac } = host.nic.mac;
        return { ...host, nic: { ...host.nic, mac }, cycleBudget: { lambdas: { echo: 110 } } };
      });
      bench.deploy();
      const startPs = bench.scheduler.nowPs();
      for (const atPs of frames) {
        bench.after(atPs - startPs, () => bench.worker.onFrame(0, arpRequest(bench)));
      }
      const { results } = bench.lease(new Uint8Array(64).fill(3));
      bench.run(1000 * PS_PER_US);
      expect(results).toEqual([900]);
      expect(bench.counter('npu_framesIn')).toBe(1 + frames.length);
      return bench;
    };
    const clean = stop([]);
    const fault = clean.events.find((event) => event.kind === 'lambda-violation')!;
    const ingressPs = clean.host.nic.mac.ingressPs;
    const around = Array.from({ length: 60 }, (_, i) => (fault.timePs as number) - ingressPs - 15_000 + i * 500);
    expect(stop(around).counter('npu_overBudget')).toBe(1);
  });

  test('with fair queueing a request pays the classifier, and nothing else', () => {
    const answerPs = (change: (host: WorkerHost) => WorkerHost) => {
      const bench = new Bench(change);
      bench.deploy();
      const startPs = bench.scheduler.nowPs();
      bench.worker.onFrame(0, bench.lambdaRequest(1, new Uint8Array(64)));
      bench.run(100 * PS_PER_US);
      return bench.sent.at(-1)!.atPs - startPs;
    };
    const dispatch = { kind: 'wfq', weights: { echo: 2 }, defaultWeight: 1 } as const;
    const extraPs = answerPs((host) => ({ ...host, dispatch })) - answerPs((host) => host);
    // 63 cycles of 633 MHz; a picosecond each for what begins on a whole one.
    expect(Math.abs(extraPs - (63 / 633) * 1e6)).toBeLessThanOrEqual(2);
  });

  test('frames that come faster than the MAC takes them in wait for it, and are lost when it is full', () => {
    const bench = new Bench((host) => ({
      ...host,
      nic: { ...host.nic, mac: { ...host.nic.mac, ingressFramesPerSecond: 1_000_000, ingressQueueFrames: 4 } },
    }));
    bench.deploy();
    for (let i = 0; i < 6; i++) bench.worker.onFrame(0, bench.lambdaRequest(i, new Uint8Array(64)));
    bench.run(100 * PS_PER_US);
    expect(bench.counter('nic_macDrops')).toBe(2);
    const answers = bench.sent.filter(({ port }) => port === 0).map(({ atPs }) => atPs);
    expect(answers.map((atPs) => Math.round((atPs - answers[0]!) / PS_PER_US))).toEqual([0, 1, 2, 3]);
  });

  test('a damaged image is refused and leaves the card as it was', () => {
    const bench = new Bench();
    const octets = firmware();
    const transaction = 9;
    bench.tell({ type: 'firmware-begin', transaction, octets: 100, sha256: new Uint8Array(32) });
    bench.tell({ type: 'firmware-chunk', transaction, offset: 0, data: octets.subarray(0, 100) });
    bench.run(100 * PS_PER_US);
    bench.tell({ type: 'firmware-load', transaction });
    bench.run(PS_PER_S);
    expect(bench.answers.at(-1)).toMatchObject({ type: 'firmware-loaded', status: STATUS_BAD_REQUEST });
    expect(bench.events.map((event) => event.kind)).toEqual(['firmware-refused']);
  });

  test('chunks out of order are asked for again; repeated messages change nothing', () => {
    const bench = new Bench();
    const transaction = 3;
    const begin = { type: 'firmware-begin', transaction, octets: 3000, sha256: new Uint8Array(32) } as const;
    const chunk = (offset: number, octets = 1024) =>
      ({ type: 'firmware-chunk', transaction, offset, data: new Uint8Array(octets) }) as const;
    for (const message of [begin, chunk(0), chunk(2048, 952), chunk(0), begin, chunk(1024)]) {
      bench.tell(message);
      bench.run(100 * PS_PER_US);
    }
    expect(bench.answers.map((answer) => answer.type === 'firmware-ack' && answer.nextOffset)).toEqual([
      0, 1024, 1024, 1024, 1024, 2048,
    ]);
  });

  test('nobody manages the NIC over the data network', () => {
    const bench = new Bench();
    const addresses = {
      dstMac: bench.mac,
      srcMac: CLIENT.mac,
      srcAddress: CLIENT.address,
      dstAddress: bench.address,
      srcPort: PORT_MANAGEMENT,
      dstPort: PORT_MANAGEMENT,
    };
    bench.worker.onFrame(0, buildManagementFrame(addresses, { type: 'firmware-load', transaction: 1 }));
    bench.run(PS_PER_S);
    expect(bench.counter('management_strangers')).toBe(1);
    expect(bench.sent).toEqual([]);
  });

  test('the null backend answers at once with a right checksum', () => {
    const bench = new Bench((host) => ({ ...host, backend: 'null' }));
    for (const body of [new Uint8Array(3).fill(255), new Uint8Array(1400)]) {
      const request = bench.lambdaRequest(8, body, FLAG_KEEP);
      bench.worker.onFrame(0, request);
      const { frame } = bench.sent.at(-1)!;
      const udp = parseUdpFrame(frame);
      if (!udp.ok) throw new Error(udp.error.message);
      expect(udp.value).toMatchObject({ dstAddress: CLIENT.address, dstPort: 50_000, srcPort: PORT_LAMBDA });
      expect(parseLambda(frame, udp.value.payloadStart, udp.value.payloadEnd)).toMatchObject({
        value: { requestId: 8, flags: FLAG_RESPONSE | FLAG_KEEP },
      });
    }
    bench.deploy();
    expect(bench.answers.at(-1)).toMatchObject({ type: 'firmware-loaded', status: STATUS_OK });
  });
});
