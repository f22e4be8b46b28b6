import { instructionText } from '../../npu/assembler/disassembler.ts';
import type { Instruction } from '../../npu/isa/instruction.ts';
import type { TracedStep } from '../../npu/nic/run-program.ts';
import { wrapped } from '../terminal.ts';
import { hexadecimal } from './octet-dump.ts';

/** One instruction as it was executed. */
export interface TraceEntry {
  readonly cycle: number;
  readonly core: number;
  readonly context: number;
  readonly instruction: number;
  readonly text: string;
  /** Registers that it changed, by name; those of another context or of local memory say so. */
  readonly changed: Readonly<Record<string, number>>;
}

const CYCLE_COLUMNS = 8;
const CONTEXT_COLUMNS = 4;
const NUMBER_COLUMNS = 7;
const MARGIN = CYCLE_COLUMNS + CONTEXT_COLUMNS + NUMBER_COLUMNS + 2;

export const TRACE_HEAD = `${'cycle'.padStart(CYCLE_COLUMNS)}${'ctx'.padStart(CONTEXT_COLUMNS)}  instruction`;

export function traceEntry(step: TracedStep, instructions: readonly Instruction[]): TraceEntry {
  const { cycle, core, context, instruction, changed } = step;
  return {
    cycle,
    core,
    context,
    instruction,
    text: instructionText(instructions[instruction]!),
    changed,
  };
}

/** The registers stand behind the instruction where they fit, else below it. */
export function traceLine({ cycle, core, context, instruction, text, changed }: TraceEntry, columns: number): string {
  const who = core === 0 ? `${context}` : `${core}.${context}`;
  const head = `${String(cycle).padStart(CYCLE_COLUMNS)}${who.padStart(CONTEXT_COLUMNS)}${`.${instruction}`.padStart(NUMBER_COLUMNS)}  `;
  const values = Object.entries(changed).map(([name, value]) => `${name}=${hexadecimal(value, 1)}`);
  const first = head + wrapped(text, columns, MARGIN);
  if (values.length === 0) return `${first}\n`;
  const column = Math.max(first.length + 2, MARGIN + 34);
  const beside = `${first.padEnd(column)}${values.join(' ')}`;
  if (!first.includes('\n') && beside.length <= columns) return `${beside}\n`;
  return `${first}\n${' '.repeat(MARGIN + 2)}${wrapped(values.join(' '), columns, MARGIN + 2)}\n`;
}
