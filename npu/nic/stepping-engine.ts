import { type Core, NEVER } from '../execution/core.ts';
import { Coupling } from '../execution/coupled-cores.ts';
import type { CoreEngine, ExecutionWorld } from '../execution/engine.ts';
import { executeNext, runCore } from '../execution/interpreter.ts';
import { OP_COMMAND } from '../execution/opcodes.ts';

/** An instruction that was executed, and the cycles around it. */
export interface ExecutedStep {
  readonly core: number;
  readonly context: number;
  readonly instruction: number;
  /** In which it was executed; a command: issued. */
  readonly cycle: number;
  /** Since the context gave the pipeline away: until its signals came, and from then until it had the pipeline again. */
  readonly signalWaitCycles: number;
  readonly pipelineWaitCycles: number;
  /** Before it: of the firmware's receive or send library, and to keep the distance of blocking commands. */
  readonly libraryCycles: number;
  readonly spacingCycles: number;
  /** Behind it: what a taken branch lost. */
  readonly branchCycles: number;
  /** With it, or with the deferred instructions behind it, the context gives the pipeline away. */
  readonly swaps: boolean;
}

/**
 * The interpreter, with a look at each instruction: for traces, counts and stops at an instruction. Other engines know
 * nothing of this and lose no time to it.
 * @param sees told of each instruction after it was executed; true stops the core there: whoever says so pauses the NPU
 */
export function steppingEngine(sees: (step: ExecutedStep) => boolean): CoreEngine {
  const steppers = new Map<Core, CoreStepper>();
  const coupling = new Coupling();
  const engine: CoreEngine = (world, core, until, sharedUntil) => {
    let stepper = steppers.get(core);
    if (stepper === undefined) {
      stepper = new CoreStepper(core);
      steppers.set(core, stepper);
    }
    const own = stepper;
    own.noteReady();
    const goesOn = () => !world.program.couples || coupling.goesOn(world, core, until);
    runCore(world, core, until, sharedUntil, () => {
      coupling.begin(core);
      own.run(world, sees, goesOn);
      if (world.program.couples) coupling.end(core);
    });
  };
  STEPPING.add(engine);
  return engine;
}

const STEPPING = new WeakSet<CoreEngine>();

/** Whether an engine looks at each instruction; it then keeps cores that reach into one another in step itself. */
export function isStepping(engine: CoreEngine): boolean {
  return STEPPING.has(engine);
}

/** What has to be remembered of one core between two of its instructions. */
class CoreStepper {
  private readonly core: Core;
  /** By context: when its signals came, as known before the last choice of who runs. */
  private readonly ready: Float64Array;
  /** By context: when it gave the pipeline away; NEVER when it had ended. */
  private readonly left: Float64Array;
  /** The running context was only interrupted by the end of a run. */
  private interrupted = false;
  // Cycles that passed before the instruction that is next.
  private signalWaitCycles = 0;
  private pipelineWaitCycles = 0;
  private libraryCycles = 0;
  private spacingCycles = 0;

  constructor(core: Core) {
    this.core = core;
    this.ready = core.ready.slice();
    this.left = new Float64Array(core.ready.length).fill(NEVER);
  }

  noteReady(): void {
    this.ready.set(this.core.ready);
  }

  /** One stay of a context in the pipeline. */
  run(world: ExecutionWorld, sees: (step: ExecutedStep) => boolean, goesOn: () => boolean): void {
    const { core } = this;
    const context = core.current;
    if (!this.interrupted) this.enter(context);
    while (core.running && goesOn()) {
      if (this.step(world, context, sees)) core.running = false;
    }
    this.interrupted = core.swapCycles < 0 && core.fault === undefined;
    const isGone = core.waitMask[context] === 0 && core.ready[context] === NEVER;
    this.left[context] = isGone ? NEVER : core.next + core.elapsed;
    this.noteReady();
  }

  private enter(context: number): void {
    const { core } = this;
    const ready = this.ready[context]!;
    const left = Math.min(this.left[context]!, ready);
    this.signalWaitCycles = ready - left;
    this.pipelineWaitCycles = core.next - ready;
    // The receive library works before the first instruction.
    this.libraryCycles = core.elapsed;
    this.spacingCycles = 0;
  }

  /** @returns whether the core has to stop here */
  private step(world: ExecutionWorld, context: number, sees: (step: ExecutedStep) => boolean): boolean {
    const { core } = this;
    const { program, profile } = world;
    const instruction = core.place;
    if (instruction >= program.length) {
      executeNext(world, core);
      return false;
    }
    const begin = core.elapsed;
    const slots = core.slots;
    const isSendPrepared = core.sendPrepared;
    const isCommand = program.op[instruction] === OP_COMMAND;
    executeNext(world, core);
    const passed = core.elapsed - begin;
    // Too early for an access to what cores share: only the wait before it has passed.
    const isPostponed = isCommand && core.place === instruction && core.slots === slots && core.fault === undefined;
    const extra = isPostponed ? passed : passed - profile.costs.instructionCycles;
    let branchCycles = 0;
    if (isCommand) {
      const librarySent = !isSendPrepared && core.sendPrepared ? profile.packet.sendCoreCycles : 0;
      this.libraryCycles += librarySent;
      this.spacingCycles += extra - librarySent;
    } else branchCycles = extra;
    if (isPostponed) return false;
    // The command of a swap is carried out here: its data belongs to this instruction.
    if (core.running && core.place === program.swapPlace) executeNext(world, core);
    const { signalWaitCycles, pipelineWaitCycles, libraryCycles, spacingCycles } = this;
    this.signalWaitCycles = 0;
    this.pipelineWaitCycles = 0;
    this.libraryCycles = 0;
    this.spacingCycles = 0;
    return sees({
      core: core.index,
      context,
      instruction,
      cycle: core.next + begin + (isCommand ? extra : 0),
      signalWaitCycles,
      pipelineWaitCycles,
      libraryCycles,
      spacingCycles,
      branchCycles,
      swaps: core.heldCommand === instruction,
    });
  }
}
