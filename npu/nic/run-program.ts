import { InputError } from '../../base/errors.ts';
import { NEVER } from '../execution/core.ts';
import type { CoreEngine } from '../execution/engine.ts';
import type { FirmwareData, FirmwareLine, FirmwareRegion, FirmwareSymbol } from '../image/firmware-image.ts';
import type { ContextMode, Instruction } from '../isa/instruction.ts';
import type { NicProfile } from '../profile.ts';
import { createTranslatingEngine } from '../translate/translating-engine.ts';
import type { ContextAccount } from './cycle-account.ts';
import { Npu, type NpuFault } from './npu.ts';
import { feedPackets, type PacketArrival, type PacketReport, packetReport } from './packet-feed.ts';
import { type ProgramChanges, programChanges } from './program-changes.ts';
import { prepareRun, type RunSetup, setupOf, startAgain } from './program-setup.ts';
import { type ProgramState, stateOf, type UnfinishedContext, unfinishedContexts } from './program-state.ts';
import { looksAtInstructions, StepWatch } from './step-watch.ts';
import { type ExecutedStep, steppingEngine } from './stepping-engine.ts';

/** A program on one core or some, with all that it finds there. */
export interface ProgramRun {
  readonly profile: NicProfile;
  readonly instructions: readonly Instruction[];
  /** How many contexts a core's registers are shared out to; default 8. */
  readonly contexts?: ContextMode;
  /** Instruction where contexts start; default 0. */
  readonly entry?: number;
  /** Functions and source lines, for faults. */
  readonly symbols?: readonly FirmwareSymbol[];
  readonly lines?: readonly FirmwareLine[];

  /** Cores that run it, spread over the islands; they share EMEM and IMEM, and CTM and CLS of an island. Default 1. */
  readonly cores?: number;
  /** Contexts of each core that start; default: context 0 alone. */
  readonly starts?: readonly number[];
  /**
   * Before the start, in every context that starts: `gprA_3`, `gprB_0`, `xfer_2` (transfer-in), `out_2` (transfer-out),
   * `nreg_0`; `@gprA_17` is the register of one context (context 1 of 8, gprA_1).
   */
  readonly registers?: Readonly<Record<string, number>>;
  /** Memories, local memory and what tables hold before the start. What no data covers is zero. */
  readonly data?: readonly FirmwareData[];
  /** Default: all of EMEM, IMEM, CTM and CLS; of local memory a context may use its own slice in any case. */
  readonly regions?: readonly FirmwareRegion[];
  /** In the packet buffer of every context that starts, from `profile.packet.frameOffsetOctets` on. */
  readonly packetBuffer?: Uint8Array;
  /** Frames for contexts that receive. */
  readonly packets?: Iterable<PacketArrival>;
  /** Times that the program runs, each begun when all contexts have ended the one before. Default 1. */
  readonly repeat?: number;

  /** Stops here if the program does not; default 10^9. */
  readonly limitCycles?: number;
  /** Stops after so many instructions, over all contexts. */
  readonly limitInstructions?: number;
  /** Asked after each instruction; true stops the run. */
  readonly until?: (state: ProgramState) => boolean;

  /** Default the translating engine. Not together with what looks at every instruction: account, trace, limit, until. */
  readonly engine?: CoreEngine;
  /** Counts instructions and lost cycles by context: `ProgramResult.account`. */
  readonly account?: boolean;
  /** Told of each instruction after it was executed. */
  readonly trace?: (step: TracedStep) => void;
  /** Frames sent that the result keeps; default all. */
  readonly keepFrames?: number;
  /** Told of each write of a mailbox CSR (0 to 3, unsigned value), in the order of a core's instructions. */
  readonly mailbox?: (core: number, mailbox: number, value: number) => void;
}

/**
 * Why a run came to its end: `ended`: every context has killed itself, was stopped by a fault or waits for a frame;
 * `waiting`: one waits for a signal that nothing will raise; else a limit, or what `until` said.
 */
export type RunEnd = 'ended' | 'waiting' | 'cycle-limit' | 'instruction-limit' | 'condition';

/** An instruction that was executed, with the registers and words of local memory that it changed. */
export interface TracedStep extends ExecutedStep {
  /** Unsigned values by name: `gprA_0`; `ctx3.gprA_0` of another context; `local[12]`. */
  readonly changed: Readonly<Record<string, number>>;
}

export interface SentFrame {
  readonly cycle: number;
  readonly port: number;
  readonly frame: Uint8Array;
}

export interface ProgramResult extends ProgramState {
  /** From the first instruction to the last context's end (`ctx_arb[kill]` included); or the limit. */
  readonly cycles: number;
  /** Of each time that the program ran. */
  readonly rounds: readonly number[];
  /** Whether nothing would happen any more. */
  readonly ended: boolean;
  readonly end: RunEnd;
  readonly unfinished: readonly UnfinishedContext[];
  readonly faults: readonly NpuFault[];
  /** Those kept, of `framesSent`. */
  readonly frames: readonly SentFrame[];
  readonly framesSent: number;
  readonly packets: PacketReport;
  /** By core and context, of those that executed anything; empty unless it was asked for. */
  readonly account: readonly ContextAccount[];
  /** What is not as it was before the start. */
  changes(): ProgramChanges;
  readonly npu: Npu;
}

const MOST_CYCLES = 1_000_000_000;

/**
 * Runs a program on the first cores of a NIC until nothing happens any more.
 * @throws InputError `npu-...` for what this NPU does not execute, does not fit it, or is no register or context of it
 */
export function runProgram(run: ProgramRun): ProgramResult {
  const { limitCycles = MOST_CYCLES, keepFrames = Number.POSITIVE_INFINITY, packets = [] } = run;
  checkTogether(run);
  const setup = setupOf(run);
  const { profile } = setup;
  const faults: NpuFault[] = [];
  const frames: SentFrame[] = [];
  const sendCycles: number[] = [];
  let watch: StepWatch | undefined;
  const npu = new Npu(
    profile,
    {
      onSend: (cycle, port, frame) => {
        sendCycles.push(cycle);
        if (frames.length < keepFrames) frames.push({ cycle, port, frame });
      },
      onFault: (fault) => faults.push(fault),
      onMailbox: (core, mailbox, value) => run.mailbox?.(core, mailbox, value),
    },
    looksAtInstructions(run)
      ? steppingEngine((step) => watch?.sees(step) === true)
      : (run.engine ?? createTranslatingEngine()),
  );
  prepareRun(npu, run, setup);
  const state = stateOf(npu, setup.program.contexts);
  watch = new StepWatch(run, setup, npu, state);
  const isStopped = () => watch?.stop !== undefined;
  const fed = feedPackets(npu, packets, limitCycles, isStopped);
  const rounds = [endOf(npu, setup, limitCycles, faults)];
  let cycles = rounds[0]!;
  while (rounds.length < (run.repeat ?? 1) && npu.nextEventCycle() === NEVER && faults.length === 0 && !isStopped()) {
    const beginCycle = cycles + profile.costs.contextSwapCycles;
    startAgain(npu, run, setup, beginCycle);
    feedPackets(npu, [], limitCycles, isStopped);
    cycles = endOf(npu, setup, limitCycles, faults);
    rounds.push(cycles - beginCycle);
  }

  const ended = npu.nextEventCycle() === NEVER;
  const unfinished = unfinishedContexts(npu, setup);
  const dropped = npu.counters.framesDropped;
  return {
    ...state,
    cycles,
    rounds,
    ended,
    end: watch.stop ?? (!ended ? 'cycle-limit' : unfinished.length > 0 ? 'waiting' : 'ended'),
    unfinished,
    faults,
    frames,
    framesSent: sendCycles.length,
    packets: packetReport(profile, { ...fed, dropped, untaken: npu.waitingFrames, sendCycles, cycles }),
    account: watch.account.contexts,
    changes: () => programChanges(run, setup, npu, fed.delivered > 0),
    npu,
  };
}

/** @throws InputError `npu-run-options` */
function checkTogether(run: ProgramRun): void {
  if (run.engine !== undefined && looksAtInstructions(run)) {
    throw new InputError(
      'npu-run-options',
      'account, trace, until and limitInstructions look at every instruction: expected no engine beside them',
    );
  }
  if (run.packets !== undefined && (run.repeat ?? 1) !== 1) {
    throw new InputError(
      'npu-run-options',
      'repeat is for programs that end: repeat the packets of the stream instead',
    );
  }
}

/** When the last context ended; the limit, or how far the run came, when there is work left. */
function endOf(npu: Npu, { profile, cores }: RunSetup, limitCycles: number, faults: readonly NpuFault[]): number {
  if (npu.nextEventCycle() !== NEVER) return Math.min(limitCycles, npu.nextEventCycle());
  const { contextSwapCycles } = profile.costs;
  const ends = Array.from({ length: cores }, (_, core) => npu.inspect(core).core.pipelineFree - contextSwapCycles);
  return Math.max(0, ...ends, ...faults.map(({ cycle }) => cycle));
}
