import { describe, expect, it } from 'vitest';
import { buildPriorityPause } from '../packet/mac-control.ts';
import { IDENTITY_PCP } from '../packet/priority-map.ts';
import { withTag } from '../packet/vlan.ts';
import { MAC_CONTROL_PRIORITY, type NodeEvent, type Passage } from '../time/node.ts';
import { Scheduler } from '../time/scheduler.ts';
import { EgressPort } from './egress-port.ts';
import { occupancyPs } from './ethernet-timing.ts';
import type { PortQueueing } from './port-queueing.ts';
import { PriorityEgressPort } from './priority-egress-port.ts';

const OCTET_PS = 800;
const DELAY_PS = 15_000;
const QUANTUM_PS = 64 * OCTET_PS;

const QUEUEING: PortQueueing = {
  leadPs: 0,
  priorities: { pcp: IDENTITY_PCP, dscp: {}, otherwise: 0 },
  queues: [{ priorities: [7] }, { priorities: [3], weight: 1 }, { priorities: [0, 1, 2, 4, 5, 6], weight: 1 }],
  lossless: [3],
  stormPs: 1e9,
};

class Rig {
  readonly scheduler = new Scheduler();
  /** Departures: priority code point of the frame, or 8 of MAC control, and when its first bit left. */
  readonly out: { readonly priority: number; readonly departurePs: number }[] = [];
  readonly events: NodeEvent[] = [];
  readonly port: PriorityEgressPort;

  constructor(queueing: Partial<PortQueueing> = {}, queueOctets = 1_000_000) {
    const options = { name: 'a.0', octetPs: OCTET_PS, delayPs: DELAY_PS, queueOctets };
    this.port = new PriorityEgressPort(
      options,
      { ...QUEUEING, ...queueing },
      {
        scheduler: this.scheduler,
        nodeIndex: 0,
        sink: {
          push: (firstBitPs, frame) => {
            const priority = frame[12] === 0x88 ? MAC_CONTROL_PRIORITY : frame[14]! >>> 5;
            this.out.push({ priority, departurePs: firstBitPs - DELAY_PS });
          },
        },
        taps: [],
        record: (event) => void this.events.push(event),
      },
    );
  }

  at(timePs: number, act: () => void): void {
    this.scheduler.armTimer(0, timePs, act);
  }

  /** Sends frames of 1,000 octets of these priorities at an instant. */
  sendAt(timePs: number, priorities: readonly number[]): void {
    this.at(timePs, () => {
      const { leadPs } = { ...QUEUEING };
      for (const priority of priorities) this.port.send(timePs, frameOf(priority), timePs + leadPs, undefined);
    });
  }

  pauseAt(timePs: number, priority: number, quanta: number): void {
    const times = IDENTITY_PCP.map((each) => (each === priority ? quanta : undefined));
    this.at(timePs, () => this.port.receiveControl(timePs, buildPriorityPause(1, times)));
  }

  run(): this {
    this.scheduler.run(Number.POSITIVE_INFINITY);
    return this;
  }

  get order(): number[] {
    return this.out.map(({ priority }) => priority);
  }
}

function frameOf(priority: number, octets = 1_000): Uint8Array {
  return withTag(new Uint8Array(octets - 4), 1, priority);
}

const FRAME_PS = occupancyPs(1_000, OCTET_PS);

describe('a port with queues', () => {
  it('sends a frame of high priority after the one under way', () => {
    const rig = new Rig();
    rig.sendAt(0, [0, 0, 0]);
    rig.sendAt(FRAME_PS / 2, [7]);
    expect(rig.run().order).toEqual([0, 7, 0, 0]);
    expect(rig.out.map(({ departurePs }) => departurePs)).toEqual([0, 1, 2, 3].map((each) => each * FRAME_PS));
  });

  it('sends what a FIFO port would when all is of one priority', () => {
    const fifo: number[] = [];
    const options = { name: 'a.0', octetPs: OCTET_PS, delayPs: DELAY_PS, queueOctets: 20_000 };
    const port = new EgressPort(options, { push: (firstBitPs) => void fifo.push(firstBitPs - DELAY_PS) }, []);
    const rig = new Rig({}, 20_000);
    for (let i = 0; i < 500; i++) {
      const timePs = Math.floor(i * i * 977) % 90_000_000;
      rig.at(timePs, () => {
        const frame = frameOf(0, 64 + ((i * 131) % 1_400));
        const taken = port.send(timePs, frame, timePs);
        expect(rig.port.send(timePs, frame, timePs, undefined)).toBe(taken);
      });
    }
    expect(rig.run().out.map(({ departurePs }) => departurePs)).toEqual(fifo);
    const { framesSent, octetsSent, framesDropped, octetsDropped, maximumQueueOctets } = rig.port.counters();
    expect(port.counters()).toEqual({ framesSent, octetsSent, framesDropped, octetsDropped, maximumQueueOctets });
    expect(framesDropped).toBeGreaterThan(10);
  });

  it('waits for a frame that is not ready, and lets others go meanwhile', () => {
    const rig = new Rig();
    rig.at(0, () => rig.port.send(0, frameOf(7), 10 * FRAME_PS, undefined));
    rig.sendAt(0, [0, 0]);
    expect(rig.run().order).toEqual([0, 0, 7]);
    expect(rig.out[2]!.departurePs).toBe(10 * FRAME_PS);
  });

  it('decides a departure so long before it as its lead', () => {
    const rig = new Rig({ leadPs: 500_000 });
    const decided: number[] = [];
    const passage = (): Passage => ({ priority: 0, leaves: () => void decided.push(rig.scheduler.nowPs()) });
    rig.at(0, () => {
      for (let i = 0; i < 3; i++) rig.port.send(0, frameOf(0), 500_000, passage());
    });
    rig.run();
    expect(rig.out.map(({ departurePs }) => departurePs)).toEqual([0, 1, 2].map((each) => 500_000 + each * FRAME_PS));
    expect(decided).toEqual([0, FRAME_PS, 2 * FRAME_PS]);
  });

  it('is busy until the last decided frame is out: no earlier arrival was ever promised', () => {
    const rig = new Rig();
    rig.sendAt(0, [0, 0, 0, 7, 3]);
    rig.pauseAt(1, 3, 50);
    for (let before = 0; rig.scheduler.pendingEvents > 0; before = rig.out.length) {
      const promisedPs = Math.max(rig.port.idleFromPs, rig.scheduler.nextEventPs());
      rig.scheduler.run(Number.POSITIVE_INFINITY, 1);
      for (const { departurePs } of rig.out.slice(before)) expect(departurePs).toBeGreaterThanOrEqual(promisedPs);
    }
    expect(rig.out).toHaveLength(5);
  });
});

describe('flow control', () => {
  it('keeps back a paused priority for exactly its quanta, and no other', () => {
    const rig = new Rig();
    rig.pauseAt(1_000, 3, 1_000);
    rig.sendAt(2_000, [3, 0, 3]);
    expect(rig.run().order).toEqual([0, 3, 3]);
    expect(rig.out[1]!.departurePs).toBe(1_000 + 1_000 * QUANTUM_PS);
    expect(rig.port.counters().flowControl).toMatchObject({ ieee8021PfcIndications: 1 });
    expect(rig.port.counters().flowControl!.pausedPs[3]).toBe(1_000 * QUANTUM_PS);
  });

  it('goes on at once when told to', () => {
    const rig = new Rig();
    rig.pauseAt(0, 3, 0xffff);
    rig.sendAt(10, [3]);
    rig.pauseAt(7_777_777, 3, 0);
    rig.run();
    expect(rig.out[0]!.departurePs).toBe(7_777_777);
  });

  it('lets a frame under way finish', () => {
    const rig = new Rig();
    rig.sendAt(0, [3, 3]);
    rig.pauseAt(FRAME_PS - 1, 3, 100);
    rig.run();
    expect(rig.out.map(({ departurePs }) => departurePs)).toEqual([0, FRAME_PS - 1 + 100 * QUANTUM_PS]);
  });

  it('answers within its lead: what is decided goes', () => {
    const rig = new Rig({ leadPs: 3 * FRAME_PS });
    rig.at(0, () => {
      for (let i = 0; i < 4; i++) rig.port.send(0, frameOf(3), 3 * FRAME_PS, undefined);
    });
    rig.pauseAt(1.5 * FRAME_PS, 3, 1_000);
    rig.run();
    expect(rig.out.map(({ departurePs }) => departurePs)).toEqual([
      3 * FRAME_PS,
      4 * FRAME_PS,
      1.5 * FRAME_PS + 1_000 * QUANTUM_PS,
      2.5 * FRAME_PS + 1_000 * QUANTUM_PS,
    ]);
  });

  it('sends its own control frames first, even when everything is paused', () => {
    const rig = new Rig();
    rig.pauseAt(0, 3, 100);
    rig.sendAt(1, [3, 0, 0]);
    rig.at(2, () => {
      const passage = { priority: MAC_CONTROL_PRIORITY, leaves: () => {} };
      rig.port.send(2, buildPriorityPause(1, [1]), 2, passage);
    });
    expect(rig.run().order).toEqual([0, MAC_CONTROL_PRIORITY, 0, 3]);
    expect(rig.port.counters().flowControl!.ieee8021PfcRequests).toBe(1);
  });

  it('does not drop lossless priorities for the bound of the port, and others for what they hold alone', () => {
    const rig = new Rig({}, 2_000);
    const taken: boolean[] = [];
    rig.at(0, () => {
      for (const priority of [3, 3, 3, 3, 0, 0, 0]) {
        taken.push(rig.port.send(0, frameOf(priority), 0, undefined));
      }
    });
    rig.run();
    expect(taken).toEqual([true, true, true, true, true, true, false]);
    expect(rig.port.counters().maximumQueueOctets).toBe(6_000);
  });

  it('says that a pause has become a storm, and discards other control frames', () => {
    const rig = new Rig();
    for (let i = 0; i <= 4; i++) rig.pauseAt(i * 300_000_000, 3, 0xffff);
    const pause = buildPriorityPause(1, [1]);
    pause[15] = 0x01;
    pause[14] = 0;
    rig.at(1, () => rig.port.receiveControl(1, pause));
    rig.run();
    expect(rig.events).toEqual([{ kind: 'pfc-storm', port: 'a.0', priority: 3 }]);
    expect(rig.port.counters().flowControl).toMatchObject({ macControlUnknownOpcodes: 1, ieee8021PfcIndications: 5 });
    expect(rig.port.counters().flowControl!.pauseStorms[3]).toBe(1);
  });
});
