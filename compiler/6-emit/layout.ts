import { assert } from '../../base/assert.ts';
import { type FirmwareLine, sourceText } from '../../npu/image/firmware-image.ts';
import type { Instruction } from '../../npu/isa/instruction.ts';
import type { CodePosition } from '../ir.ts';
import { fillDefer } from './fill-defer.ts';
import type { PlacedInstruction } from './machine.ts';
import type { PlacedBlock } from './rewrite.ts';

export interface ProgramPart {
  readonly name: string;
  readonly owner: string;
  readonly blocks: readonly PlacedBlock[];
}

export interface LaidOutProgram {
  readonly instructions: readonly Instruction[];
  readonly lines: readonly FirmwareLine[];
  readonly extents: readonly { name: string; owner: string; address: number; size: number }[];
}

/** Puts the blocks one after another, resolves labels to instruction indexes and notes source lines. */
export function layOut(parts: readonly ProgramPart[], options: { readonly fillDefer: boolean }): LaidOutProgram {
  const placed: PlacedInstruction[] = [];
  const labels = new Map<string, number>();
  const extents: { name: string; owner: string; address: number; size: number }[] = [];
  for (const part of parts) {
    const address = placed.length;
    for (const block of part.blocks) {
      assert(!labels.has(block.label), `label ${block.label} twice`);
      labels.set(block.label, placed.length);
      placed.push(...(options.fillDefer ? fillDefer(block.instructions) : block.instructions));
    }
    extents.push({ name: part.name, owner: part.owner, address, size: placed.length - address });
  }
  const lines: FirmwareLine[] = [];
  const instructions = placed.map(({ instruction, label, position }, index): Instruction => {
    const last = lines.at(-1);
    if (position !== undefined) {
      const next = lineOf(index, position);
      if (last === undefined || sourceText(last) !== sourceText(next)) lines.push(next);
    }
    if (label === undefined) return instruction;
    const target = labels.get(label);
    assert(target !== undefined, `label ${label}`);
    // `load_addr` is an immed of the instruction's index; 14 bits always fit its 16.
    if (instruction.kind === 'immed') return { ...instruction, value: target };
    assert(isBranch(instruction), `${instruction.kind} has no target`);
    return { ...instruction, target };
  });
  return { instructions, lines, extents };
}

function lineOf(instruction: number, { file, line, also = [] }: CodePosition): FirmwareLine {
  if (also.length === 0) return { instruction, file, line };
  return { instruction, file, line, also: also.map((other) => ({ file: other.file, line: other.line })) };
}

type Branch = Extract<Instruction, { kind: 'branch' | 'br_bit' | 'br_byte' | 'br_context' }>;

function isBranch(instruction: Instruction): instruction is Branch {
  return ['branch', 'br_bit', 'br_byte', 'br_context'].includes(instruction.kind);
}
