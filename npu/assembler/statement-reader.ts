import type { Destination, Operand, RegisterOperand, SourceOperand } from '../isa/instruction.ts';
import type { NumberPlace, ProblemPlace } from '../isa/verify-operands.ts';
import { LineError, type Piece } from './line-error.ts';
import { Modifiers } from './modifiers.ts';
import { parseDestination, parseNumber, parseOperand, parseRegister, parseSource } from './operands.ts';
import type { Statement } from './scan.ts';

/** Gives the instruction index that `.577` or a label names. */
export type ResolveTarget = (piece: Piece) => number;

/**
 * Reads the parts of one statement, and remembers where each of them stands, so that a rule that the instruction breaks
 * is reported at the part that breaks it.
 */
export class StatementReader {
  readonly name: string;
  readonly modifiers: Modifiers;
  readonly places = new Map<ProblemPlace, Piece>();
  private readonly statement: Statement;
  private readonly resolve: ResolveTarget;

  constructor(statement: Statement, resolve: ResolveTarget) {
    this.statement = statement;
    this.name = statement.mnemonic.text;
    this.modifiers = new Modifiers(statement.mnemonic, statement.modifiers, this.places);
    this.resolve = resolve;
  }

  /**
   * The pieces between the brackets; their number has to be the length of one of the forms.
   * @param forms each lists its operands, for the message: `'destination, a, operator, b'`; '' is a form without any
   */
  take(...forms: readonly string[]): readonly Piece[] {
    const pieces = this.pieces();
    if (!forms.some((form) => operandCount(form) === pieces.length)) {
      const { column } = this.statement.mnemonic;
      const expected = forms.map((form) => (form === '' ? this.name : `${this.name}[${form}]`)).join(' or ');
      throw new LineError('asm-operand-count', `expected ${expected}, got ${pieces.length} operands`, column);
    }
    return pieces;
  }

  pieces(): readonly Piece[] {
    return this.statement.operands ?? [];
  }

  operand(piece: Piece): Operand {
    return this.placed(parseOperand(piece), piece);
  }

  source(piece: Piece): SourceOperand {
    return this.placed(parseSource(piece), piece);
  }

  destination(piece: Piece): Destination {
    return this.placed(parseDestination(piece), piece);
  }

  register(piece: Piece): RegisterOperand {
    return this.placed(parseRegister(piece), piece);
  }

  /** @param what for the message: `a count` */
  number(piece: Piece, place: NumberPlace, what: string): number {
    this.mark(place, piece);
    return parseNumber(piece, what);
  }

  /** Instruction index of a branch target. */
  target(piece: Piece): number {
    this.mark('target', piece);
    return this.resolve(piece);
  }

  mark(place: NumberPlace, piece: Piece): void {
    this.places.set(place, piece);
  }

  private placed<T extends Operand>(operand: T, piece: Piece): T {
    this.places.set(operand, piece);
    return operand;
  }
}

function operandCount(form: string): number {
  return form === '' ? 0 : form.split(',').length;
}
