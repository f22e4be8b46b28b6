import { assert } from '../../base/assert.ts';
import type { RandomStream } from '../../base/random.ts';
import type { ContextMode, Defer, Instruction } from '../isa/instruction.ts';
import { randomInstruction } from '../isa/random-program.ts';
import { verifyInstruction } from '../isa/verify.ts';
import { A, B } from './instruction-parts.ts';

// Registers that random computation leaves alone.
export const EMEM_BASE = A(12);
export const IMEM_BASE = A(13);
export const LINK = A(14);
export const SCRATCH = A(11);
export const OFFSET = B(12);
export const TURNS = B(11);
/** Of loops, by depth. */
export const COUNTERS = [B(13), B(14)] as const;
const RESERVED_FROM = 11;
const RESERVED_TO = 14;

const COMPUTATION: ReadonlySet<Instruction['kind']> = new Set([
  'alu',
  'alu_shf',
  'asr',
  'byte_align',
  'cam_clear',
  'cam_lookup',
  'cam_write',
  'crc',
  'dbl_shf',
  'immed',
  'ld_field',
  'mul_step',
  'nop',
  'unary',
]);

/** Writes instructions; labels are negative targets until `finish`. */
export class RandomWriter {
  readonly random: RandomStream;
  readonly contexts: ContextMode;
  private readonly instructions: Instruction[] = [];
  private readonly places = new Map<number, number>();
  private labels = 0;

  constructor(random: RandomStream, contexts: ContextMode) {
    this.random = random;
    this.contexts = contexts;
  }

  /** Index of the instruction that comes next. */
  get next(): number {
    return this.instructions.length;
  }

  put(...instructions: readonly Instruction[]): void {
    this.instructions.push(...instructions);
  }

  finish(): Instruction[] {
    return this.instructions.map((instruction) => ({ ...instruction, ...this.placed(instruction) }) as Instruction);
  }

  one<T>(choices: readonly T[]): T {
    return choices[this.random.below(choices.length)]!;
  }

  /** True once in so many times. */
  once(times: number): boolean {
    return this.random.below(times) === 0;
  }

  defer(): Defer {
    return this.random.below(4) as Defer;
  }

  /** A target that `place` gives its place. */
  label(): number {
    this.labels++;
    return -this.labels;
  }

  place(label: number): void {
    this.places.set(label, this.next);
  }

  /** Computation on registers that random instructions may use. */
  compute(count: number): void {
    for (let i = 0; i < count; i++) this.put(this.computation());
  }

  private placed(instruction: Instruction): object {
    if ('target' in instruction && typeof instruction.target === 'number' && instruction.target < 0) {
      return { target: this.placeOf(instruction.target) };
    }
    if (instruction.kind === 'ctx_arb' && instruction.resumeAt !== undefined && instruction.resumeAt < 0) {
      return { resumeAt: this.placeOf(instruction.resumeAt) };
    }
    return {};
  }

  private placeOf(label: number): number {
    const place = this.places.get(label);
    assert(place !== undefined, `label ${label} was never placed`);
    return place;
  }

  private computation(): Instruction {
    for (;;) {
      const instruction = randomInstruction(this.random, this.contexts);
      if (!COMPUTATION.has(instruction.kind) || !leavesReserved(instruction)) continue;
      if (isExecuted(instruction, this.contexts)) return instruction;
    }
  }
}

/** Whether the results leave the registers alone that programs are steered by. */
function leavesReserved(instruction: Instruction): boolean {
  if (!('destination' in instruction)) return true;
  const { destination } = instruction;
  if (destination.kind === 'absolute_gpr') return false;
  return destination.kind !== 'gpr' || destination.index < RESERVED_FROM || destination.index > RESERVED_TO;
}

function isExecuted(instruction: Instruction, contexts: ContextMode): boolean {
  assert(verifyInstruction(instruction, contexts).length === 0, 'a drawn instruction breaks rules');
  if (instruction.kind !== 'crc') return true;
  return instruction.operator !== '--' || instruction.bytes === 'bytes_0_3';
}
