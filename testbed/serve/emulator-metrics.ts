import { PS_PER_S } from '../../base/units.ts';
import type { PresentCounters } from '../../link/network.ts';

/** One sample line of Prometheus's text format, and what its family is. */
interface Sample {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Names that tell how something stands; all others count what has happened. */
const STANDING = /maximum|outstanding|held|longest|uptime|time$|pointer|limit|^bytes$|curr_|octets$|entries$/i;
const GAUGE_EXCEPTIONS = /if(HC)?(In|Out)Octets$|octetsReceived$|octetsSent$|octetsDropped$/;

/**
 * Counters of nodes and ports in Prometheus's text format (version 0.0.4): `lnic_<group>_<name>`, in snake case, with
 * units of Prometheus's (seconds, not picoseconds), `_total` behind what counts, and the node as a label.
 * @param kindOf what a node is: `switch`, `master`, `worker`, `client`
 */
export function emulatorMetrics(parts: readonly PresentCounters[], kindOf: (node: string) => string): string {
  const samples: Sample[] = [];
  for (const { nodes, ports } of parts) {
    for (const [node, counters] of Object.entries(nodes)) {
      for (const [name, value] of Object.entries(counters)) samples.push(sampleOf(kindOf(node), node, name, value));
    }
    for (const port of ports) samples.push(...portSamples(port));
  }
  const nowPs = Math.max(0, ...parts.map((part) => part.nowPs));
  samples.push({ name: 'lnic_emulated_time_seconds', type: 'gauge', labels: {}, value: nowPs / PS_PER_S });
  return textOf(samples);
}

function portSamples({ direction, ...counters }: PresentCounters['ports'][number]): Sample[] {
  const match = /^(.*):(.*)->(.*)$/.exec(direction);
  const labels = { link: match?.[1] ?? direction, from: match?.[2] ?? '', to: match?.[3] ?? '' };
  return Object.entries(counters).flatMap(([name, value]): Sample[] => {
    return typeof value === 'number' ? [{ ...familyOf('link', name, value), labels }] : [];
  });
}

function sampleOf(kind: string, node: string, counter: string, value: number): Sample {
  // A switch's port, a worker's lambda or a group of counters stands before the name.
  const port = /^(.+\.\d+)\.(\w+)$/.exec(counter);
  if (port !== null) return { ...familyOf('switch_port', port[2]!, value), labels: { node, port: port[1]! } };
  const lambda = /^requests_(.+)$/.exec(counter)?.[1];
  if (lambda !== undefined) {
    return { ...familyOf('nic', 'requests', value), labels: { node, function_name: lambda } };
  }
  const [group, name] = splitAt(counter, /[._]/);
  const family = name === '' ? familyOf(kind, group, value) : familyOf(group, name, value);
  return { ...family, labels: { node } };
}

function familyOf(group: string, name: string, value: number): Omit<Sample, 'labels'> {
  const isStanding = STANDING.test(name) && !GAUGE_EXCEPTIONS.test(name);
  const inSeconds = /Ps$/.test(name);
  const base = `lnic_${snake(group)}_${snake(inSeconds ? name.replace(/Ps$/, 'Seconds') : name)}`;
  return {
    name: isStanding ? base : `${base}_total`,
    type: isStanding ? 'gauge' : 'counter',
    value: inSeconds ? value / PS_PER_S : value,
  };
}

function splitAt(text: string, separator: RegExp): [string, string] {
  const at = text.search(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** `ifInOctets`: `if_in_octets`. "Us" would be taken for microseconds. */
function snake(name: string): string {
  return name
    .replace(/notForUs$/i, 'addressedElsewhere')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]/g, '_')
    .toLowerCase();
}

function textOf(samples: readonly Sample[]): string {
  const families = new Map<string, Sample[]>();
  for (const sample of samples) {
    const family = families.get(sample.name);
    if (family === undefined) families.set(sample.name, [sample]);
    else family.push(sample);
  }
  let text = '';
  for (const [name, family] of families) {
    text += `# HELP ${name} ${helpOf(name)}\n# TYPE ${name} ${family[0]!.type}\n`;
    for (const { labels, value } of family) text += `${name}${labelsOf(labels)} ${value}\n`;
  }
  return text;
}

function helpOf(name: string): string {
  const words = name
    .replace(/^lnic_/, '')
    .replace(/_total$/, '')
    .replaceAll('_', ' ');
  return name === 'lnic_emulated_time_seconds' ? 'Emulated time since the run began.' : `Of the emulation: ${words}.`;
}

function labelsOf(labels: Sample['labels']): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, '\\$&')}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}
