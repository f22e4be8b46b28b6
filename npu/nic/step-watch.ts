import { CycleAccount } from './cycle-account.ts';
import type { Npu } from './npu.ts';
import type { RunSetup } from './program-setup.ts';
import type { ProgramState } from './program-state.ts';
import { RegisterWatch } from './register-watch.ts';
import type { ProgramRun } from './run-program.ts';
import type { ExecutedStep } from './stepping-engine.ts';

/** Whether a run asks for anything that has to look at every instruction. */
export function looksAtInstructions(run: ProgramRun): boolean {
  const { account, trace, until, limitInstructions } = run;
  return account === true || trace !== undefined || until !== undefined || limitInstructions !== undefined;
}

/** Looks at every instruction as it is executed, for a run that asked for that. */
export class StepWatch {
  readonly account = new CycleAccount();
  /** Set when the run has to stop. */
  stop: 'instruction-limit' | 'condition' | undefined;
  private readonly run: ProgramRun;
  private readonly npu: Npu;
  private readonly state: ProgramState;
  private readonly registers: RegisterWatch | undefined;

  /** @param npu prepared, before it runs */
  constructor(run: ProgramRun, setup: RunSetup, npu: Npu, state: ProgramState) {
    this.run = run;
    this.npu = npu;
    this.state = state;
    this.registers = run.trace === undefined ? undefined : new RegisterWatch(npu, setup.program.contexts, setup.cores);
  }

  /** @returns whether the run has to stop here */
  sees(step: ExecutedStep): boolean {
    const { run, account, registers, state } = this;
    account.add(step);
    if (registers !== undefined) run.trace?.({ ...step, changed: registers.changed(step.core, step.context) });
    if (run.until?.(state) === true) this.stop = 'condition';
    else if (run.limitInstructions !== undefined && account.instructions >= run.limitInstructions) {
      this.stop = 'instruction-limit';
    }
    if (this.stop !== undefined) this.npu.pause();
    return this.stop !== undefined;
  }
}
