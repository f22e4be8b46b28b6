import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt, scratchFolder, startTestbed } from './run-testbed.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** One of every kind, so that requests still come through: what is lost is sent again. */
const FAULTS = `
faults:
  - { kind: loss, link: m2.eth0--switch.2, probability: 0.02 }
  - { kind: burst-loss, link: m3.eth0--switch.3, goodToBad: 0.01, badToGood: 0.3 }
  - { kind: duplicate, link: client.eth0--switch.6, probability: 0.1 }
  - { kind: reorder, link: m4.eth0--switch.4, probability: 0.1, depth: 3 }
  - { kind: corrupt, link: m5.eth0--switch.5, probability: 0.02 }
  - { kind: corrupt, link: m5.eth0--switch.5, probability: 0.02, fcs: misses }
  - { kind: delay, link: m1.eth0--switch.1, law: { kind: normal, mean: 3us, deviation: 1us } }
  - { kind: down, link: m2.eth0--switch.2, at: 10126ms, for: 70us, every: 170us }
  - { kind: rate, link: m3.eth0--switch.3, from: m3.eth0, rate: 1G, at: 1ms }
  - { kind: queue, link: client.eth0--switch.6, queue: 8KiB }
  - { kind: pause, node: m4, at: 10127ms, for: 3ms }
`;

describe('a run with faults', () => {
  const scratch = scratchFolder();
  const topology = join(scratch.path, 'faulty.yaml');
  const folderOf = (name: string) => join(scratch.path, name);

  beforeAll(async () => {
    await ensureBuilt();
    const text = readFileSync(join(root, 'topology', 'four-workers.yaml'), 'utf8');
    writeFileSync(topology, text.replaceAll('../lambdas', join(root, 'lambdas')) + FAULTS);
  });
  afterAll(() => scratch.dispose());

  async function digestOf(name: string, ...options: string[]): Promise<string> {
    const words = ['run', '--topology', topology, '--requests', '24', ...options, '--out', folderOf(name), '--json'];
    const { stdout } = await startTestbed(words).finished;
    return (JSON.parse(stdout) as { digest: string }).digest;
  }

  it('is the same in one process and in seven: digest, events and captures', async () => {
    const digest = await digestOf('memory', '--transport', 'memory');
    expect(await digestOf('udp')).toBe(digest);
    const read = (name: string, file: string) => readFileSync(join(folderOf(name), file), 'utf8');
    expect(read('udp', 'events.jsonl')).toBe(read('memory', 'events.jsonl'));
    for (const name of readdirSync(join(folderOf('memory'), 'captures'))) {
      const file = join('captures', name);
      expect(readFileSync(join(folderOf('udp'), file)).equals(readFileSync(join(folderOf('memory'), file)))).toBe(true);
    }
  });

  it('says in its events what was done to which frame', () => {
    const events = readFileSync(join(folderOf('memory'), 'events.jsonl'), 'utf8')
      .trimEnd()
      .split('\n');
    const reasons = new Set<string>();
    for (const line of events) {
      const event = JSON.parse(line) as { kind: string; reason: string; link?: string; frame?: number };
      if (event.kind === 'fault') reasons.add(event.reason);
      if (event.kind === 'fault' && event.link !== undefined) expect(event.frame).toBeGreaterThan(0);
    }
    const frames = ['loss', 'burst-loss', 'duplicate', 'reorder', 'fcs-error', 'corrupted', 'delay', 'link-down'];
    expect([...reasons].sort()).toEqual([...frames, 'pause', 'resumed'].sort());
  });

  it('has another digest with another seed', async () => {
    const [one, two] = [
      await digestOf('seed-1', '--transport', 'memory'),
      await digestOf('seed-2', '--transport', 'memory', '--seed', '2'),
    ];
    expect(one).not.toBe(two);
  });
});
