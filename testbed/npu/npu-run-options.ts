import type { ContextMode } from '../../npu/isa/instruction.ts';

/** The first is the default: it accounts for every cycle; the other is faster and does not. */
export const NPU_ENGINES = ['interpreter', 'translator'] as const;

/** What `testbed npu run` was asked for, after the command line was checked. */
export interface NpuRunOptions {
  readonly file: string;
  readonly profile: string;
  readonly contextMode: ContextMode;
  readonly contexts: number;
  readonly cores: number;
  readonly registers: readonly string[];
  readonly memories: readonly string[];
  readonly packets: readonly string[];
  readonly repeat: number;
  readonly limitCycles: number;
  readonly engine: (typeof NPU_ENGINES)[number];
  readonly trace: boolean;
  readonly json: boolean;
}
