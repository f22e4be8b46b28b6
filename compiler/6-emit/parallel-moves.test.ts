import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { GprOperand, Instruction } from '../../npu/isa/instruction.ts';
import { type Move, orderMoves } from './parallel-moves.ts';

const SCRATCH: GprOperand = { kind: 'gpr', bank: 'A', index: 15 };

function gpr(number: number): GprOperand {
  return { kind: 'gpr', bank: number % 2 === 0 ? 'A' : 'B', index: number >> 1 };
}

function name(register: { kind: string }): string {
  return JSON.stringify(register);
}

/** Executes moves and immeds on a register file of names. */
function run(instructions: readonly Instruction[], file: Map<string, number>): void {
  for (const instruction of instructions) {
    if (instruction.kind === 'alu') file.set(name(instruction.destination), file.get(name(instruction.b))!);
    else if (instruction.kind === 'immed') {
      const old = instruction.width === 'word' ? file.get(name(instruction.destination))! & 0xffff : 0;
      file.set(name(instruction.destination), (old | (instruction.value << instruction.shift)) >>> 0);
    } else throw new Error(instruction.kind);
  }
}

test('every target gets what its source held before all moves', () => {
  const move = fc.oneof(
    fc.record({ from: fc.nat(11) }),
    fc.record({ constant: fc.constantFrom(0, 255, 65536, 0x12345678, 0xffffffff) }),
  );
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(11), { maxLength: 12 }),
      fc.array(move, { minLength: 12 }),
      (targets, sources) => {
        const moves = targets.map((to, i): Move => {
          const source = sources[i]!;
          return 'from' in source
            ? { to: gpr(to), from: gpr(source.from) }
            : { to: gpr(to), constant: source.constant };
        });
        const file = new Map(Array.from({ length: 12 }, (_, i) => [name(gpr(i)), 1000 + i]));
        run(orderMoves(moves, SCRATCH), file);
        for (let number = 0; number < 12; number++) {
          const at = targets.indexOf(number);
          const source = sources[at];
          const expected =
            at < 0 || source === undefined ? 1000 + number : 'from' in source ? 1000 + source.from : source.constant;
          expect(file.get(name(gpr(number)))).toBe(expected);
        }
      },
    ),
  );
});

test('a cycle of two takes three moves', () => {
  const moves = [
    { to: gpr(0), from: gpr(1) },
    { to: gpr(1), from: gpr(0) },
  ];
  expect(orderMoves(moves, SCRATCH)).toHaveLength(3);
});
