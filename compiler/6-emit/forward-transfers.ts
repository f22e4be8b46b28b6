import { type MachineFunction, type MachineInstruction, type MachineOperand, readsOf, writesOf } from './machine.ts';

/**
 * Uses transfer registers where they are, without a copy in a GPR: a word that was read from memory becomes an operand
 * of the instructions that want it, and a word to be written is computed straight into its transfer register. Within a
 * block, for registers with one definition.
 */
export function forwardTransfers(function_: MachineFunction): void {
  const definitions = new Int32Array(function_.registerCount);
  const uses = new Int32Array(function_.registerCount);
  for (const block of function_.blocks) {
    for (const instruction of block.instructions) {
      for (const id of writesOf(instruction)) definitions[id]!++;
      for (const id of readsOf(instruction)) uses[id]!++;
    }
  }
  // Registers that something outside the instructions reads or writes are left alone.
  const outside = [...function_.parameters, ...function_.results, function_.link];
  for (const id of outside) if (id !== undefined) definitions[id]! += 2;
  for (const block of function_.blocks) {
    const list = block.instructions;
    for (let at = 0; at < list.length; at++) {
      if (list[at] !== undefined && forwardRead(list, at, definitions, uses)) list.splice(at--, 1);
    }
    for (let at = 0; at < list.length; at++) {
      if (forwardWrite(list, at, definitions, uses)) list.splice(at--, 1);
    }
  }
}

function isMove(instruction: MachineInstruction): boolean {
  return instruction.code.kind === 'alu' && instruction.code.operator === 'B' && instruction.a.kind === 'none';
}

/** `alu[v, --, B, $in]`: puts the transfer register in the place of every use of v, if all of them can have it. */
function forwardRead(list: MachineInstruction[], at: number, definitions: Int32Array, uses: Int32Array): boolean {
  const move = list[at]!;
  const { destination, b: word } = move;
  if (!isMove(move) || move.glued || destination.kind !== 'virtual' || word.kind !== 'transfer') return false;
  const id = destination.id;
  if (definitions[id] !== 1) return false;
  const replaced: [number, MachineInstruction][] = [];
  let found = 0;
  for (let i = at + 1; i < list.length && found < uses[id]!; i++) {
    const instruction = list[i]!;
    const count = readsOf(instruction).filter((read) => read === id).length;
    if (count > 0) {
      const next = count === 1 ? withSource(instruction, id, word) : undefined;
      if (next === undefined) return false;
      replaced.push([i, next]);
      found++;
    }
    if (receivesInto(instruction, word) && found < uses[id]!) return false;
  }
  if (found < uses[id]!) return false;
  for (const [i, next] of replaced) list[i] = next;
  return true;
}

/** The instruction with a transfer register for a virtual one, or undefined where it cannot have it. */
function withSource(instruction: MachineInstruction, id: number, word: MachineOperand): MachineInstruction | undefined {
  const { a, b, code, destination } = instruction;
  const isIt = (operand: MachineOperand) => operand.kind === 'virtual' && operand.id === id;
  switch (code.kind) {
    case 'call':
      return {
        ...instruction,
        code: { ...code, arguments: code.arguments.map((argument) => (isIt(argument) ? word : argument)) },
      };
    case 'ld_field':
      return isIt(b) && destination.kind !== 'transfer' ? { ...instruction, b: word } : undefined;
    case 'alu':
    case 'alu_shf':
    case 'dbl_shf':
    case 'asr':
    case 'ffs':
    case 'csr_wr':
    case 'br_bit':
    case 'br_byte':
    case 'mul_step':
      // Both sources come from different ports, and transfer registers are one.
      if (a.kind === 'transfer' || b.kind === 'transfer') return undefined;
      return isIt(a) ? { ...instruction, a: word } : { ...instruction, b: word };
    default:
      return undefined;
  }
}

function receivesInto(instruction: MachineInstruction, word: Extract<MachineOperand, { kind: 'transfer' }>): boolean {
  const { code } = instruction;
  if (code.kind !== 'command' || !code.receives || code.group !== word.group) return false;
  return word.index >= code.first && word.index < code.first + code.words;
}

/** `alu[$out, --, B, v]`: v's definition writes the transfer register itself. */
function forwardWrite(list: MachineInstruction[], at: number, definitions: Int32Array, uses: Int32Array): boolean {
  const move = list[at]!;
  const { destination: word, b } = move;
  if (!isMove(move) || move.glued || word.kind !== 'transfer' || b.kind !== 'virtual') return false;
  if (definitions[b.id] !== 1 || uses[b.id] !== 1) return false;
  for (let i = at - 1; i >= 0; i--) {
    const instruction = list[i]!;
    if (writesOf(instruction).includes(b.id)) {
      if (!canWriteTransfer(instruction)) return false;
      list[i] = { ...instruction, destination: word };
      return true;
    }
    const { code, destination } = instruction;
    // The old value of the word may still be wanted by a command, or another value be put there.
    if (code.kind === 'command' && code.group === word.group) return false;
    if (code.kind === 'ctx_arb') return false;
    if (destination.kind === 'transfer' && destination.group === word.group && destination.index === word.index) {
      return false;
    }
  }
  return false;
}

function canWriteTransfer(instruction: MachineInstruction): boolean {
  switch (instruction.code.kind) {
    case 'alu':
    case 'alu_shf':
    case 'dbl_shf':
    case 'asr':
    case 'ffs':
    case 'csr_rd':
      return true;
    case 'immed':
      return instruction.code.width === 'full';
    case 'ld_field':
      return instruction.code.clear && instruction.b.kind !== 'transfer';
    case 'mul_step':
      return instruction.code.phase === 'last' || instruction.code.phase === 'last2';
    default:
      return false;
  }
}
