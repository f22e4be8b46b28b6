import type { ContextMode, Instruction } from '../isa/instruction.ts';
import { verifyInstruction } from '../isa/verify.ts';
import { verifyProgram } from '../isa/verify-program.ts';
import { AssemblyError } from './assembly-error.ts';
import { withoutComments } from './comments.ts';
import { ruleHint } from './hints.ts';
import { type ParsedInstruction, parseInstruction } from './instructions.ts';
import { LineError, type Piece } from './line-error.ts';
import { type ScannedLine, scanLine } from './scan.ts';
import { nearest } from './spelling.ts';

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
  /** What is wrong, in the order of the lines, the first 200; empty when the program is good. */
  readonly errors: readonly AssemblyError[];
}

interface Line extends ScannedLine {
  readonly line: number;
}

/** Errors of one text that are reported: whoever has more made one mistake many times. */
const MAX_ERRORS = 200;
/** Characters of a line: no instruction needs a tenth of them. */
const MAX_LINE = 2000;

/** What stands for a line that could not be read, so that the numbers of those after it stay right. */
const UNREAD: ParsedInstruction = { instruction: { kind: 'nop' }, places: new Map() };

/**
 * Assembles text in the dialect of GNU objdump, also a whole listing of it. Beside what objdump prints: labels
 * (`name:`), comments (`;`, `//`, `/* *\/`), labels as branch targets, `load_addr[reg, label]`, `bhs`, `blo`, and one of
 * the alternatives of a command's name. Errors have codes `asm-*` (text) and `npu-*` (rules of the instruction set).
 */
export function assemble(source: string, options: AssembleOptions = {}): Assembly {
  const file = options.file ?? '<asm>';
  const contexts = options.contexts ?? 8;
  const errors: AssemblyError[] = [];
  const reportAt = (line: number, code: string, message: string, column: number, hint: string | undefined): void => {
    if (errors.length >= MAX_ERRORS) return;
    errors.push(new AssemblyError(code, message, { file, line, column }, source, hint));
  };

  const labels = new Map<string, number>();
  const statements: Line[] = [];
  const { lines: texts, unclosed } = withoutComments(source);
  texts.forEach((text, i) => {
    const line = i + 1;
    const scanned = attempt(line, () => scanLine(checkLength(text)));
    const index = statements.length;
    if (scanned === undefined) {
      statements.push({ labels: [], number: undefined, statement: undefined, line });
      return;
    }
    for (const { text: name, column } of scanned.labels) {
      if (!labels.has(name)) labels.set(name, index);
      else reportAt(line, 'asm-duplicate-label', `label "${name}" is defined twice`, column, 'rename one of the two');
    }
    if (scanned.statement === undefined) return;
    statements.push({ ...scanned, line });
    if (scanned.number !== undefined && scanned.number.value !== index) {
      const { value, column } = scanned.number;
      const hint = 'leave numbers and addresses out, or number all lines from 0';
      reportAt(line, 'asm-number', `this is instruction .${index}, not .${value}`, column, hint);
    }
  });
  if (unclosed !== undefined) {
    const { line, error } = unclosed;
    reportAt(line, error.code, error.message, error.column, error.hint);
  }

  const parsed = statements.map(({ statement, line }): ParsedInstruction => {
    if (statement === undefined) return UNREAD;
    return attempt(line, () => parseInstruction(statement, resolve)) ?? UNREAD;
  });
  const instructions = parsed.map(({ instruction }) => instruction);

  const lines = statements.map(({ line }) => line);
  // The rules make sense only for what could be read, numbers and all.
  if (errors.length === 0) {
    const problems =
      options.fragment === true
        ? instructions.flatMap((instruction, i) =>
            verifyInstruction(instruction, contexts).map((problem) => ({ instruction: i, ...problem })),
          )
        : verifyProgram(instructions, contexts);
    for (const { instruction, code, message, place } of problems) {
      const { statement, line } = statements[instruction] ?? { statement: undefined, line: 1 };
      const piece = place === undefined ? undefined : parsed[instruction]?.places.get(place);
      const column = (piece ?? statement?.mnemonic)?.column ?? 1;
      reportAt(line, code, message, column, ruleHint(code, contexts));
    }
  }
  errors.sort((a, b) => a.position.line - b.position.line);
  return { instructions, lines, labels, errors };

  function attempt<T>(line: number, work: () => T): T | undefined {
    if (errors.length >= MAX_ERRORS) return undefined;
    try {
      return work();
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      reportAt(line, error.code, error.message, error.column, error.hint);
      return undefined;
    }
  }

  function resolve(piece: Piece): number {
    const numbered = /^\.(\d{1,5})$/.exec(piece.text);
    if (numbered !== null) return Number(numbered[1]);
    const index = labels.get(piece.text);
    if (index === undefined) {
      const hint = nearest(piece.text, [...labels.keys()]) ?? `define it before an instruction: "${piece.text}:"`;
      throw new LineError('asm-unknown-label', `no label "${piece.text}"`, piece.column, hint);
    }
    return index;
  }
}

function checkLength(text: string): string {
  if (text.length <= MAX_LINE) return text;
  throw new LineError('asm-syntax', `a line of ${text.length} characters: the limit is ${MAX_LINE}`, MAX_LINE + 1);
}
