import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { InputError } from '../base/errors.ts';
import type { FaultPlan } from '../faults/fault.ts';
import { projectFolder } from './load-topology.ts';
import { parseTopology } from './parse-topology.ts';
import type { ProfileTexts } from './profiles.ts';
import type { SourceText } from './yaml-document.ts';

const folder = path.join(projectFolder(), 'topology');
const oneWorker = readFileSync(path.join(folder, 'one-worker.yaml'), 'utf8');
/** Line of the first fault in the files of these tests. */
const FIRST_LINE = oneWorker.split('\n').length + 1;

function read(kind: string, name: string): [string, SourceText] {
  const file = `profiles/${kind}/${name}.yaml`;
  return [name, { path: file, text: readFileSync(path.join(folder, file), 'utf8') }];
}

const profiles: ProfileTexts = {
  hosts: new Map([read('hosts', 'xeon-gold-5117')]),
  switches: new Map([read('switches', 'arista-7124s'), read('switches', 'gigabit-management')]),
  nics: new Map([read('nics', 'agilio-cx-2x10')]),
  media: new Map([read('media', '10gbase-cr'), read('media', '1000base-t')]),
};

const files: Record<string, string> = {
  'delays.txt': '# measured\n12us\n 1.5us # short\n\n',
  'bad.txt': '12us\n  soon\n',
  'empty.txt': '',
};

function readBeside(name: string): SourceText {
  const text = files[name];
  if (text === undefined) throw new InputError('unreadable-file', `${name}: no such file`);
  return { path: name, text };
}

function planOf(...faults: string[]): FaultPlan {
  const text = `${oneWorker}\nfaults:\n${faults.map((fault) => `  - ${fault}\n`).join('')}`;
  return parseTopology({ path: 't.yaml', text }, profiles, readBeside).faults;
}

function faultOf(...faults: string[]): string {
  try {
    planOf(...faults);
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  throw new Error('the faults were accepted');
}

const LINK = 'link: m2.eth0--switch.2';

describe('faults of links', () => {
  test('hold for both directions, for ever and for all frames unless they say otherwise', () => {
    const always = { atPs: 0, forPs: undefined, everyPs: undefined, untilPs: undefined };
    const common = { name: 'loss-0', link: 'm2.eth0--switch.2', schedule: always, match: undefined };
    const effect = { kind: 'loss', probability: 1 };
    expect(planOf(`{ kind: loss, ${LINK} }`).links).toEqual([
      { ...common, from: 'm2.eth0', effect },
      { ...common, from: 'switch.2', effect },
    ]);
  });

  test('take schedule, direction and match', () => {
    const [fault, ...others] = planOf(
      `{ kind: loss, ${LINK}, from: switch.2, at: 3ms, for: 200us, every: 1ms, match: { psn: 7 } }`,
    ).links;
    expect(others).toEqual([]);
    expect(fault).toMatchObject({
      from: 'switch.2',
      schedule: { atPs: 3_000_000_000, forPs: 200_000_000, everyPs: 1_000_000_000 },
      match: { kind: 'psn', psn: 7 },
    });
  });

  test.each([
    [
      'burst-loss, goodToBad: 0.1, badToGood: 0.5',
      { kind: 'burst-loss', goodToBad: 0.1, badToGood: 0.5, lossInGood: 0, lossInBad: 1 },
    ],
    ['duplicate, probability: 0.5', { kind: 'duplicate', probability: 0.5 }],
    ['reorder, depth: 4', { kind: 'reorder', probability: 1, depth: 4 }],
    ['corrupt, fcs: misses', { kind: 'corrupt', probability: 1, bits: 1, caught: false }],
    ['rate, rate: 1G', { kind: 'rate', octetPs: 8_000 }],
    ['queue, queue: 64KiB', { kind: 'queue', octets: 65_536 }],
    ['down', { kind: 'down' }],
    [
      'delay, law: { kind: constant, delay: 5us }',
      { kind: 'delay', probability: 1, keepOrder: false, law: { kind: 'constant', delayPs: 5_000_000 } },
    ],
    [
      'delay, keepOrder: true, law: { kind: uniform, least: 1ns, most: 2ns }',
      { kind: 'delay', probability: 1, keepOrder: true, law: { kind: 'uniform', leastPs: 1_000, mostPs: 2_000 } },
    ],
    [
      'delay, law: { kind: normal, mean: 5us, deviation: 1us }',
      {
        kind: 'delay',
        probability: 1,
        keepOrder: false,
        law: { kind: 'normal', meanPs: 5_000_000, deviationPs: 1_000_000 },
      },
    ],
    [
      'delay, law: { kind: pareto, least: 5us, shape: 1.5 }',
      { kind: 'delay', probability: 1, keepOrder: false, law: { kind: 'pareto', leastPs: 5_000_000, shape: 1.5 } },
    ],
    [
      'delay, law: { kind: file, path: delays.txt }',
      { kind: 'delay', probability: 1, keepOrder: false, law: { kind: 'samples', delaysPs: [12_000_000, 1_500_000] } },
    ],
  ])('%s', (text, effect) => {
    expect(planOf(`{ kind: ${text}, ${LINK} }`).links[0]!.effect).toEqual(effect);
  });
});

test('faults of nodes', () => {
  expect(
    planOf('{ kind: restart, node: m2, at: 3ms, for: 1ms }', '{ kind: crash, node: switch, at: 9ms }').nodes,
  ).toEqual([
    { name: 'restart-m2-0', node: 'm2', kind: 'restart', atPs: 3_000_000_000, forPs: 1_000_000_000 },
    { name: 'crash-switch-1', node: 'switch', kind: 'crash', atPs: 9_000_000_000, forPs: 0 },
  ]);
});

describe('what is refused, with its place', () => {
  test.each([
    [`{ kind: loss, link: m2.eth0--swich.2 }`, "loss: no link 'm2.eth0--swich.2', did you mean 'm2.eth0--switch.2'?"],
    [`{ kind: loss, ${LINK}, from: switch.3 }`, "loss: no end of the link 'switch.3', did you mean 'switch.2'?"],
    [`{ kind: crash, node: m9, at: 1ms }`, "crash: no node 'm9', expected one of switch, mgmt, m1, m2, client"],
    [
      `{ kind: crash, node: client, at: 1ms }`,
      'crash: expected another node than client, which holds the workload and its results',
    ],
    [`{ kind: down, ${LINK}, every: 1ms }`, "every: expected 'for' beside it, since what never ends begins once"],
    [
      `{ kind: down, ${LINK}, for: 1ms, every: 1ms }`,
      "every: expected more than 'for' (1000000000 ps), got 1000000000 ps: the fault would overlap itself",
    ],
    [`{ kind: rate, ${LINK}, rate: 40G }`, "rate: expected at most the link's 10000000000 bit/s, got 40000000000"],
    [
      `{ kind: rate, ${LINK}, rate: 7M }`,
      'rate: expected one at which an octet takes whole picoseconds, got 7000000 bit/s',
    ],
    [
      `{ kind: delay, ${LINK}, law: { kind: uniform, least: 2us, most: 1us } }`,
      "most: expected at least 'least' (2000000 ps), got 1000000 ps",
    ],
    [`{ kind: delay, ${LINK}, law: { kind: file, path: no.txt } }`, 'no.txt: no such file'],
    [
      `{ kind: delay, ${LINK}, law: { kind: file, path: empty.txt } }`,
      'path: expected 1 to 1000000 durations in empty.txt, got 0',
    ],
    [`{ kind: loss, ${LINK}, match: { psn: 1, frame: 2 } }`, "exactly one of 'frame', 'psn' and 'lambda'"],
    [`{ kind: loss, ${LINK}, probability: 1.5 }`, '1.5'],
    [`{ kind: lose, ${LINK} }`, 'lose'],
  ])('%s', (fault, message) => {
    const said = faultOf(fault);
    expect(said).toMatch(new RegExp(`^t\\.yaml:${FIRST_LINE + 1}:\\d+: `));
    expect(said).toContain(message);
  });

  test('a line of a file of delays, with its own place', () => {
    const said = faultOf(`{ kind: delay, ${LINK}, law: { kind: file, path: bad.txt } }`);
    expect(said).toBe("bad.txt:2:3: expected a duration such as 500ns or 1.5ms, got 'soon'");
  });

  test.each([
    ['{ kind: crash, node: m2, at: 1ms }', '{ kind: pause, node: m2, at: 5ms, for: 1ms }'],
    ['{ kind: pause, node: m2, at: 1ms, for: 4ms }', '{ kind: restart, node: m2, at: 5ms, for: 1ms }'],
    ['{ kind: crash, node: m2, at: 1ms }', '{ kind: crash, node: m2, at: 1ms }'],
  ])('a node in two states at once: %s', (first, second) => {
    expect(faultOf(first, second)).toMatch(/^t\.yaml:\d+:\d+: \w+ of m2: expected it after the end of its \w+/);
  });
});
