import { describe, expect, it } from 'vitest';
import { InvariantError } from '../base/assert.ts';
import { NEVER_PS } from '../base/units.ts';
import { Scheduler } from './scheduler.ts';

describe('Scheduler', () => {
  it('runs events of one instant by node, frames before timers, frames by port, timers by creation', () => {
    const scheduler = new Scheduler();
    const order: string[] = [];
    const note = (name: string) => () => {
      order.push(name);
    };
    scheduler.armTimer(1, 100, note('node 1 timer a'));
    scheduler.armTimer(0, 100, note('node 0 timer'));
    scheduler.scheduleFrame(scheduler.addPort(1, 3, note('node 1 port 3')), 100);
    scheduler.armTimer(1, 100, note('node 1 timer b'));
    scheduler.scheduleFrame(scheduler.addPort(1, 0, note('node 1 port 0')), 100);
    scheduler.scheduleFrame(scheduler.addPort(0, 9, note('node 0 port 9')), 100);
    scheduler.armTimer(5, 99, note('earlier'));
    scheduler.run(NEVER_PS);
    expect(order).toEqual([
      'earlier',
      'node 0 port 9',
      'node 0 timer',
      'node 1 port 0',
      'node 1 port 3',
      'node 1 timer a',
      'node 1 timer b',
    ]);
  });

  it('stops strictly before the limit, and earlier when an event lowers it', () => {
    const scheduler = new Scheduler();
    const ran: number[] = [];
    for (const timePs of [10, 20, 30, 40]) {
      scheduler.armTimer(0, timePs, () => {
        ran.push(timePs);
        if (timePs === 20) scheduler.lowerLimit(30);
      });
    }
    expect(scheduler.run(10)).toBe(0);
    expect(scheduler.run(41)).toBe(2);
    expect(ran).toEqual([10, 20]);
    expect(scheduler.nowPs()).toBe(20);
    expect(scheduler.nextEventPs()).toBe(30);
  });

  it('forgets cancelled timers and ignores handles that are spent', () => {
    const scheduler = new Scheduler();
    const ran: string[] = [];
    const first = scheduler.armTimer(0, 10, () => ran.push('first'));
    scheduler.cancelTimer(first);
    expect(scheduler.nextEventPs()).toBe(NEVER_PS);
    // The slot is used again: the old handle must not reach the new timer.
    const second = scheduler.armTimer(0, 20, () => ran.push('second'));
    scheduler.cancelTimer(first);
    scheduler.run(NEVER_PS);
    scheduler.cancelTimer(second);
    expect(ran).toEqual(['second']);
  });

  it('delivers frame after frame of a port, and none that was taken back', () => {
    const scheduler = new Scheduler();
    const ran: number[] = [];
    const port = scheduler.addPort(0, 0, () => {
      ran.push(scheduler.nowPs());
      if (ran.length < 3) scheduler.scheduleFrame(port, scheduler.nowPs() + 10);
    });
    scheduler.scheduleFrame(port, 5);
    expect(() => scheduler.scheduleFrame(port, 6)).toThrow(InvariantError);
    scheduler.cancelTimer(0);
    scheduler.run(NEVER_PS);
    expect(ran).toEqual([5, 15, 25]);
    scheduler.scheduleFrame(port, 40);
    scheduler.cancelFrame(port);
    // A timer made now has a slot of its own: it cannot end up with the port's callback.
    scheduler.armTimer(0, 40, () => ran.push(0));
    scheduler.run(NEVER_PS);
    expect(ran).toEqual([5, 15, 25, 0]);
  });

  it('refuses events in the past and times that are not exact', () => {
    const scheduler = new Scheduler();
    scheduler.armTimer(0, 50, () => {});
    scheduler.run(NEVER_PS);
    expect(() => scheduler.armTimer(0, 49, () => {})).toThrow(InvariantError);
    expect(() => scheduler.armTimer(0, 60.5, () => {})).toThrow(InvariantError);
    expect(() => scheduler.armTimer(0, 2 ** 53, () => {})).toThrow(InvariantError);
  });
});
