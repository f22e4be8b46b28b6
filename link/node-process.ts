import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { assert } from '../base/assert.ts';
import { RunError } from '../base/errors.ts';
import { NEVER_PS } from '../base/units.ts';
import { PcapFile } from '../pcap/pcap-file.ts';
import { InputGate } from '../time/input-gate.ts';
import type { NodeContext, NodeModel, NodeReport, OutsideInput } from '../time/node.ts';
import { Scheduler } from '../time/scheduler.ts';
import type { DatagramEndpoint } from './datagram-endpoint.ts';
import { openDgramEndpoint } from './dgram-endpoint.ts';
import { ExternalCalls } from './external-calls.ts';
import { LossRecord } from './loss-record.ts';
import { openNativeEndpoint } from './native-endpoint.ts';
import { Network } from './network.ts';
import type { NodeObserver, RecordedEvent } from './node-runtime.ts';
import { openExternal } from './open-external.ts';
import { ProcessDriver } from './process-driver.ts';
import { ReliableChannel } from './reliable-channel.ts';
import type { DatagramSystem, ExternalSpec, ProcessSpec, ToProcess } from './supervision.ts';
import { openSupervisorLine, type SupervisorLine } from './supervisor-line.ts';
import { systemCalls } from './system-calls.ts';

const HEARTBEAT_MS = 250;
const LONGEST_TICK_MS = 25;

/** Builds the model of one local node from what the launcher sent along. */
export type ModelFactory = (node: string, context: NodeContext, model: unknown) => NodeModel;

/**
 * The life of a node process, the same for every kind of node: takes its orders from the launcher over the parent's
 * channel, talks to the other nodes over UDP alone, and completes its captures whatever happens.
 */
export function runNodeProcess(factory: ModelFactory): void {
  let life: NodeProcess | undefined;
  const onOrder = (order: ToProcess): void => {
    if (order.type === 'spec') life = new NodeProcess(order.spec, factory, line!);
    else life?.onOrder(order).catch(fail);
  };
  const onClosed = (): void => {
    life?.completeCaptures();
    process.exit(1);
  };
  const line = openSupervisorLine(onOrder, onClosed);
  if (line === undefined) {
    process.stderr.write(
      'This is one process of a testbed; start it with: npm run testbed -- --topology four-workers\n',
    );
    process.exit(2);
  }
  // Ctrl-C reaches the whole terminal group; the launcher decides what it means.
  process.on('SIGINT', () => {});
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
  line.send({ type: 'listening' });

  function fail(reason: unknown): void {
    const message = describeFailure(reason);
    try {
      life?.completeCaptures();
    } catch {
      // The first failure is the one to report.
    }
    line!.send({ type: 'failed', message }, () => process.exit(1));
  }
}

class NodeProcess {
  private readonly spec: ProcessSpec;
  private readonly line: SupervisorLine;
  private readonly scheduler = new Scheduler();
  private readonly gate: InputGate | undefined;
  private readonly driver: ProcessDriver;
  private readonly network: Network;
  private readonly captures: PcapFile[] = [];
  private readonly channels: ReliableChannel[];
  private readonly losses = new LossRecord();
  private readonly externalCalls = new ExternalCalls();
  private endpoint: DatagramEndpoint | undefined;
  private nextTick: NodeJS.Timeout | undefined;
  private events: RecordedEvent[] = [];
  private hasStarted = false;
  private startCpuMs = 0;

  constructor(spec: ProcessSpec, factory: ModelFactory, line: SupervisorLine) {
    this.spec = spec;
    this.line = line;
    process.title = `lnic-${spec.processName}`;
    this.gate = spec.takesInput ? new InputGate() : undefined;
    const wallMs = () => performance.now();
    this.driver = new ProcessDriver(spec.channels, this.scheduler, wallMs, this.gate, this.externalCalls);
    this.externalCalls.onAnswer = this.driver.pump;
    const observer: NodeObserver = {
      event: (event) => this.events.push(event),
      progress: (node, progress) => this.line.send({ type: 'progress', node, progress }),
      output: (node, output) => this.line.send({ type: 'output', node, output }),
    };
    this.network = new Network(spec.network, this.scheduler, {
      localNodes: new Set(spec.localNodes),
      remoteSink: (linkIndex) => this.driver.remoteSink(linkIndex),
      openCapture: (linkName) => this.openCapture(linkName),
      observer,
      externalCalls: this.externalCalls,
    });
    this.channels = spec.channels.map(
      (_, channel) =>
        new ReliableChannel({
          runId: spec.runId,
          losses: this.losses,
          transmit: (octets) => this.transmit(channel, octets),
          deliver: (message, frames) => this.driver.onMessage(channel, message, frames),
        }),
    );
    this.driver.connect(this.network, this.channels);
    for (const node of this.network.runtimes.keys()) {
      this.network.attach(node, (context) => factory(node, context, spec.model));
    }
    void this.bind();
  }

  async onOrder(order: ToProcess): Promise<void> {
    switch (order.type) {
      case 'peers':
        await this.endpoint!.connect(order.peers);
        if (this.spec.external !== undefined) await this.openExternal(this.spec.external);
        this.receive();
        this.line.send({ type: 'ready' });
        return;
      case 'start':
        this.startCpuMs = cpuMs();
        this.nextTick = setTimeout(this.tick, 0);
        setInterval(() => this.heartbeat(), HEARTBEAT_MS);
        this.network.start();
        this.hasStarted = true;
        this.driver.pump();
        return;
      case 'input':
        this.takeInput(order.node, order.input);
        return;
      case 'close-input':
        this.gate?.close();
        this.driver.pump();
        return;
      case 'look':
        this.line.send({ type: 'seen', round: order.round, counters: this.network.presentCounters() });
        return;
      case 'probe':
        this.line.send({ type: 'state', round: order.round, ...this.driver.state() });
        return;
      case 'hold':
        this.driver.hold();
        this.line.send({
          type: 'held',
          round: order.round,
          state: this.driver.heldState(),
          unboundFromPs: this.network.unboundFromPs(),
        });
        return;
      case 'impose':
        this.network.impose(order.faults);
        this.driver.restartPromises(order.fromPs);
        this.line.send({ type: 'imposed', round: order.round });
        return;
      case 'go-on':
        this.driver.goOn();
        return;
      case 'finish':
        this.finish();
        return;
      case 'abort':
        this.completeCaptures();
        process.exit(1);
        return;
      case 'spec':
        return;
    }
  }

  /** Everything recorded so far goes to the files; captures open in Wireshark from then on. */
  completeCaptures(): void {
    this.network.writeCaptures(NEVER_PS, true);
    for (const capture of this.captures) capture.close();
    this.captures.length = 0;
    this.externalCalls.close();
  }

  private takeInput(node: string, input: OutsideInput): void {
    assert(this.gate !== undefined, `process ${this.spec.processName} has no place for inputs`);
    const stamped = { timePs: this.gate.stamp(), node, input };
    this.network.input(stamped);
    this.line.send({ type: 'stamped', stamped });
    this.driver.pump();
  }

  private async openExternal(spec: ExternalSpec): Promise<void> {
    await openExternal(this.externalCalls, spec, (error) => {
      throw error;
    });
  }

  private async bind(): Promise<void> {
    this.endpoint = await openEndpoint(this.spec.datagrams, this.channels.length, this.spec.address);
    this.line.send({ type: 'bound', ports: this.endpoint.ports });
  }

  private receive(): void {
    const { driver, channels } = this;
    this.endpoint!.receive({
      get mayWait() {
        return driver.mayWait;
      },
      onDatagram: (channel, octets) => channels[channel]!.onDatagram(octets),
      // Peers that have started may send before this process is told to: frames wait for the start of its nodes.
      onDrained: () => {
        if (this.hasStarted) this.driver.pump();
      },
    });
  }

  private transmit(channel: number, octets: Buffer): void {
    // Unseeded on purpose: nothing in a run may depend on which datagrams get lost under it.
    if (this.spec.dropDatagrams > 0 && Math.random() < this.spec.dropDatagrams) return;
    this.endpoint!.send(channel, octets);
  }

  private readonly tick = (): void => {
    const nowMs = performance.now();
    this.losses.tick(nowMs);
    for (const channel of this.channels) channel.onTick(nowMs);
    this.driver.pump();
    // A process with all nodes in it has no channels.
    const tickMs = Math.min(LONGEST_TICK_MS, ...this.channels.map((channel) => channel.tickMs));
    this.endpoint!.waitAtMost(tickMs);
    this.nextTick = setTimeout(this.tick, tickMs);
  };

  private heartbeat(): void {
    this.network.writeCaptures(this.scheduler.nowPs(), true);
    for (const capture of this.captures) capture.flush();
    this.externalCalls.flush();
    this.line.send({
      type: 'heartbeat',
      nowPs: this.scheduler.nowPs(),
      waitingFor: this.driver.describe(),
      events: this.takeEvents(),
    });
  }

  private finish(): void {
    clearTimeout(this.nextTick);
    this.endpoint!.close();
    this.completeCaptures();
    const reports: Record<string, NodeReport> = {};
    for (const node of this.spec.localNodes) reports[node] = this.network.model(node).report();
    const result = {
      reports,
      ports: this.network.portReports(),
      endPs: this.scheduler.latestPs,
      executedEvents: this.scheduler.executedEvents,
      cpuMs: cpuMs() - this.startCpuMs,
      datagramsSent: sum(this.channels.map((channel) => channel.datagramsSent)),
      datagramsResent: sum(this.channels.map((channel) => channel.datagramsResent)),
    };
    this.line.send({ type: 'result', result, events: this.takeEvents() }, () => process.exit(0));
  }

  private takeEvents(): RecordedEvent[] {
    const taken = this.events;
    this.events = [];
    return taken;
  }

  private openCapture(linkName: string): PcapFile | undefined {
    if (this.spec.capture === undefined) return undefined;
    const { folder, precision } = this.spec.capture;
    const file = PcapFile.create(join(folder, `${linkName}.pcap`), { precision });
    this.captures.push(file);
    return file;
  }
}

/** A failure that says what happened needs no stack. */
function describeFailure(reason: unknown): string {
  if (reason instanceof RunError) return reason.message;
  return reason instanceof Error ? `${reason.message}\n${reason.stack ?? ''}` : String(reason);
}

async function openEndpoint(system: DatagramSystem, channels: number, address: string): Promise<DatagramEndpoint> {
  if (system === 'dgram') return await openDgramEndpoint(channels, address);
  const calls = systemCalls();
  if (calls === undefined) throw new Error('native datagrams were asked for, but koffi does not work here');
  return openNativeEndpoint(calls, channels, address);
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
