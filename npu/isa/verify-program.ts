import { BRANCH_SPACE, type ContextMode, type Instruction } from './instruction.ts';
import { verifyInstruction } from './verify.ts';
import type { InstructionProblem } from './verify-operands.ts';

/** A problem with the index of its instruction. */
export interface ProgramProblem extends InstructionProblem {
  readonly instruction: number;
}

/**
 * What a program breaks: the rules of each instruction, branch targets inside the program, deferred instructions that
 * are there and do not branch themselves, no way past the end, and no more than a code store holds.
 */
export function verifyProgram(instructions: readonly Instruction[], contexts: ContextMode = 8): ProgramProblem[] {
  const problems: ProgramProblem[] = [];
  const add = (
    instruction: number,
    code: InstructionProblem['code'],
    message: string,
    place?: InstructionProblem['place'],
  ): void => {
    problems.push({ instruction, code, message, place });
  };
  instructions.forEach((instruction, i) => {
    for (const problem of verifyInstruction(instruction, contexts)) problems.push({ instruction: i, ...problem });
    const target = targetOf(instruction);
    if (target !== undefined && target >= instructions.length) {
      add(i, 'npu-branch-range', `target .${target} is past the end, .${instructions.length - 1}`, 'target');
    }
    const slots = deferOf(instruction);
    for (let slot = i + 1; slot <= i + slots; slot++) {
      const deferred = instructions[slot];
      if (deferred === undefined) {
        add(i, 'npu-defer', `${slots} deferred instructions go past the end`, 'defer');
        break;
      }
      if (changesFlow(deferred)) {
        add(slot, 'npu-defer', `a deferred instruction (of .${i}) must not branch or swap contexts`);
      }
    }
  });
  if (instructions.length > BRANCH_SPACE) {
    add(BRANCH_SPACE, 'npu-program-size', `${instructions.length} instructions: a core has room for ${BRANCH_SPACE}`);
  }
  if (!endsFlow(instructions)) {
    add(Math.max(0, instructions.length - 1), 'npu-falls-off-end', 'execution goes past the last instruction');
  }
  return problems;
}

/** Instruction that this one can send its context to, where it names one. */
export function targetOf(instruction: Instruction): number | undefined {
  if ('target' in instruction && typeof instruction.target === 'number') return instruction.target;
  return instruction.kind === 'ctx_arb' ? instruction.resumeAt : undefined;
}

/** Instructions after this one that execute before its branch or context swap takes effect. */
export function deferOf(instruction: Instruction): number {
  return 'defer' in instruction ? instruction.defer : 0;
}

/** Whether the instruction branches or gives up the core. */
export function changesFlow(instruction: Instruction): boolean {
  return 'defer' in instruction && (instruction.kind !== 'command' || instruction.completion === 'swap');
}

function endsFlow(instructions: readonly Instruction[]): boolean {
  for (let defer = 0; defer <= 3; defer++) {
    const instruction = instructions[instructions.length - 1 - defer];
    if (instruction === undefined || deferOf(instruction) !== defer) continue;
    if (instruction.kind === 'jump') return true;
    if (instruction.kind === 'branch' && instruction.condition === 'br') return true;
    if (instruction.kind === 'ctx_arb' && (instruction.wait === 'kill' || instruction.resumeAt !== undefined))
      return true;
  }
  return false;
}
