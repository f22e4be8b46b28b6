import { describe, expect, it } from 'vitest';
import { loadTopology } from '../../topology/load-topology.ts';
import { type FaultAnswer, LiveFaults } from './live-faults.ts';

const topology = loadTopology('four-workers');
const CUT = 'kind: down, link: m3.eth0--switch.3, name: cut';

/** Orders to a run that stands at 5,000 ps; the port of M3 has decided until 9,000, that of the switch until 7,000. */
class Rig {
  readonly faults = new LiveFaults(topology, topology.faults);

  async begin(text: string): Promise<FaultAnswer> {
    return await this.settled(this.faults.begin(text, '.'));
  }

  async end(name: string): Promise<FaultAnswer> {
    return await this.settled(this.faults.end(name));
  }

  private async settled(answer: Promise<FaultAnswer>): Promise<FaultAnswer> {
    this.faults.decide({ nowPs: 5_000, unboundFromPs: { 'm3.eth0': 9_000, 'switch.3': 7_000 } });
    this.faults.confirm();
    return await answer;
  }
}

describe('an order', () => {
  it('holds after all that was executed, and after all that the port has decided', async () => {
    const rig = new Rig();
    expect(await rig.begin('kind: crash, node: m4')).toMatchObject({ fault: 'crash-m4-0', atPs: 5_001 });
    expect(await rig.begin(CUT)).toEqual({ fault: 'cut', change: 'begins', atPs: 9_000, at: '9.00 ns' });
    expect(await rig.begin('kind: queue, link: m3.eth0--switch.3, from: switch.3, queue: 2KiB')).toMatchObject({
      atPs: 7_000,
    });
    expect(await rig.begin('kind: loss, link: m3.eth0--switch.3, at: 1ms')).toMatchObject({ atPs: 1e9 });
  });

  it('may end a fault; one that had not begun was never there', async () => {
    const rig = new Rig();
    await rig.begin(`${CUT}, at: 1ms`);
    expect(await rig.end('cut')).toMatchObject({ fault: 'cut', change: 'ends', atPs: 9_000 });
    expect(rig.faults.all.links).toEqual([]);
  });

  it.each([
    ['kind: lose, link: m3.eth0--switch.3', /^fault:1:7: faults\[0\]\.kind: expected .*, got 'lose'$/],
    ['{ "kind": "loss", "probabilty": 1, "link": "x" }', /^fault:1:19: unknown key 'probabilty' .*'probability'\?/],
    ['kind: down, link: m3.eth0--switch.33', /^fault:1:19: down: no link '.*33', did you mean 'm3.eth0--switch.3'\?$/],
    ['kind: loss, link: [', /^fault:\d+:\d+: /],
    ['kind: crash, node: client', /^fault:1:20: crash: expected another node than client/],
    ['kind: crash, node: m2}, {kind: crash, node: m3', /expected one fault, got 2$/],
  ])('that is wrong is refused at once: %s', async (text, message) => {
    const rig = new Rig();
    const answer = await rig.faults.begin(text, '.');
    expect((answer as { readonly error: string }).error).toMatch(message);
    expect(rig.faults.hasOrders).toBe(false);
  });

  it('is refused beside a fault that excludes it', async () => {
    const rig = new Rig();
    await rig.begin(CUT);
    const answer = await rig.begin('kind: down, link: m3.eth0--switch.3, from: m3.eth0');
    expect(answer).toMatchObject({ error: expect.stringContaining("expected none while 'cut' is in force") });
    expect(await rig.faults.end('cat')).toEqual({ error: "no fault of a link 'cat': expected one of cut" });
  });

  it('is told when the run is over', async () => {
    const rig = new Rig();
    const waiting = rig.faults.begin(CUT, '.');
    rig.faults.close();
    expect(await waiting).toEqual({ error: 'the run is over' });
    expect(await rig.faults.begin(CUT, '.')).toEqual({ error: 'the run is over' });
  });
});
