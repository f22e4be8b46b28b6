import { assert } from '../../base/assert.ts';
import type { ExecutedStep } from './stepping-engine.ts';

/**
 * Where the time of a context went. Instructions, lost branch cycles, spacing and library are its pipeline cycles; they,
 * and both kinds of waiting, add up to the cycle of its last instruction.
 */
export interface ContextAccount {
  readonly core: number;
  readonly context: number;
  readonly instructions: number;
  /** Cycles of the pipeline that taken branches lost. */
  readonly branchCycles: number;
  /** Cycles that the pipeline stood still to keep the distance of blocking commands. */
  readonly spacingCycles: number;
  /** Cycles of the firmware's receive and send library. */
  readonly libraryCycles: number;
  /** Times that it gave the pipeline away. */
  readonly swaps: number;
  /** Cycles until its signals came: memory, mostly. */
  readonly signalWaitCycles: number;
  /** Cycles that it could have run and others did, those of swapping included. */
  readonly pipelineWaitCycles: number;
}

type MutableAccount = { -readonly [K in keyof ContextAccount]: ContextAccount[K] };

/** Adds up what contexts do, instruction by instruction. */
export class CycleAccount {
  /** Over all contexts. */
  instructions = 0;
  private readonly byContext = new Map<number, MutableAccount>();

  /** Those that executed anything, by core, then context. */
  get contexts(): ContextAccount[] {
    return [...this.byContext.values()].sort((a, b) => a.core - b.core || a.context - b.context);
  }

  add(step: ExecutedStep): void {
    this.instructions++;
    const account = this.of(step.core, step.context);
    account.instructions++;
    account.branchCycles += step.branchCycles;
    account.spacingCycles += step.spacingCycles;
    account.libraryCycles += step.libraryCycles;
    account.signalWaitCycles += step.signalWaitCycles;
    account.pipelineWaitCycles += step.pipelineWaitCycles;
    if (step.swaps) account.swaps++;
    assert(step.branchCycles >= 0 && step.spacingCycles >= 0, 'no instruction takes less than its cycle');
  }

  private of(core: number, context: number): MutableAccount {
    const key = core * 8 + context;
    let account = this.byContext.get(key);
    if (account === undefined) {
      account = {
        core,
        context,
        instructions: 0,
        branchCycles: 0,
        spacingCycles: 0,
        libraryCycles: 0,
        swaps: 0,
        signalWaitCycles: 0,
        pipelineWaitCycles: 0,
      };
      this.byContext.set(key, account);
    }
    return account;
  }
}
