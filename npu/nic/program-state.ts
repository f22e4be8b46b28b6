import { SIGNALS } from '../execution/core.ts';
import { BLOCK_WORDS } from '../execution/registers.ts';
import type { ContextMode, Instruction } from '../isa/instruction.ts';
import type { Memory } from '../memory/memory.ts';
import type { Npu } from './npu.ts';
import type { RunSetup } from './program-setup.ts';
import { registerPlace } from './register-names.ts';

/** Registers and memories, as they are when they are asked for. */
export interface ProgramState {
  /** Unsigned value of a register of a context: names as in `ProgramRun.registers`. */
  register(name: string, context?: number, core?: number): number;
  /** Word of a core's local memory, unsigned. */
  local(word: number, core?: number): number;
  /** CTM or CLS of an island, by its place among those that have a core in the run. */
  islandMemory(name: 'ctm' | 'cls', island?: number): Memory;
  readonly emem: Memory;
  readonly imem: Memory;
}

export function stateOf(npu: Npu, contexts: ContextMode): ProgramState {
  return {
    register: (name, context = 0, core = 0) => {
      const { word, ofCore } = registerPlace(name, contexts);
      return npu.inspect(core).file[ofCore ? word : context * BLOCK_WORDS + word]! >>> 0;
    },
    local: (word, core = 0) => npu.inspect(core).local[word]! >>> 0,
    islandMemory: (name, island = 0) => npu.islandMemory(name, island),
    emem: npu.memory('emem'),
    imem: npu.memory('imem'),
  };
}

/** A context that has not ended. */
export interface UnfinishedContext {
  readonly core: number;
  readonly context: number;
  /** Where it goes on; for one that waits, what it waits in. */
  readonly instruction: number;
  /** Signals that it waits for; empty when it could go on. */
  readonly signals: readonly number[];
}

/** The contexts of a run that neither killed themselves nor wait for a frame. */
export function unfinishedContexts(npu: Npu, { program, cores, starts }: RunSetup): UnfinishedContext[] {
  const unfinished: UnfinishedContext[] = [];
  for (let index = 0; index < cores; index++) {
    const { core } = npu.inspect(index);
    for (const context of starts) {
      const pc = core.pc[context]!;
      const mask = core.waitMask[context]!;
      if (mask !== 0) {
        const instruction = waitsIn(program.instructions, pc);
        if (receives(program.instructions[instruction])) continue;
        const signals = Array.from({ length: SIGNALS }, (_, signal) => signal).filter(
          (signal) => (mask >>> signal) & 1,
        );
        unfinished.push({ core: index, context, instruction, signals });
      } else if (core.current === context || Number.isFinite(core.ready[context]!)) {
        unfinished.push({ core: index, context, instruction: pc, signals: [] });
      }
    }
  }
  return unfinished;
}

/** The instruction that gave the pipeline away: as many before the place where the context goes on as it defers, and one. */
function waitsIn(instructions: readonly Instruction[], pc: number): number {
  for (let defer = 0; defer <= 3; defer++) {
    const instruction = instructions[pc - 1 - defer];
    if (instruction === undefined || !('defer' in instruction) || instruction.defer !== defer) continue;
    if (instruction.kind === 'ctx_arb' || (instruction.kind === 'command' && instruction.completion === 'swap')) {
      return pc - 1 - defer;
    }
  }
  return pc;
}

function receives(instruction: Instruction | undefined): boolean {
  return instruction?.kind === 'command' && instruction.command.includes('packet_add_thread');
}
