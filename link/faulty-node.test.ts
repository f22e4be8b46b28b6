import { describe, expect, it } from 'vitest';
import { NEVER_PS } from '../base/units.ts';
import type { NodeFault } from '../faults/fault.ts';
import type { NodeContext, NodeEvent, NodeModel } from '../time/node.ts';
import { Scheduler } from '../time/scheduler.ts';
import { FaultyNode } from './faulty-node.ts';
import { NodeRuntime, type RecordedEvent } from './node-runtime.ts';

const FRAME = new Uint8Array(60);

/** A node that notes what reaches it, with a timer every 10 ps, and a scheduler to run it by. */
class World {
  readonly scheduler = new Scheduler();
  readonly log: string[] = [];
  readonly events: NodeEvent[] = [];
  readonly node: FaultyNode;
  private lives = 0;
  private framesSent = 0;
  /** Called at each tick of the model, so that a test can act as the model. */
  onTick: (context: NodeContext, tick: number) => void = () => {};

  constructor(faults: readonly Omit<NodeFault, 'name' | 'node'>[]) {
    const ports = [{ name: 'n.eth0', linkName: 'cable', rateBitsPerSecond: 1e10, octetPs: 800 }];
    const observer = {
      event: ({ event }: RecordedEvent) => this.events.push(event),
      tell: () => {},
      progress: () => {},
    };
    const runtime = new NodeRuntime({ name: 'n', index: 0, ports }, this.scheduler, [], 1, observer);
    const build = (context: NodeContext) => this.model(context);
    this.node = new FaultyNode({ runtime, index: 0, build, model: build(runtime) }, this.scheduler);
    for (const [index, fault] of faults.entries()) this.node.impose({ ...fault, name: `fault-${index}`, node: 'n' });
  }

  frameAt(timePs: number): this {
    const port = this.scheduler.addPort(0, this.framesSent++, () => this.node.onFrame(0, FRAME));
    this.scheduler.scheduleFrame(port, timePs);
    return this;
  }

  run(untilPs: number): string[] {
    this.node.start();
    this.scheduler.run(untilPs);
    return this.log;
  }

  private model(context: NodeContext): NodeModel {
    const life = ++this.lives;
    const note = (what: string) => this.log.push(`${context.nowPs()} life ${life}: ${what}`);
    let ticks = 0;
    const tick = () => {
      note('tick');
      this.onTick(context, ++ticks);
      context.at(context.nowPs() + 10, tick);
    };
    return {
      receiveAt: 'last-bit',
      start: () => {
        note('start');
        context.at(context.nowPs() + 10, tick);
      },
      onFrame: () => note('frame'),
      report: () => ({ counters: { life } }),
    };
  }
}

describe('a node that', () => {
  it('crashes does nothing any more, and loses frames', () => {
    const world = new World([{ kind: 'crash', atPs: 25, forPs: 0 }]).frameAt(22).frameAt(33);
    expect(world.run(NEVER_PS)).toEqual(['0 life 1: start', '10 life 1: tick', '20 life 1: tick', '22 life 1: frame']);
    expect(world.events).toEqual([
      { kind: 'fault', fault: 'fault-0', node: 'n', reason: 'crash' },
      { kind: 'frame-dropped', port: 'n.eth0', reason: 'node-down', octets: 60 },
    ]);
    expect(world.node.report().counters).toEqual({ life: 1, framesLostWhileDown: 1 });
  });

  it('restarts begins with nothing, and its old timers never fire', () => {
    const world = new World([{ kind: 'restart', atPs: 15, forPs: 20 }]).frameAt(20).frameAt(40);
    expect(world.run(60)).toEqual([
      '0 life 1: start',
      '10 life 1: tick',
      '35 life 2: start',
      '40 life 2: frame',
      '45 life 2: tick',
      '55 life 2: tick',
    ]);
    expect(world.node.report().counters).toEqual({ life: 2, framesLostWhileDown: 1 });
  });

  it('pauses does at the end, in order, what came meanwhile, and goes on', () => {
    const world = new World([{ kind: 'pause', atPs: 15, forPs: 20 }]).frameAt(18).frameAt(26);
    expect(world.run(46)).toEqual([
      '0 life 1: start',
      '10 life 1: tick',
      '35 life 1: frame',
      '35 life 1: tick',
      '35 life 1: frame',
      '45 life 1: tick',
    ]);
  });

  it('goes on cancels what was to come after', () => {
    const world = new World([{ kind: 'pause', atPs: 15, forPs: 20 }]);
    world.onTick = (context, tick) => {
      if (tick === 1) {
        const timer = context.at(30, () => world.log.push('never'));
        world.onTick = () => context.cancel(timer);
      }
    };
    expect(world.run(40)).not.toContain('never');
  });

  it('is stopped again and again lives as often', () => {
    const world = new World([
      { kind: 'restart', atPs: 15, forPs: 1 },
      { kind: 'pause', atPs: 27, forPs: 10 },
      { kind: 'restart', atPs: 51, forPs: 5 },
    ]);
    expect(world.run(70)).toEqual([
      '0 life 1: start',
      '10 life 1: tick',
      '16 life 2: start',
      '26 life 2: tick',
      '37 life 2: tick',
      '47 life 2: tick',
      '56 life 3: start',
      '66 life 3: tick',
    ]);
  });
});
