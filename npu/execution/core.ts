import { Cam } from './cam.ts';
import { CONTEXTS, type ContextBlock, SIGNALS } from './context-block.ts';
import { CORE_WORDS, LOCAL_MEMORY_WORDS } from './registers.ts';

/** No cycle: the context waits for something that nobody has promised yet, or is dead. */
export const NEVER = Number.POSITIVE_INFINITY;

export { SIGNALS };

/** See `csr.ts`. */
const INDEX_REGISTERS = 5;

/** NNsendConfig and NNreceiveConfig of CSR CtxEnables: the core itself (open nfp6000/nfp_me.h). */
export const OWN_NEIGHBOUR = 0x10_0001;

/** Why a request was stopped. */
export type FaultKind =
  | 'unmapped-read'
  | 'unmapped-write'
  | 'misaligned'
  | 'bad-length'
  | 'bad-override'
  | 'bad-frame'
  | 'local-memory'
  | 'bad-jump'
  | 'watchdog'
  | 'cycle-budget';

/** What a fault needs beside the place: set where it is seen, raised at the next place where the request can stop. */
export interface PendingFault {
  readonly kind: FaultKind;
  readonly instruction: number;
  readonly memory: string;
  readonly address: number;
}

/**
 * One core: a pipeline that up to eight contexts share. Exactly one context runs until it gives the pipeline away;
 * condition codes, multiplier and "previous instruction" belong to the core and do not survive that.
 */
export class Core {
  /** Place in the order of ties: interleaved over islands. */
  readonly index: number;
  /** Index of the island in the profile's list. */
  readonly island: number;
  readonly islandNumber: number;
  readonly numberInIsland: number;
  /** First word of this core in the register file and in the local memories. */
  readonly fileBase: number;
  readonly localBase: number;

  /** The running context, or -1 while the core waits for one to be ready. */
  current = -1;
  /** When this core next does something, if nothing comes from outside. */
  next = NEVER;
  /** The pipeline is given away from this cycle on; only while `current` is -1. */
  pipelineFree = 0;
  /** Context that ran last: the search for the next one starts behind it. */
  last = CONTEXTS - 1;

  // By context.
  readonly pc: Int32Array;
  /** When a waiting context can run; NEVER while a signal is missing. */
  readonly ready: Float64Array;
  /** Signals that are still waited for: mask, 0 when `ready` is known. */
  readonly waitMask = new Int32Array(CONTEXTS);
  readonly waitAny: Int32Array;
  /** By context and signal: the cycle in which it is (or was) raised, NEVER if nothing will raise it. */
  readonly signals: Float64Array;
  /** Core cycles to spend when the context runs next: the receive library of the firmware. */
  readonly wakeCycles: Int32Array;
  /** Core cycles that the request has used. */
  readonly used: Float64Array;
  /** Core cycles that it may use: what its frame came with, else the watchdog's. */
  readonly budget: Float64Array;
  /** Whether the context has received a frame since it started: else a fault would repeat for ever. */
  readonly received = new Uint8Array(CONTEXTS);
  /** Sequence number and ingress port of the frame in the context's buffer. */
  readonly sequence = new Float64Array(CONTEXTS);
  readonly ingressPort = new Int32Array(CONTEXTS);
  /** Lambda that the frame asks for: index in the image's list, -1 for none. */
  readonly lambda = new Int32Array(CONTEXTS).fill(-1);
  /** Of the receive command that the context waits in: where the description goes, and what wakes it. */
  readonly receiveXfer = new Int32Array(CONTEXTS);
  readonly receiveSignal = new Int32Array(CONTEXTS);

  // By context and pointer: local-memory index CSRs. A new value counts some cycles after its write.
  readonly localPointer: Int32Array;
  readonly localPointerOld: Int32Array;
  readonly localPointerWritten: Float64Array;
  readonly mailboxes = new Int32Array(4);
  // By context: the events that the last wait named (CSR ActCtxWkpEvt), and the alarm (FtrCnt, FtrCntSgl): what was
  // written, the signal that is set for it and the cycle in which it comes.
  readonly wakeEvents: Int32Array;
  readonly futureCount = new Int32Array(CONTEXTS);
  readonly futureSignal = new Int32Array(CONTEXTS);
  readonly alarm = new Float64Array(CONTEXTS).fill(NEVER);
  readonly alarmSignal = new Int32Array(CONTEXTS);

  // Of the core: T_INDEX, ByteIndex, NNPut, NNGet, PredCC (`csr.ts`), with the values that count until new ones do.
  readonly indexes = new Int32Array(INDEX_REGISTERS);
  readonly indexesOld = new Int32Array(INDEX_REGISTERS);
  readonly indexesWritten = new Float64Array(INDEX_REGISTERS).fill(Number.NEGATIVE_INFINITY);
  /** CSRs CSRCtxPtr and CmdIndirectRef0. */
  csrContext = 0;
  /** Of CSR CtxEnables: whose next-neighbour registers it writes and who writes its own; after a reset itself, both. */
  neighbourConfiguration = OWN_NEIGHBOUR;
  indirectReference = 0;
  /** CSR CRCRemainder, what reading it gives until `crcUpdated` is long enough ago, and that cycle. */
  crcRemainder = 0;
  crcSettled = 0;
  crcUpdated = Number.NEGATIVE_INFINITY;
  readonly cam = new Cam();
  /** Words of the last `byte_align_le` and `byte_align_be`. */
  alignedA = 0;
  alignedB = 0;

  // The running context's stay in the pipeline. Cycles are counted from `next` on.
  /** First word of its registers in the register file. */
  block = 0;
  /** Instruction to execute next. */
  place = 0;
  /** Issue of the instruction that is being executed, and the cycle behind it. */
  issue = 0;
  elapsed = 0;
  /** False when the stay ends or pauses. */
  running = false;
  /** What the swap to the next context costs; -1 while the context keeps the pipeline. */
  swapCycles = -1;
  /** The cycle behind the instruction that set the condition codes, -1 when that was in an earlier stay. */
  conditionsAt = -1;
  /** `slots` before the instruction that is being executed. */
  slotsBefore = 0;
  /** Last cycle of the run, of a taken branch before the stay pauses, of a command, and of the request's budget. */
  untilCycles = 0;
  stretchCycles = 0;
  sharedCycles = 0;
  budgetCycles = NEVER;

  // State of the pipeline between two stays.
  conditionResult = 0;
  carry = 0;
  overflow = 0;
  /** Result of the instruction before (override of a command, sign of asr), and its A operand (indirect shifts). */
  previous = 0;
  previousA = 0;
  productLow = 0;
  productHigh = 0;
  csrValue = 0;
  /** Deferred instructions still to execute, and where to go then. */
  slots = 0;
  slotTarget = 0;
  /** A command with deferred swap: its place and what it read from registers. */
  heldCommand = -1;
  heldA = 0;
  heldB = 0;
  heldPrevious = 0;
  /** The send library's cycles have been spent for the send command that comes. */
  sendPrepared = false;
  /** Earliest cycle of the next command with swap. */
  blockingFree = 0;

  fault: PendingFault | undefined;
  /** Budget of a context without a frame. */
  private watchdogCycles = NEVER;

  // Counters.
  busyCycles = 0;
  swaps = 0;
  commands = 0;
  /** Cycles between commands with swap and their signals, over all contexts. */
  waitCycles = 0;

  /** @param contexts where the core keeps what it knows of its contexts */
  constructor(index: number, island: number, islandNumber: number, numberInIsland: number, contexts: ContextBlock) {
    this.index = index;
    this.island = island;
    this.islandNumber = islandNumber;
    this.numberInIsland = numberInIsland;
    this.fileBase = index * CORE_WORDS;
    this.localBase = index * LOCAL_MEMORY_WORDS;
    this.pc = contexts.pc;
    this.ready = contexts.ready.fill(NEVER);
    this.waitAny = contexts.waitAny;
    this.signals = contexts.signals.fill(NEVER);
    this.wakeCycles = contexts.wakeCycles;
    this.used = contexts.used;
    this.budget = contexts.budget.fill(NEVER);
    this.localPointer = contexts.localPointer;
    this.localPointerOld = contexts.localPointerOld;
    this.localPointerWritten = contexts.localPointerWritten.fill(Number.NEGATIVE_INFINITY);
    this.wakeEvents = contexts.wakeEvents;
  }

  /** Cycle of the instruction that is being executed. */
  get now(): number {
    return this.next + this.issue;
  }

  /** As after the chip's reset: no context runs until it is started. Counters go on. */
  reset(cycle: number, watchdogCycles: number): void {
    this.watchdogCycles = watchdogCycles;
    for (let context = 0; context < CONTEXTS; context++) {
      this.startContext(context, 0, NEVER);
    }
    this.mailboxes.fill(0);
    this.wakeEvents.fill(0);
    this.futureCount.fill(0);
    this.futureSignal.fill(0);
    this.indexes.fill(0);
    this.indexesOld.fill(0);
    this.indexesWritten.fill(Number.NEGATIVE_INFINITY);
    this.csrContext = 0;
    this.neighbourConfiguration = OWN_NEIGHBOUR;
    this.indirectReference = 0;
    this.crcRemainder = 0;
    this.crcSettled = 0;
    this.crcUpdated = Number.NEGATIVE_INFINITY;
    this.cam.clear();
    this.alignedA = 0;
    this.alignedB = 0;
    this.productLow = 0;
    this.productHigh = 0;
    this.csrValue = 0;
    this.localPointer.fill(0);
    this.localPointerOld.fill(0);
    this.current = -1;
    this.next = cycle;
    this.last = CONTEXTS - 1;
    this.slots = 0;
    this.heldCommand = -1;
    this.sendPrepared = false;
    this.blockingFree = 0;
    this.conditionResult = 0;
    this.carry = 0;
    this.overflow = 0;
    this.previous = 0;
    this.previousA = 0;
    this.fault = undefined;
  }

  /** A context begins at an instruction, with nothing pending. */
  startContext(context: number, instruction: number, cycle: number): void {
    this.pc[context] = instruction;
    this.ready[context] = cycle;
    this.waitMask[context] = 0;
    this.signals.fill(NEVER, context * SIGNALS, (context + 1) * SIGNALS);
    this.localPointerWritten.fill(Number.NEGATIVE_INFINITY, context * 4, context * 4 + 4);
    this.alarm[context] = NEVER;
    this.wakeCycles[context] = 0;
    this.used[context] = 0;
    this.budget[context] = this.watchdogCycles;
    this.received[context] = 0;
    this.lambda[context] = -1;
  }

  killContext(context: number): void {
    this.ready[context] = NEVER;
    this.waitMask[context] = 0;
  }

  /** The running context waits until all signals of the mask (bits 1..15) are raised, which consumes them. */
  waitForAll(context: number, mask: number): void {
    const first = context * SIGNALS;
    let ready = 0;
    for (let rest = mask; rest !== 0; rest &= rest - 1) {
      const raised = this.signals[first + 31 - Math.clz32(rest & -rest)]!;
      if (raised > ready) ready = raised;
    }
    this.waitAny[context] = 0;
    this.ready[context] = ready;
    if (ready === NEVER) {
      this.waitMask[context] = mask;
      return;
    }
    this.waitMask[context] = 0;
    for (let rest = mask; rest !== 0; rest &= rest - 1) {
      this.signals[first + 31 - Math.clz32(rest & -rest)] = NEVER;
    }
  }

  /** Until one of them is; none is consumed: the program finds out by `br_signal`, which does. */
  waitForAny(context: number, mask: number): void {
    const first = context * SIGNALS;
    let ready = NEVER;
    for (let rest = mask; rest !== 0; rest &= rest - 1) {
      ready = Math.min(ready, this.signals[first + 31 - Math.clz32(rest & -rest)]!);
    }
    this.waitAny[context] = 1;
    this.ready[context] = ready;
    this.waitMask[context] = ready === NEVER ? mask : 0;
  }

  /** A signal will be (or is) raised in a cycle; a context that waited for it learns when it can run. */
  raise(context: number, signal: number, cycle: number): void {
    if (signal === 0) return;
    const at = context * SIGNALS + signal;
    if (cycle < this.signals[at]!) this.signals[at] = cycle;
    const mask = this.waitMask[context]!;
    if (mask === 0) return;
    if (this.waitAny[context] === 1) this.waitForAny(context, mask);
    else this.waitForAll(context, mask);
  }

  /**
   * Chooses who runs from a cycle on: the next ready context behind the last one. Sets `current` and `next` (the cycle
   * in which it starts). Decides nothing that lies behind `until`, since a frame may still arrive before.
   */
  arbitrate(free: number, until: number): void {
    this.pipelineFree = free;
    this.current = -1;
    if (free > until) {
      this.next = free;
      return;
    }
    const { ready, last } = this;
    let earliest = NEVER;
    let chosen = -1;
    for (let i = 1; i <= CONTEXTS; i++) {
      const context = (last + i) & (CONTEXTS - 1);
      const cycle = ready[context]!;
      if (cycle <= free) {
        earliest = free;
        chosen = context;
        break;
      }
      if (cycle < earliest) {
        earliest = cycle;
        chosen = context;
      }
    }
    this.next = earliest;
    if (earliest > until || chosen < 0) return;
    this.current = chosen;
    this.last = chosen;
    ready[chosen] = NEVER;
  }

  /** Something from outside made a context ready while the core may be waiting. @returns whether `next` changed */
  wakeIfWaiting(context: number): boolean {
    if (this.current >= 0) return false;
    const cycle = Math.max(this.ready[context]!, this.pipelineFree);
    if (cycle >= this.next) return false;
    this.next = cycle;
    return true;
  }
}
