import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import type { NetworkSpec, StampedInput } from '../link/network.ts';
import { systemCalls } from '../link/system-calls.ts';
import { nodeOrder, planProcesses } from '../testbed/processes/process-plan.ts';
import { runProcesses } from '../testbed/processes/supervisor.ts';
import { runDigest } from '../testbed/results/digest.ts';
import { orderOutcome, type RunPart } from '../testbed/results/outcome.ts';
import { runInMemory } from '../testbed/run/memory-run.ts';
import { prepareInputs } from '../testbed/run/run-inputs.ts';
import type { RunObserver } from '../testbed/run/run-observer.ts';
import { OutsideDoor } from '../testbed/serve/outside-door.ts';
import { loadTopology, projectFolder } from '../topology/load-topology.ts';
import type { InvokedOutput } from '../traffic-gen/outside-calls.ts';
import { ensureBuilt } from './run-testbed.ts';

const SILENT: RunObserver = { stopRequested: false, progress: () => {}, emulatedTime: () => {} };
const inputs = prepareInputs({ ...loadTopology('four-workers'), workloads: [] }, undefined);
const nodes = nodeOrder(inputs.topology);
const network: NetworkSpec = {
  nodes,
  links: inputs.topology.links,
  seed: 1,
  faults: inputs.topology.faults,
};

beforeAll(ensureBuilt);

/** A door, and a journal of what goes through it. */
class Visitor {
  readonly door = new OutsideDoor(['client']);
  readonly journal: StampedInput[] = [];
  private readonly waiting = new Map<number, (output: InvokedOutput) => void>();
  private calls = 0;

  constructor() {
    this.door.onStamped = (stamped) => this.journal.push(stamped);
    this.door.onOutput = (_, output) => this.waiting.get(output.id)?.(output as InvokedOutput);
  }

  async call(lambda: string, body: Uint8Array): Promise<InvokedOutput> {
    const id = ++this.calls;
    const answered = new Promise<InvokedOutput>((resolve) => this.waiting.set(id, resolve));
    this.door.give('client', { id, kind: 'invoke', lambda, body });
    return await answered;
  }

  /** One after the other, then several at once, of which one goes by RDMA. */
  async visit(): Promise<void> {
    const page = Uint8Array.of(0, 0, 0, 0);
    const first = await this.call('web-server', page);
    expect(new TextDecoder().decode(first.body)).toBe(inputs.content.pages[0]);
    const second = await this.call('web-server', page);
    expect(second.startPs).toBeGreaterThan(first.endPs);
    const answers = await Promise.all([
      this.call('web-server', page),
      this.call('image-transformer', picture(120, 100)),
      this.call('no-such-lambda', page),
    ]);
    expect(answers.map(({ transport, status }) => [transport, status])).toEqual([
      ['plain', 0],
      ['rdma', 0],
      ['plain', 5],
    ]);
    expect(answers[1]!.body).toEqual(new Uint8Array(120 * 100).fill(30));
    this.door.close();
  }
}

/** The image workload's layout: width and height, then RGBA of 30 each. */
function picture(width: number, height: number): Uint8Array {
  const body = new Uint8Array(4 + width * height * 4).fill(30);
  new DataView(body.buffer).setUint16(0, width);
  new DataView(body.buffer).setUint16(2, height);
  return body;
}

function digestOf(parts: readonly RunPart[]): string {
  return runDigest(orderOutcome(parts, nodes));
}

async function replayed(journal: readonly StampedInput[]): Promise<string> {
  return digestOf([await runInMemory({ ...network, inputs: journal }, inputs, undefined, SILENT)]);
}

it('answers calls from outside in one process, and executes the same when it is given the journal', async () => {
  const visitor = new Visitor();
  const run = runInMemory(network, inputs, undefined, SILENT, visitor.door);
  await visitor.visit();
  expect(await replayed(visitor.journal)).toBe(digestOf([await run]));
  expect(visitor.journal).toHaveLength(5);
});

for (const datagrams of ['dgram', 'native'] as const) {
  it.runIf(datagrams === 'dgram' || systemCalls() !== undefined)(
    `answers calls from outside in seven processes (${datagrams}), and one process executes the same from the journal`,
    async () => {
      const visitor = new Visitor();
      const run = runProcesses({
        processes: planProcesses(inputs.topology, visitor.door.nodes),
        network,
        model: inputs,
        capture: undefined,
        dropDatagrams: 0,
        datagrams,
        pinnedCore: undefined,
        moduleFolder: join(projectFolder(), 'dist'),
        observer: SILENT,
        door: visitor.door,
      });
      await visitor.visit();
      expect(await replayed(visitor.journal)).toBe(digestOf(await run));
    },
  );
}
