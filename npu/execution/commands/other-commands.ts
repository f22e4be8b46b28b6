import type { CommandPlan } from './plan.ts';

/** Commands with an executor of their own, by target and name as objdump spells it. */
export const OTHER_COMMANDS: ReadonlyMap<
  string,
  Partial<Pick<CommandPlan, 'unit' | 'returns' | 'pair' | 'couples' | 'ringInOverride'>> & {
    readonly execute: NonNullable<CommandPlan['execute']>;
    readonly needsOverride?: boolean;
  }
> = new Map();
