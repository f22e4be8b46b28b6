import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { InputError } from '../base/errors.ts';
import { headroomOctets } from './buffer-shares.ts';
import { loadTopology, projectFolder } from './load-topology.ts';
import { parseTopology } from './parse-topology.ts';
import type { ProfileTexts } from './profiles.ts';
import type { Topology } from './types.ts';
import type { SourceText } from './yaml-document.ts';

const folder = path.join(projectFolder(), 'topology');
const oneWorker = readFileSync(path.join(folder, 'one-worker.yaml'), 'utf8');
const PLAIN = '  - { name: switch, profile: arista-7124s }\n';

function text(kind: string, name: string): [string, SourceText] {
  const file = `profiles/${kind}/${name}.yaml`;
  return [name, { path: file, text: readFileSync(path.join(folder, file), 'utf8') }];
}

const profiles: ProfileTexts = {
  hosts: new Map([text('hosts', 'xeon-gold-5117')]),
  switches: new Map([text('switches', 'arista-7124s'), text('switches', 'gigabit-management')]),
  nics: new Map([text('nics', 'agilio-cx-2x10')]),
  media: new Map([text('media', '10gbase-cr'), text('media', '1000base-t')]),
};

/** The one-worker file with these keys of the data switch, two spaces deeper than its name. */
function source(keys: string): SourceText {
  expect(oneWorker).toContain(PLAIN);
  const lines = keys.split('\n').map((line) => `    ${line}\n`);
  return {
    path: 't.yaml',
    text: oneWorker.replace(PLAIN, `  - name: switch\n    profile: arista-7124s\n${lines.join('')}`),
  };
}

function parsed(keys: string): Topology {
  return parseTopology(source(keys), profiles);
}

function faultOf(keys: string): InputError {
  try {
    parsed(keys);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('the topology was accepted');
}

describe('options of a switch', () => {
  test('without any, ports are FIFO and links are plain', () => {
    const topology = parseTopology({ path: 't.yaml', text: oneWorker }, profiles);
    expect(topology.switches[0]!.options).toEqual({ bridgeMac: 0x024c_4e00_0000 });
    for (const { ends } of topology.links) for (const end of ends) expect(end).not.toHaveProperty('queueing');
  });

  test('headroom follows from the delay and rate of each link, and both its ends have the same queues', () => {
    const topology = parsed('pfc: { priorities: [3], xoff: 60KiB, xon: 40KiB }');
    const { queueing } = topology.switches[0]!.options;
    const link = { octetPs: 800, delayPs: 109_410, leadPs: 500_000, senderLeadPs: 0, maximumFrameOctets: 1_518 };
    // 500 ns, three frames of 1,518 octets (1,542 with FCS, preamble and gap), 72 octets of the pause, twice 109.41 ns.
    const octets = Math.ceil((500_000 + 3 * 1_542 * 800 + 72 * 800 + 2 * 109_410) / 800);
    expect(headroomOctets(link)).toBe(octets);
    expect(queueing!.flowControl!.headroomOctets).toEqual([octets, octets, octets]);
    expect(queueing!.queues.map(({ priorities }) => priorities)).toEqual([[3], [0, 1, 2, 4, 5, 6, 7]]);
    const [host, port] = topology.links.find(({ name }) => name === 'm2.eth0--switch.2')!.ends;
    expect(host.queueing).toEqual({ ...port.queueing, leadPs: 0 });
    expect(port.queueing).toMatchObject({ leadPs: 500_000, lossless: [3] });
    expect(topology.links.find(({ name }) => name === 'm2.eth1--mgmt.2')!.ends[0]).not.toHaveProperty('queueing');
  });

  test('a port may say the priority of its frames, and the host at its other end agrees', () => {
    const topology = parsed('queues: [{ priorities: [5] }, { weight: 1 }]\nports: { 2: { priority: 5 } }');
    expect(topology.switches[0]!.options.priorities!.map(({ otherwise }) => otherwise)).toEqual([0, 5, 0]);
    expect(topology.links[1]!.ends[0].queueing!.priorities.otherwise).toBe(5);
  });

  test('VLANs, mirrors, static addresses, storm control, LLDP and samples name ports by their numbers', () => {
    const topology = parsed(
      [
        'forwarding: store-and-forward',
        'vlans: [{ id: 10, name: data }, { id: 20 }]',
        'ports: { 1: { vlan: 10 }, 2: { mode: trunk, native: 10, tagged: [20] }, 3: { vlan: 10 } }',
        'mirror: [{ from: 1, to: 3, direction: egress }]',
        'staticMacs: [{ mac: "00:0a:f7:00:01:01", vlan: 10, port: 1 }]',
        'stormControl: { ports: [2], broadcast: { framesPerSecond: 1000 }, unknownUnicast: { fraction: 0.01 } }',
        'lldp: { interval: 30s }',
        'sample: 10us',
      ].join('\n'),
    );
    const [node] = topology.switches;
    expect(node!.profile.forwarding).toBe('store-and-forward');
    expect(node!.options).toMatchObject({
      vlanPorts: [
        { mode: 'access', vlan: 10 },
        { mode: 'trunk', native: 10, tagged: [20] },
        { mode: 'access', vlan: 10 },
      ],
      mirrors: [{ from: 0, to: 2, ingress: false, egress: true }],
      staticMacs: [{ mac: 0x0a_f7_00_01_01, vlan: 10, port: 0 }],
      lldp: { intervalPs: 30e12, advertisements: 4, timeToLiveSeconds: 121 },
      samplePeriodPs: 10_000_000,
    });
    expect(node!.options.stormControl).toEqual([
      undefined,
      {
        broadcast: { kind: 'frames', framesPerSecond: 1_000 },
        unknownUnicast: { kind: 'fraction', fraction: 0.01 },
        burstPs: 1_000_000_000,
      },
      undefined,
    ]);
  });

  test('the incast that comes with the project', () => {
    const { switches, hosts, workloads } = loadTopology('incast');
    expect(switches[0]!.options.queueing!.flowControl!.priorities).toEqual([3]);
    expect(hosts.at(-1)).toMatchObject({ rdma: { typeOfService: (26 << 2) | 2, ackTimeoutPs: 67e9 } });
    expect(workloads[0]!.requests).toBe(84);
  });
});

describe('VLANs and networks', () => {
  const oneSwitch = oneWorker
    .replace(PLAIN, '')
    .replace('  - { name: mgmt, profile: gigabit-management }\n', '')
    .replaceAll('mgmt.1', 'switch.11')
    .replaceAll('mgmt.2', 'switch.12');
  const withSwitch = (keys: string): SourceText => {
    const head = `switches:\n  - name: switch\n    profile: arista-7124s\n${keys}`;
    return { path: 't.yaml', text: oneSwitch.replace('switches:\n', head) };
  };

  test('one switch carries both networks when VLANs keep them apart', () => {
    const vlans = '    vlans: [{ id: 20 }]\n    ports: { 11: { vlan: 20 }, 12: { vlan: 20 } }\n';
    expect(parseTopology(withSwitch(vlans), profiles).switches).toHaveLength(1);
  });

  test('and not without, or when one interface is in the other VLAN', () => {
    expect(() => parseTopology(withSwitch(''), profiles)).toThrow(InputError);
    const wrong = '    vlans: [{ id: 20 }]\n    ports: { 11: { vlan: 20 } }\n';
    expect(() => parseTopology(withSwitch(wrong), profiles)).toThrow(InputError);
  });
});

describe('faults', () => {
  test.each<[string, string, string, string, RegExp]>([
    [
      'port without a link',
      'mirror: [{ from: 1, to: 9, direction: both }]',
      'unknown-port',
      '9',
      /with a link \(1, 2, 3\), got 9/,
    ],
    ['port key', 'ports: { 9: { vlan: 1 } }', 'unknown-port', '{ vlan', /got 9/],
    [
      'VLAN that is not named',
      'vlans: [{ id: 10 }]\nports: { 1: { vlan: 30 } }',
      'unknown-vlan',
      '30',
      /one of 1, 10, which 'vlans' names, got 30/,
    ],
    ['VLAN out of range', 'vlans: [{ id: 4095 }]', 'bad-value', '4095', /vlans\[0\].id/],
    ['VLAN twice', 'vlans: [{ id: 10 }, { id: 10 }]', 'duplicate-vlan', '10 }]', /got 10 again/],
    [
      'VLAN key of a trunk',
      'vlans: [{ id: 10 }]\nports: { 1: { mode: trunk, vlan: 10 } }',
      'bad-vlan-port',
      '10 } }',
      /'native' and 'tagged'/,
    ],
    [
      'trunk key of an access port',
      'vlans: [{ id: 10 }]\nports: { 1: { tagged: [10] } }',
      'bad-vlan-port',
      '[10]',
      /at trunks alone/,
    ],
    [
      'trunk of nothing',
      'vlans: [{ id: 10 }]\nports: { 1: { mode: trunk } }',
      'bad-vlan-port',
      '{ mode',
      /to carry a VLAN/,
    ],
    [
      'native VLAN that is tagged, too',
      'vlans: [{ id: 10 }]\nports: { 1: { mode: trunk, native: 10, tagged: [10] } }',
      'duplicate-vlan',
      '10] }',
      /there twice/,
    ],
    ['VLAN port without VLANs', 'ports: { 1: { vlan: 10 } }', 'no-vlans', '{ vlan', /expected 'vlans'/],
    [
      'mirror onto itself',
      'mirror: [{ from: 1, to: 1, direction: both }]',
      'bad-mirror',
      '1, direction',
      /another port than 1/,
    ],
    [
      'independent ports without static addresses',
      'independentPorts: {}',
      'dependent-ports',
      '{}',
      /expected 'staticMacs'/,
    ],
    ['multicast static address', 'staticMacs: [{ mac: "01:00:00:00:00:01", port: 1 }]', 'bad-mac', '"01:', /unicast/],
    [
      'VLAN of a static address',
      'staticMacs: [{ mac: "00:00:00:00:00:01", vlan: 4, port: 1 }]',
      'no-vlans',
      '4, port',
      /'vlans'/,
    ],
    [
      'priority in two queues',
      'queues: [{ priorities: [3] }, { priorities: [2, 3] }]',
      'duplicate-priority',
      '3] }]',
      /got 3 again/,
    ],
    [
      'priority in no queue',
      'queues: [{ priorities: [3] }]',
      'missing-priority',
      '[{ prio',
      /none for 0, 1, 2, 4, 5, 6, 7/,
    ],
    [
      'two queues for the rest',
      'queues: [{ weight: 1 }, { weight: 2 }]',
      'empty-queue',
      '{ weight: 2',
      /no priority is left/,
    ],
    [
      'queue with and without pfc',
      'queues: [{ priorities: [3, 4] }, { weight: 1 }]\npfc: { priorities: [3], xoff: 20KiB, xon: 8KiB }',
      'mixed-queue',
      '{ priorities: [3, 4]',
      /apart from others/,
    ],
    [
      'ECN threshold above the buffer',
      'queues: [{ ecn: { kind: threshold, threshold: 2MB } }]',
      'threshold-above-buffer',
      '2MB',
      /at most the buffer of switch, 1700000 octets/,
    ],
    [
      'RED thresholds the wrong way round',
      'queues: [{ ecn: { kind: red, min: 9KiB, max: 8KiB, probability: 0.1 } }]',
      'bad-thresholds',
      '9KiB',
      /min below max/,
    ],
    [
      'reserves above the buffer',
      'queues: [{ reserve: 600kB }]',
      'threshold-above-buffer',
      '[{ reserve',
      /got 1800000/,
    ],
    [
      'XOFF above the buffer',
      'pfc: { priorities: [3], xoff: 600kB, xon: 8KiB }',
      'threshold-above-buffer',
      '{ priorities',
      /xoff and headroom of pfc/,
    ],
    [
      'XON above XOFF',
      'pfc: { priorities: [3], xoff: 20KiB, xon: 20KiB }',
      'bad-thresholds',
      '20KiB }',
      /less than xoff/,
    ],
    [
      'PFC without headroom',
      'pfc: { priorities: [3], xoff: 20KiB, xon: 8KiB, headroom: 0B }',
      'bad-value',
      '0B',
      /headroom: .*at least 1514B/,
    ],
    ['priorities that nothing uses', 'priorities: { dscp: { 26: 3 } }', 'idle-priorities', '{ dscp', /no use for them/],
    ['code point out of range', 'queues: [{ weight: 1 }]\npriorities: { dscp: { 64: 3 } }', 'bad-value', '', /0 to 63/],
    [
      'two storm limits in one',
      'stormControl: { broadcast: { framesPerSecond: 1, fraction: 0.1 } }',
      'bad-value',
      '{ frames',
      /exactly one/,
    ],
    ['unknown key', 'stormcontrol: { }', 'unknown-key', 'stormcontrol', /stormControl/],
  ])('%s', (_, keys, code, place, message) => {
    const fault = faultOf(keys);
    expect(fault.message).toMatch(message);
    expect(fault.code).toBe(code);
    if (place === '') return;
    const lines = source(keys).text.split(keys.split('\n').at(-1)!)[0]!.split('\n');
    const line = lines.length;
    const column = keys.split('\n').at(-1)!.indexOf(place) + 5;
    if (keys.split('\n').at(-1)!.includes(place)) expect(fault.position).toMatchObject({ line, column });
    else expect(fault.position!.line).toBe(line - 1);
  });

  test('flow control at one switch of two that are linked', () => {
    const linked = source('pfc: { priorities: [3], xoff: 20KiB, xon: 8KiB }').text.replace(
      'links:\n',
      'links:\n  - { ends: [switch.9, other.1], medium: 10gbase-cr, length: 3m, queue: 512KiB }\n',
    );
    const two = linked.replace('switches:\n', 'switches:\n  - { name: other, profile: arista-7124s }\n');
    expect(() => parseTopology({ path: 't.yaml', text: two }, profiles)).toThrow(
      /same priorities at both.*got 3 at switch and none at other/,
    );
  });
});
