import { assert } from '../../base/assert.ts';
import { NEVER_PS } from '../../base/units.ts';
import type { NodeContext, TimerHandle } from '../../time/node.ts';
import { Lane } from './lane.ts';

/** Something with a clock of its own that is run along with the NIC's events: the NPU. */
export interface Machine {
  /** When it does something next, if nothing comes from outside; Infinity: never. */
  nextEventPs(): number;
  /** Runs it up to and including an instant. It may return earlier, when it did something that may come back to it. */
  runUntil(timePs: number): void;
}

/** Least delays between the worker's ports, its NIC and its host; positive integer picoseconds. */
export interface WorkerDelays {
  /** From a frame's arrival at its port to its first effect. */
  readonly portToNicPs: number;
  readonly portToHostPs: number;
  /** From what one does to its effect on the other. */
  readonly nicToHostPs: number;
  readonly hostToNicPs: number;
  /** From what is done to a port's queue. */
  readonly nicToPortPs: number;
  readonly hostToPortPs: number;
  /** What the host needs at least to pass something on, from a port to the NIC or from the NIC to a port. May be 0. */
  readonly hostReactionPs: number;
}

/** One of the worker's NICs: its events, and its NPU. */
interface NicLane {
  readonly lane: Lane;
  readonly machine: Machine;
}

/**
 * What happens inside the worker, in the order of emulated time, with as few events of the node as possible.
 *
 * A frame takes effect inside only some time after it has arrived, and whatever is done inside reaches a port's queue only
 * later. So at node time T everything inside up to T + input delay is certain, and nothing inside has to be done before
 * the node's time is the output delay later. Each event of the node therefore does a whole stretch of inner time
 * instead of one access to memory; and as the node's next event lies late, conservative time lets the other nodes run
 * further ahead. NICs and host have a lane each, since the host's delays are shorter and would shorten the NICs'
 * stretches; between the lanes the same rule holds: one goes on while nothing of the other can reach it. NICs reach one
 * another only through the host.
 */
export class Agenda {
  readonly host = new Lane();
  private readonly context: Pick<NodeContext, 'nowPs' | 'at' | 'cancel'>;
  private readonly delays: WorkerDelays;
  private readonly nics: NicLane[] = [];
  private timer: TimerHandle | undefined;
  private timerPs = NEVER_PS;
  private running = false;

  constructor(context: Pick<NodeContext, 'nowPs' | 'at' | 'cancel'>, delays: WorkerDelays) {
    for (const [name, delayPs] of Object.entries(delays)) {
      assert(delayPs > 0 || name === 'hostReactionPs', `${name} is ${delayPs} ps: it has to be positive`);
    }
    this.context = context;
    this.delays = delays;
    this.host.onChange = () => this.arm();
  }

  /** Adds a NIC, before anything happens. @returns where its events are */
  addNic(machine: Machine): Lane {
    const lane = new Lane();
    lane.onChange = () => this.arm();
    this.nics.push({ lane, machine });
    return lane;
  }

  /** A frame for a NIC arrived just now, and was taken in at an instant from now on. */
  arriveAtNic(nic: Lane, takenPs: number, callback: () => void): void {
    assert(takenPs >= this.context.nowPs(), `a frame taken in at ${takenPs} ps, before it arrived`);
    nic.arriveAt(takenPs + this.delays.portToNicPs, callback);
  }

  /** A frame for the host's own interface arrived just now. */
  arriveAtHost(callback: () => void): void {
    this.host.arriveAt(this.context.nowPs() + this.delays.portToHostPs, callback);
  }

  /** Has the node wake up in time for what is next inside. */
  private arm(): void {
    if (this.running) return;
    const { nicToPortPs, hostToPortPs, nicToHostPs, hostToNicPs, hostReactionPs } = this.delays;
    // Straight to a port, or through the other lane.
    const nextPs = Math.min(
      this.nicNextPs() + Math.min(nicToPortPs, nicToHostPs + hostReactionPs + hostToPortPs),
      this.host.nextPs() + Math.min(hostToPortPs, hostToNicPs + nicToPortPs),
    );
    const timerPs = Math.max(nextPs, this.context.nowPs());
    if (timerPs === this.timerPs) return;
    if (this.timer !== undefined) this.context.cancel(this.timer);
    this.timer = timerPs === NEVER_PS ? undefined : this.context.at(timerPs, () => this.advance());
    this.timerPs = timerPs;
  }

  private nicNextPs(): number {
    let nextPs = NEVER_PS;
    for (let i = 0; i < this.nics.length; i++) nextPs = Math.min(nextPs, nextPsOf(this.nics[i]!));
    return nextPs;
  }

  private advance(): void {
    this.timer = undefined;
    this.timerPs = NEVER_PS;
    this.running = true;
    const nowPs = this.context.nowPs();
    const { portToNicPs, portToHostPs, nicToHostPs, hostToNicPs, hostReactionPs } = this.delays;
    // What has not arrived yet, at a port of either, can have an effect only later than this.
    const nicCertainPs = nowPs + Math.min(portToNicPs, portToHostPs + hostReactionPs + hostToNicPs);
    const hostCertainPs = nowPs + Math.min(portToHostPs, portToNicPs + nicToHostPs);
    for (;;) {
      const hostPs = this.host.nextPs();
      // The NIC that is first, and the first of the others.
      let nic = this.nics[0]!;
      let nicPs = nextPsOf(nic);
      let otherPs = NEVER_PS;
      for (let i = 1; i < this.nics.length; i++) {
        const nextPs = nextPsOf(this.nics[i]!);
        otherPs = Math.min(otherPs, Math.max(nextPs, nicPs));
        if (nextPs >= nicPs) continue;
        nic = this.nics[i]!;
        nicPs = nextPs;
      }
      const nicUntilPs = Math.min(nicCertainPs, hostPs + hostToNicPs - 1, otherPs + nicToHostPs + hostToNicPs - 1);
      if (nicPs <= nicUntilPs) runNic(nic, nicUntilPs);
      else if (hostPs <= Math.min(hostCertainPs, nicPs + nicToHostPs - 1)) this.host.step();
      else break;
    }
    this.running = false;
    this.arm();
  }
}

function nextPsOf({ lane, machine }: NicLane): number {
  return Math.min(lane.nextPs(), machine.nextEventPs());
}

/** One event of the NIC's lane, or the machine up to the next one. */
function runNic({ lane, machine }: NicLane, untilPs: number): void {
  const entryPs = lane.nextPs();
  if (machine.nextEventPs() <= entryPs) machine.runUntil(Math.min(entryPs, untilPs));
  else lane.step();
}
