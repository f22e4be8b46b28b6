import { InputError } from '../../base/errors.ts';
import type { ContextMode, Instruction } from '../isa/instruction.ts';
import { verifyInstruction } from '../isa/verify.ts';
import { verifyProgram } from '../isa/verify-program.ts';
import { parseInstruction } from './instructions.ts';
import { LineError, type Piece, type ScannedLine, scanLine } from './scan.ts';

export interface AssembleOptions {
  /** Named in errors; default `<asm>`. */
  readonly file?: string;
  /** Contexts that share the registers, which decides their numbers; default 8. */
  readonly contexts?: ContextMode;
  /** A piece of a program: it may branch out and fall off its end. */
  readonly fragment?: boolean;
}

export interface Assembly {
  /** With errors, a `nop` stands for each line that could not be read, so that numbers stay right. */
  readonly instructions: readonly Instruction[];
  /** Line of the source, from 1, of each instruction. */
  readonly lines: readonly number[];
  /** Instruction index of each label; the number of instructions for one at the end. */
  readonly labels: ReadonlyMap<string, number>;
  /** Everything that is wrong, in the order of the lines; empty when the program is good. */
  readonly errors: readonly InputError[];
}

interface Line extends ScannedLine {
  readonly line: number;
}

/**
 * Assembles text in the dialect of GNU objdump, also a whole listing of it. Beside what objdump prints: labels
 * (`name:`), comments (`;`, `//`), labels as branch targets, `load_addr[reg, label]`, `bhs`, `blo`, and one of the
 * alternatives of a command's name. Errors have codes `asm-*` (text) and `npu-*` (rules of the instruction set).
 */
export function assemble(source: string, options: AssembleOptions = {}): Assembly {
  const file = options.file ?? '<asm>';
  const contexts = options.contexts ?? 8;
  const errors: InputError[] = [];
  const reportAt = (line: number, code: string, message: string, column: number): void => {
    errors.push(new InputError(code, message, { file, line, column }));
  };

  const labels = new Map<string, number>();
  const statements: Line[] = [];
  source.split('\n').forEach((text, i) => {
    const line = i + 1;
    const scanned = attempt(line, () => scanLine(text));
    const index = statements.length;
    if (scanned === undefined) {
      statements.push({ labels: [], number: undefined, statement: undefined, line });
      return;
    }
    for (const { text: name, column } of scanned.labels) {
      if (labels.has(name)) reportAt(line, 'asm-duplicate-label', `label "${name}" is defined twice`, column);
      else labels.set(name, index);
    }
    if (scanned.statement === undefined) return;
    statements.push({ ...scanned, line });
    if (scanned.number !== undefined && scanned.number.value !== index) {
      const { value, column } = scanned.number;
      reportAt(line, 'asm-number', `this is instruction .${index}, not .${value}`, column);
    }
  });

  const instructions = statements.map(({ statement, line }): Instruction => {
    const parsed = statement === undefined ? undefined : attempt(line, () => parseInstruction(statement, resolve));
    return parsed ?? { kind: 'nop' };
  });

  const lines = statements.map(({ line }) => line);
  // The rules make sense only for what could be read, numbers and all.
  if (errors.length === 0) {
    const problems =
      options.fragment === true
        ? instructions.flatMap((instruction, i) =>
            verifyInstruction(instruction, contexts).map((problem) => ({ instruction: i, ...problem })),
          )
        : verifyProgram(instructions, contexts);
    for (const { instruction, code, message } of problems) {
      const statement = statements[instruction];
      reportAt(statement?.line ?? 1, code, message, statement?.statement?.mnemonic.column ?? 1);
    }
  }
  errors.sort((a, b) => (a.position?.line ?? 0) - (b.position?.line ?? 0));
  return { instructions, lines, labels, errors };

  function attempt<T>(line: number, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      reportAt(line, error.code, error.message, error.column);
      return undefined;
    }
  }

  function resolve(piece: Piece): number {
    const numbered = /^\.(\d{1,5})$/.exec(piece.text);
    if (numbered !== null) return Number(numbered[1]);
    const index = labels.get(piece.text);
    if (index === undefined) {
      throw new LineError('asm-unknown-label', `no label "${piece.text}"`, piece.column);
    }
    return index;
  }
}
