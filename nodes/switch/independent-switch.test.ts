import { expect, test } from 'vitest';
import { ipFrame, macOf, TestNetwork, type TestNetworkOptions } from './test-network.ts';

const US = 1_000_000;
const staticMacs = [1, 2, 3].map((station) => ({ mac: macOf(station), vlan: 0, port: station - 1 }));

function network(isolated: readonly number[], rest: Partial<TestNetworkOptions> = {}): TestNetwork {
  return new TestNetwork({ stations: 4, options: { staticMacs, independentPorts: { isolated } }, ...rest });
}

test('knows stations by static MACs alone, learns nobody and floods nothing', () => {
  const rig = network([]);
  rig.sendAt(0, 4, ipFrame(4, 1));
  rig.sendAt(10 * US, 1, ipFrame(1, 4));
  rig.sendAt(20 * US, 2, ipFrame(2, 3));
  expect(rig.reached()).toEqual([1, 3]);
  expect(rig.counter('floodingDiscards')).toBe(1);
  expect(rig.counter('framesForwarded')).toBe(2);
  expect(rig.counter('switch.1.ifInUcastPkts')).toBe(1);
  expect(rig.counter('switch.3.ifOutOctets')).toBe(1_004);
});

test('isolated ports reach those that are not, and no others', () => {
  const rig = network([1, 2]);
  rig.sendAt(0, 2, ipFrame(2, 3));
  rig.sendAt(10 * US, 2, ipFrame(2, 1));
  rig.sendAt(20 * US, 1, ipFrame(1, 3));
  expect(rig.reached()).toEqual([1, 3]);
  expect(rig.counter('switch.2.dot1dTpPortInDiscards')).toBe(1);
});

test('forwards at the instants of a learning switch, and drops at the bound of a port alone', () => {
  const send = (rig: TestNetwork): void => {
    for (const from of [1, 2]) for (let i = 0; i < 6; i++) rig.sendAt(i * US, from, ipFrame(from, 3, 1_500));
  };
  const setting = { queueOctets: 4_600 };
  const independent = network([], setting);
  const learning = new TestNetwork({ stations: 4, options: { staticMacs }, ...setting });
  for (const rig of [independent, learning]) send(rig);
  const timesOf = (rig: TestNetwork): number[] => rig.run().map(({ timePs }) => timePs);
  expect(timesOf(independent)).toEqual(timesOf(learning));
  expect(independent.counter('switch.3.ifOutDiscards')).toBeGreaterThan(0);
  expect(independent.drops()).toEqual(learning.drops());
});
