import { describe, expect, it } from 'vitest';
import type { InputError } from '../base/errors.ts';
import type { PlacementDocument } from './placement-schema.ts';
import { defaultPlacement, placeOver, resolvePlacement } from './resolve-placement.ts';

const named = (...names: string[]) => names.map((name) => ({ name }));
const nodes = { hosts: named('m1', 'm2', 'm3', 'client'), switches: named('switch', 'mgmt') };
const h1 = { name: 'h1', address: '192.0.2.7', port: 7001 };

function resolve(document: PlacementDocument) {
  return resolvePlacement(document, nodes, (path) => ({ file: path.join('.'), line: 1, column: 1 }));
}

/** Code and place of the fault. */
function faultOf(document: PlacementDocument): string {
  try {
    resolve(document);
  } catch (error) {
    const { code, position } = error as InputError;
    return `${code} at ${position?.file}`;
  }
  return 'none';
}

describe('placement', () => {
  it('is a process for all switches and one for each host by default', () => {
    expect(defaultPlacement(nodes).processes).toEqual([
      { name: 'switch', nodes: ['switch', 'mgmt'] },
      ...['m1', 'm2', 'm3', 'client'].map((name) => ({ name, nodes: [name] })),
    ]);
  });

  it('leaves what it does not mention as by default', () => {
    const placement = resolve({
      address: '192.0.2.1',
      processes: [{ name: 'rack1', nodes: ['mgmt', 'm2', 'm3'], host: 'h1' }],
      hosts: [h1],
    });
    expect(placement).toEqual({
      address: '192.0.2.1',
      hosts: [h1],
      processes: [
        { name: 'rack1', nodes: ['mgmt', 'm2', 'm3'], host: 'h1' },
        { name: 'switch', nodes: ['switch'] },
        { name: 'm1', nodes: ['m1'] },
        { name: 'client', nodes: ['client'] },
      ],
    });
  });

  const rack = { name: 'rack1', nodes: ['m2'] };
  const faults: [string, PlacementDocument, string][] = [
    [
      'a node that is not there',
      { processes: [{ ...rack, nodes: ['m9'] }] },
      'unknown-node at placement.processes.0.nodes.0',
    ],
    [
      'a node in two processes',
      { processes: [rack, { name: 'rack2', nodes: ['m3', 'm2'] }] },
      'node-placed-twice at placement.processes.1.nodes.1',
    ],
    [
      'a process name twice',
      { processes: [rack, { ...rack, nodes: ['m3'] }] },
      'duplicate-process at placement.processes.1.name',
    ],
    [
      'a process name that another host has by default',
      { processes: [{ name: 'm1', nodes: ['m2'] }] },
      'duplicate-process at placement.processes.0.name',
    ],
    [
      'a machine that is not there',
      { processes: [{ ...rack, host: 'h2' }], hosts: [h1] },
      'unknown-placement-host at placement.processes.0.host',
    ],
    [
      'two machines at one port',
      { processes: [rack], hosts: [h1, { ...h1, name: 'h2' }] },
      'duplicate-placement-host at placement.hosts.1.port',
    ],
    [
      'a placeholder that means nothing',
      { processes: [rack], hosts: [{ ...h1, start: 'ssh {where}' }] },
      'unknown-placeholder at placement.hosts.0.start',
    ],
    [
      'another machine that cannot reach this one',
      { processes: [{ ...rack, host: 'h1' }], hosts: [h1] },
      'unreachable-launcher at placement.hosts.0.address',
    ],
  ];
  for (const [what, document, fault] of faults) {
    it(`refuses ${what}`, () => {
      expect(faultOf(document)).toBe(fault);
    });
  }
});

describe('few processes', () => {
  it('holds every node once, in the order of the file', () => {
    for (let count = 1; count <= 9; count++) {
      const { processes } = placeOver(count, nodes);
      expect(processes.length).toBe(Math.min(count, 5));
      expect(processes.flatMap((process) => process.nodes)).toEqual(['switch', 'mgmt', 'm1', 'm2', 'm3', 'client']);
    }
  });
});
