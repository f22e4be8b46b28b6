import { assert, InvariantError } from '../base/assert.ts';
import { MAX_TIME_PS, NEVER_PS } from '../base/units.ts';
import { EventQueue } from './event-queue.ts';
import type { TimerHandle } from './node.ts';

/** Ports a node may have; frames of one instant are taken in port order. */
export const MAX_PORTS_PER_NODE = 2 ** 16;
const INPUT_CLASS = MAX_PORTS_PER_NODE;
const TIMER_CLASS = MAX_PORTS_PER_NODE + 1;
const PORT_TIMER_CLASS = MAX_PORTS_PER_NODE + 2;
/** Behind everything else that a node does at an instant. */
const FAULT_CLASS = MAX_PORTS_PER_NODE + 3;
const KEYS_PER_NODE = 2 * MAX_PORTS_PER_NODE;
const SLOT_LIMIT = 2 ** 22;
/** The slot belongs to a port: no timer's handle names it, not even the 0 that stands for none. */
const NO_TIMER = -1;

/** A port of a node, as the scheduler knows it. */
export type PortHandle = number;

/**
 * Runs the events of the nodes of one process in the testbed's total order: time, node, frames before what comes from
 * outside before the model's timers before those of its ports before faults, port, sequence (frames on one port never
 * tie: serialising one takes time; timers of a node go in creation order). The order names nothing that depends on how
 * nodes are spread over processes, which is why every mode gives the same run.
 */
export class Scheduler {
  private readonly queue = new EventQueue();
  private readonly callbacks: (() => void)[] = [];
  /** How often a slot was given to a timer or taken from one, or NO_TIMER. */
  private readonly generations: number[] = [];
  private currentPs = 0;
  /** Latest event that was executed before its turn. */
  private aheadPs = 0;
  private executed = 0;
  private limitPs = 0;

  /** Emulated time of the event being executed, or of the last one. */
  nowPs(): number {
    return this.currentPs;
  }

  /** Emulated time of the latest event so far. */
  get latestPs(): number {
    return this.currentPs > this.aheadPs ? this.currentPs : this.aheadPs;
  }

  /** Events executed so far. */
  get executedEvents(): number {
    return this.executed;
  }

  /** Events waiting. */
  get pendingEvents(): number {
    return this.queue.size;
  }

  /** Time of the next event; NEVER_PS when nothing is pending. */
  nextEventPs(): number {
    return this.queue.earliestPs();
  }

  /** Arms a node's timer at an absolute time, now or later. */
  armTimer(nodeIndex: number, timePs: number, callback: () => void): TimerHandle {
    return this.armed(this.insert(timePs, nodeIndex * KEYS_PER_NODE + TIMER_CLASS, callback));
  }

  /** Arms a timer of a node's port: hardware that goes on when the node's model is stopped. */
  armPortTimer(nodeIndex: number, timePs: number, callback: () => void): TimerHandle {
    return this.armed(this.insert(timePs, nodeIndex * KEYS_PER_NODE + PORT_TIMER_CLASS, callback));
  }

  /** Puts something else in the place of what the pending timers of a node's model do. */
  replaceTimers(nodeIndex: number, replace: (timer: TimerHandle, callback: () => void) => () => void): void {
    const key = nodeIndex * KEYS_PER_NODE + TIMER_CLASS;
    for (let slot = 0; slot < this.callbacks.length; slot++) {
      if (!this.queue.isPending(slot) || this.queue.orderKeyOf(slot) !== key) continue;
      this.callbacks[slot] = replace(this.generations[slot]! * SLOT_LIMIT + slot, this.callbacks[slot]!);
    }
  }

  /** Takes back a timer that is still pending; anything else is ignored. */
  cancelTimer(timer: TimerHandle): void {
    const slot = timer % SLOT_LIMIT;
    if (this.generations[slot] !== (timer - slot) / SLOT_LIMIT) return;
    this.generations[slot]!++;
    this.callbacks[slot] = alreadyFired;
    this.queue.remove(slot);
  }

  /**
   * Makes a node's port known.
   * @param deliver takes the frame at the head of the port
   * @returns its name for `scheduleFrame`
   */
  addPort(nodeIndex: number, port: number, deliver: () => void): PortHandle {
    const slot = this.queue.reserve(nodeIndex * KEYS_PER_NODE + port);
    this.callbacks[slot] = deliver;
    this.generations[slot] = NO_TIMER;
    return slot;
  }

  /** Schedules the delivery of the frame at the head of a port, for which none is pending. */
  scheduleFrame(port: PortHandle, timePs: number): void {
    this.checkTime(timePs);
    this.queue.insertReserved(port, timePs);
  }

  /** Takes back the pending delivery of a port. */
  cancelFrame(port: PortHandle): void {
    this.queue.remove(port);
  }

  /** Schedules what comes to a node from outside, now or later; inputs of one instant go in the order of these calls. */
  scheduleInput(nodeIndex: number, timePs: number, deliver: () => void): void {
    this.armed(this.insert(timePs, nodeIndex * KEYS_PER_NODE + INPUT_CLASS, deliver));
  }

  /**
   * Schedules what a fault does to a node, now or later: after all that the node does by itself at that instant, so that
   * it makes no difference when the order was given.
   */
  scheduleFault(nodeIndex: number, timePs: number, strike: () => void): void {
    this.armed(this.insert(timePs, nodeIndex * KEYS_PER_NODE + FAULT_CLASS, strike));
  }

  /**
   * Executes events strictly before `limitPs` (or what `lowerLimit` makes of it), in order, at most `maximumEvents`.
   * @returns how many were executed; fewer than the maximum means that none is left before the limit
   */
  run(limitPs: number, maximumEvents: number = Number.POSITIVE_INFINITY): number {
    let count = 0;
    const queue = this.queue;
    const { callbacks, generations } = this;
    this.limitPs = limitPs;
    while (count < maximumEvents) {
      const timePs = queue.earliestPs();
      if (timePs >= this.limitPs) break;
      const slot = queue.pop();
      const callback = callbacks[slot] as () => void;
      const generation = generations[slot] as number;
      if (generation !== NO_TIMER) {
        callbacks[slot] = alreadyFired;
        generations[slot] = generation + 1;
      }
      this.currentPs = timePs;
      count++;
      this.executed++;
      callback();
    }
    return count;
  }

  /** The port whose frame the next event delivers, if it is one; something must be pending. */
  nextSlot(): PortHandle {
    return this.queue.firstSlot();
  }

  /**
   * Executes the next event before its turn: others may still come before it that have nothing to do with it. Emulated
   * time is afterwards where it was.
   */
  runAhead(): void {
    const beforePs = this.currentPs;
    this.run(NEVER_PS, 1);
    if (this.currentPs > this.aheadPs) this.aheadPs = this.currentPs;
    this.currentPs = beforePs;
  }

  /** Ends the current `run` earlier: what an event just sent may come back as early as this. */
  lowerLimit(limitPs: number): void {
    if (limitPs < this.limitPs) this.limitPs = limitPs;
  }

  private armed(slot: number): TimerHandle {
    const generation = (this.generations[slot] ?? 0) + 1;
    this.generations[slot] = generation;
    return generation * SLOT_LIMIT + slot;
  }

  private insert(timePs: number, orderKey: number, callback: () => void): number {
    this.checkTime(timePs);
    const slot = this.queue.insert(timePs, orderKey);
    assert(slot < SLOT_LIMIT, 'more than four million pending events');
    this.callbacks[slot] = callback;
    return slot;
  }

  private checkTime(timePs: number): void {
    // Comparing with the floor costs less than Number.isInteger where the argument is a double.
    if (!(timePs >= this.currentPs && timePs <= MAX_TIME_PS && Math.floor(timePs) === timePs)) {
      refuseTime(timePs, this.currentPs);
    }
  }
}

/**
 * Apart from where it is called, as everywhere on the path of a frame: `assert` has its message made for each call, and
 * the optimising compiler writes numbers of a template out before the branch that throws it. Both cost more than the
 * event itself.
 */
function refuseTime(timePs: number, nowPs: number): never {
  if (timePs < nowPs) throw new InvariantError(`event at ${timePs} ps lies before now, ${nowPs} ps`);
  throw new InvariantError(`event time ${timePs} ps is not an exact integer`);
}

function alreadyFired(): void {
  assert(false, 'an event fired twice');
}
