import { InputError } from '../../base/errors.ts';
import { CSR } from '../isa/csr.ts';
import type { ContextMode, Instruction } from '../isa/instruction.ts';
import type { CommandPlan } from './commands/plan.ts';
import type { CrcPlan } from './crc.ts';
import * as op from './opcodes.ts';
import { prepareInstruction } from './prepare-instruction.ts';
import { CONSTANTS, SINK } from './registers.ts';

/**
 * A program in the form that the interpreter runs: one element of each array an instruction. Decoded once at load;
 * whatever cannot be executed is refused here, so that the loop has nothing to check.
 */
export interface Program {
  /** Instructions, without the two places behind them. */
  readonly length: number;
  readonly contexts: ContextMode;
  readonly op: Uint8Array;
  /** Operand codes, see `registers.ts`. */
  readonly a: Int32Array;
  readonly b: Int32Array;
  readonly destination: Int32Array;
  /** Immediate, branch target, shift amount, CSR address or index into `commands`, by operation. */
  readonly x: Int32Array;
  /** Mask, bit number, shift kind and operator, signal mask, by operation. */
  readonly y: Int32Array;
  readonly defer: Uint8Array;
  readonly keepConditionCodes: Uint8Array;
  /** Operation that a predicated instruction (`OP_PREDICATED`) executes if its condition holds. */
  readonly predicated: Uint8Array;
  readonly commands: readonly CommandPlan[];
  readonly crcs: readonly CrcPlan[];
  /** Where a swap after deferred instructions happens: an index that no branch can name. */
  readonly swapPlace: number;
  /** Reaches into other cores, or is answered by them: see `coupled-cores.ts`. */
  readonly couples: boolean;
  /** Chooses whose next-neighbour registers it writes (CSR CtxEnables). */
  readonly sendsToNeighbours: boolean;
}

/** @throws InputError `npu-...` that names the instruction's index, for what this NPU does not execute */
export function prepareProgram(instructions: readonly Instruction[], contexts: ContextMode): Program {
  const length = instructions.length;
  // Behind the program: where deferred swaps happen, and a trap for whoever runs off the end.
  const places = length + 2;
  const program = {
    length,
    contexts,
    op: new Uint8Array(places),
    a: new Int32Array(places).fill(CONSTANTS),
    b: new Int32Array(places).fill(CONSTANTS),
    destination: new Int32Array(places).fill(SINK),
    x: new Int32Array(places),
    y: new Int32Array(places),
    defer: new Uint8Array(places),
    keepConditionCodes: new Uint8Array(places),
    predicated: new Uint8Array(places),
    commands: [] as CommandPlan[],
    crcs: [] as CrcPlan[],
    swapPlace: length + 1,
    couples: instructions.some(reachesNeighbours),
    sendsToNeighbours: instructions.some((instruction) => writesCsr(instruction, CSR.CtxEnables)),
  };
  for (const [index, instruction] of instructions.entries()) {
    try {
      prepareInstruction(program, index, instruction, instructions[index - 1]);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw new InputError(error.code, `instruction ${index}: ${error.message}`);
    }
  }
  program.op[length] = op.OP_END_OF_CODE;
  program.op[length + 1] = op.OP_SWAP_NOW;
  if (program.commands.some((plan) => plan.couples)) program.couples = true;
  return program;
}

/** Signals or registers of the cores beside. */
function reachesNeighbours(instruction: Instruction): boolean {
  return [CSR.NxtNghbrSgl, CSR.PrvNghbrSgl, CSR.CtxEnables].some((csr) => writesCsr(instruction, csr));
}

function writesCsr(instruction: Instruction, csr: number): boolean {
  return instruction.kind === 'local_csr_wr' && instruction.csr === csr;
}
