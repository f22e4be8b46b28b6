import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pc from 'picocolors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { skipWithoutTshark, tsharkComplaints, tsharkRows } from '../pcap/run-tshark.ts';
import { formatSummary, type RunSummary } from '../testbed/results/report.ts';
import { ensureBuilt, scratchFolder, summaryOf } from './run-testbed.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Everything that a switch can do, at once: both networks on trunks between two switches, and a client behind 1 Gb/s. */
const SWITCH = (name: string) => `
  - name: ${name}
    profile: arista-7124s
    forwarding: ${name === 'switch' ? 'cut-through' : 'store-and-forward'}
    vlans: [{ id: 10, name: data }, { id: 20, name: spare }]
    priorities: { dscp: { 26: 3 } }
    queues:
      - { priorities: [6, 7] }
      - { priorities: [3], weight: 3, reserve: 2KiB, ecn: { kind: red, min: 5KiB, max: 60KiB, probability: 0.2 } }
      - { weight: 1, alpha: 0.5, ecn: { kind: threshold, threshold: 20KiB } }
    pfc: { priorities: [3], xoff: 30KiB, xon: 15KiB, quanta: 2000, storm: 50us }
    stormControl: { broadcast: { framesPerSecond: 5000 }, unknownUnicast: { fraction: 0.2 } }
    lldp: { interval: 50ms }
    sample: 5us`;

const LINK = 'medium: 10gbase-cr, length: 3m, queue: 512KiB';

function topologyWithEverything(): string {
  const text = readFileSync(join(root, 'topology', 'four-workers.yaml'), 'utf8');
  const rdma = 'rdma: { dscp: 26, ecn: true, ackTimeout: 30ms }';
  return text
    .replaceAll('../lambdas', join(root, 'lambdas'))
    .replace(
      '  - { name: switch, profile: arista-7124s }\n',
      `${SWITCH('edge')}
    ports: { 1: { vlan: 10 }, 2: { mode: trunk, tagged: [10, 20] } }
${SWITCH('switch')}
    ports:
      1: { vlan: 10 }
      2: { vlan: 10 }
      3: { vlan: 10 }
      4: { vlan: 10 }
      5: { vlan: 10 }
      6: { mode: trunk, tagged: [10, 20] }
    mirror: [{ from: 2, to: 5, direction: both }]
    staticMacs: [{ mac: "00:0a:f7:00:01:01", vlan: 10, port: 1 }]
`,
    )
    .replace(`{ ends: [client.eth0, switch.6], ${LINK} }`, `{ ends: [client.eth0, edge.1], ${LINK} }`)
    .replace(
      'links:\n',
      `links:\n  - { name: trunk, ends: [switch.6, edge.2], medium: 10gbase-cr, delay: 15ns, queue: 512KiB }\n`,
    )
    .replaceAll('    backend: npu\n', `    backend: npu\n    ${rdma}\n`)
    .replace('    role: client\n', `    role: client\n    ${rdma}\n`)
    .concat('\nfaults:\n  - { kind: rate, link: client.eth0--edge.1, from: edge.1, rate: 1G }\n');
}

describe('a run in which switches do everything that they can', () => {
  const scratch = scratchFolder();
  const topology = join(scratch.path, 'everything.yaml');
  let reference: string;
  const folderOf = (name: string) => join(scratch.path, name);
  const textOf = (name: string, file: string) => readFileSync(join(folderOf(name), file), 'utf8');

  beforeAll(async () => {
    await ensureBuilt();
    writeFileSync(topology, topologyWithEverything());
  });
  afterAll(() => scratch.dispose());

  const run = (name: string, ...options: string[]) => {
    const load = ['--topology', topology, '--workload', 'image', '--requests', '18', '--concurrency', '18'];
    return summaryOf(...load, ...options, '--out', folderOf(name));
  };

  it('ends well in one process', async () => {
    const memory = await run('memory', '--transport', 'memory');
    expect(memory.failures).toEqual([]);
    reference = memory.digest;
  });

  it('is the same in one process and over UDP: digest, events, captures, counters and samples', async () => {
    const udp = await run('udp', '--transport', 'udp');
    expect(udp.digest).toBe(reference);
    const files = ['events.jsonl', 'queues.csv', 'ports.json', 'nodes/switch.json', 'nodes/edge.json'];
    for (const file of files) expect(textOf('udp', file), file).toBe(textOf('memory', file));
    for (const name of readdirSync(join(folderOf('memory'), 'captures'))) {
      const file = join('captures', name);
      expect(readFileSync(join(folderOf('udp'), file)).equals(readFileSync(join(folderOf('memory'), file))), name).toBe(
        true,
      );
    }
  });

  it('has every one of them happen', () => {
    const edge = JSON.parse(textOf('memory', 'nodes/edge.json')) as {
      readonly counters: Record<string, number>;
      readonly details: {
        readonly queues: readonly {
          readonly port: string;
          readonly priorities: string;
          readonly framesMarked: number;
        }[];
        readonly lldpNeighbours: readonly { readonly chassis: string; readonly systemName: string }[];
      };
    };
    const ports = JSON.parse(textOf('memory', 'ports.json')) as readonly {
      readonly direction: string;
      readonly flowControl?: { readonly ieee8021PfcIndications: number; readonly pauseStorms: readonly number[] };
    }[];
    const flowControlOf = (port: string) =>
      ports.find(({ direction }) => direction.includes(`:${port}->`))!.flowControl!;
    const toClient = edge.details.queues.find(({ port, priorities }) => port === 'edge.1' && priorities === '3')!;
    expect(toClient.framesMarked).toBeGreaterThan(0);
    // The pause goes back over the trunk, from the switch with the slow line to the other, and on to the workers.
    expect(flowControlOf('switch.6').ieee8021PfcIndications).toBeGreaterThan(2);
    expect(flowControlOf('m2.eth0').ieee8021PfcIndications).toBeGreaterThan(2);
    expect(flowControlOf('switch.6').pauseStorms[3]).toBeGreaterThan(0);
    expect(edge.details.lldpNeighbours).toMatchObject([{ systemName: 'switch' }]);
    const client = JSON.parse(textOf('memory', 'nodes/client.json')) as { readonly counters: Record<string, number> };
    expect(client.counters['rdma.ecnMarkedPackets']).toBeGreaterThan(0);
    const events = textOf('memory', 'events.jsonl');
    expect(events).toContain('"kind":"pfc-storm"');
    expect(events).not.toContain('pfc-headroom-exceeded');
    const switchReport = JSON.parse(textOf('memory', 'nodes/switch.json')) as {
      readonly counters: Record<string, number>;
    };
    expect(switchReport.counters.framesMirrored).toBeGreaterThan(10);
  });

  it.skipIf(skipWithoutTshark)(
    'leaves captures in which Wireshark finds tags, pauses, marks and neighbours, and nothing malformed',
    () => {
      const capture = join(folderOf('memory'), 'captures', 'trunk.pcap');
      expect(tsharkComplaints(capture)).toEqual([]);
      const [vlan] = tsharkRows(capture, ['vlan.id'], { filter: 'infiniband' });
      expect(vlan).toEqual(['10']);
      for (const filter of ['macc.cbfc.enbv', 'lldp', 'ip.dsfield.ecn == 3']) {
        expect(tsharkRows(capture, ['frame.number'], { filter }).length, filter).toBeGreaterThan(0);
      }
    },
  );

  it('shows the deepest queues where a user looks', () => {
    const summary = JSON.parse(textOf('memory', 'summary.json')) as RunSummary;
    expect(formatSummary(summary, { columns: undefined, colors: pc.createColors(false) })).toMatch(
      /^queues {5}\S+, priorit.*: at most [\d.]+ KiB at 10\.\d{6} s [ \u00a0▁▂▃▄▅▆▇█]+$/m,
    );
    expect(textOf('memory', 'queues.csv')).toMatch(/^timePs,periodPs,switch,port,priorities,octets,maximumOctets\n\d/);
    expect(textOf('memory', 'queues.svg')).toMatch(/^<svg .*<\/svg>\n$/s);
  });
});
