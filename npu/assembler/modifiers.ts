import type { ResultFlags } from '../isa/instruction.ts';
import type { ProblemPlace } from '../isa/verify-operands.ts';
import { LineError, type Piece } from './line-error.ts';
import { parseSignal } from './operands.ts';
import type { Modifier } from './scan.ts';

/** What follows an instruction's brackets. Each part is taken once; what nobody took is an error. */
export class Modifiers {
  private readonly left: Map<string, Modifier>;
  private readonly mnemonic: Piece;
  private readonly places: Map<ProblemPlace, Piece>;

  /** @param places gets where signal and defer count stand */
  constructor(mnemonic: Piece, modifiers: readonly Modifier[], places: Map<ProblemPlace, Piece>) {
    this.mnemonic = mnemonic;
    this.places = places;
    this.left = new Map();
    for (const modifier of modifiers) {
      const { text, column } = modifier.name;
      if (this.left.has(text)) throw new LineError('asm-modifier', `"${text}" is given twice`, column);
      this.left.set(text, modifier);
    }
  }

  /** A modifier without brackets. */
  flag(name: string): boolean {
    const modifier = this.take(name);
    if (modifier?.operands !== undefined) {
      throw new LineError('asm-modifier', `"${name}" takes no operand`, modifier.name.column);
    }
    return modifier !== undefined;
  }

  /** The one operand of a modifier with brackets. */
  argument(name: string): Piece | undefined {
    const modifier = this.take(name);
    if (modifier === undefined) return undefined;
    if (modifier.operands?.length !== 1) {
      throw new LineError('asm-modifier', `"${name}" takes one operand`, modifier.name.column);
    }
    return modifier.operands[0];
  }

  result(): ResultFlags {
    return {
      writeBoth: this.flag('gpr_wrboth'),
      keepConditionCodes: this.flag('no_cc'),
      predicate: this.flag('predicate_cc'),
    };
  }

  /** For instructions that never set condition codes, or only with `load_cc`. */
  resultWithoutConditionCodes(): Omit<ResultFlags, 'keepConditionCodes'> {
    return { writeBoth: this.flag('gpr_wrboth'), predicate: this.flag('predicate_cc') };
  }

  defer(): 0 | 1 | 2 | 3 {
    const argument = this.argument('defer');
    if (argument === undefined) return 0;
    this.places.set('defer', argument);
    if (!/^[0-3]$/.test(argument.text)) {
      throw new LineError('npu-defer', `defer takes 0 to 3, got "${argument.text}"`, argument.column);
    }
    return Number(argument.text) as 0 | 1 | 2 | 3;
  }

  signal(name: 'ctx_swap' | 'sig_done'): number | undefined {
    const argument = this.argument(name);
    if (argument === undefined) return undefined;
    this.places.set('signal', argument);
    return parseSignal(argument);
  }

  /** `start`, `32x32_step1`: the modifier that `mul_step` needs, with its column. */
  multiplyStep(): [step: string, column: number] {
    const first = this.left.values().next().value;
    if (first === undefined || first.operands !== undefined) {
      const hint = 'steps: start; 24x8, 16x16 or 32x32 with _step1.._step4, _last, _last2';
      throw new LineError('asm-modifier', 'expected a step after the operands', this.mnemonic.column, hint);
    }
    this.left.delete(first.name.text);
    return [first.name.text, first.name.column];
  }

  /** `lm_addr1[2]`. */
  localMemoryAddress(): { pointer: 0 | 1 | 2 | 3; offset: 0 | 1 | 2 | 3 } | undefined {
    for (const pointer of [0, 1, 2, 3] as const) {
      const argument = this.argument(`lm_addr${pointer}`);
      if (argument === undefined) continue;
      if (!/^[0-3]$/.test(argument.text)) {
        throw new LineError('asm-modifier', `an lm_addr offset is 0 to 3, got "${argument.text}"`, argument.column);
      }
      return { pointer, offset: Number(argument.text) as 0 | 1 | 2 | 3 };
    }
    return undefined;
  }

  /** Nothing may be left. */
  finish(): void {
    for (const { name } of this.left.values()) {
      const hint = 'the form is in the instruction table of docs/npu-instruction-set.md';
      throw new LineError('asm-modifier', `"${name.text}" does not go with this instruction`, name.column, hint);
    }
  }

  private take(name: string): Modifier | undefined {
    const modifier = this.left.get(name);
    this.left.delete(name);
    return modifier;
  }
}
