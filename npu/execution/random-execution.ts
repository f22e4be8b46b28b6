import type { RandomStream } from '../../base/random.ts';
import { CSR } from '../isa/csr.ts';
import type { BranchCondition, ContextMode, Instruction } from '../isa/instruction.ts';
import { A, alu, arbitration, B, branch, constant, immed, loadAddress } from './instruction-parts.ts';
import { writeCommands } from './random-commands.ts';
import { COUNTERS, EMEM_BASE, IMEM_BASE, LINK, RandomWriter, SCRATCH, TURNS } from './random-writer.ts';

/** A program that ends, and how to start it: for tests that two engines agree, and that the oracle keeps its rules. */
export interface RandomExecution {
  readonly contexts: ContextMode;
  /** Contexts that start at instruction 0. */
  readonly starts: readonly number[];
  readonly instructions: readonly Instruction[];
}

/** A signal that contexts raise for one another and nobody waits for. */
const FREE_SIGNAL = 15;

const CONDITIONS: readonly BranchCondition[] = [
  'br',
  'beq',
  'bne',
  'bmi',
  'bpl',
  'bcs',
  'bcc',
  'bvs',
  'bvc',
  'bge',
  'blt',
  'ble',
  'bgt',
];

const INDEX_CSRS = [
  CSR.ActLMAddr0,
  CSR.ActLMAddr1,
  CSR.ActLMAddr2,
  CSR.ActLMAddr3,
  CSR.XferIndex,
  CSR.ByteIndex,
  CSR.NNPut,
  CSR.NNGet,
  CSR.CRCRemainder,
  CSR.Mailbox2,
  CSR.IndPredCC,
] as const;

const READABLE_CSRS = [...INDEX_CSRS, CSR.ActCtxStatus, CSR.TimestampLow, CSR.ActCtxSglEvt, CSR.ActCtxWkpEvt] as const;

/**
 * Draws a program of computation of every kind, loops, calls, branches with deferred instructions, turns of contexts,
 * commands to all memories, CSRs and signals. Every loop counts, every wait is for a signal that comes. All accesses lie in
 * the first kilobyte of a memory; local memory needs a region over all of it, since pointers wander.
 * @param blocks of about ten instructions each
 */
export function randomExecution(random: RandomStream, contexts: ContextMode = 8, blocks = 12): RandomExecution {
  const starts = Array.from({ length: contexts }, (_, context) => context).filter(() => random.below(3) === 0);
  const writer = new RandomWriter(random, contexts);
  const subroutine = writer.label();
  writePrologue(writer);
  for (let block = 0; block < blocks; block++) writeBlock(writer, 2, subroutine);
  writer.put(arbitration({ wait: 'kill' }));
  writeSubroutine(writer, subroutine);
  return { contexts, starts: starts.length === 0 ? [0] : starts, instructions: writer.finish() };
}

function writePrologue(writer: RandomWriter): void {
  const { random } = writer;
  writer.put(immed(EMEM_BASE, 0x9800, 16), immed(IMEM_BASE, 0x9c00, 16));
  for (let i = 0; i < 8; i++) {
    const register = writer.once(2) ? A(random.below(11)) : B(random.below(11));
    writer.put(immed(register, random.below(0x10000), writer.one([0, 8, 16] as const)));
  }
}

/** @param depth loops that may still be inside one another */
function writeBlock(writer: RandomWriter, depth: number, subroutine: number): void {
  switch (writer.random.below(10)) {
    case 0:
    case 1:
      writer.compute(1 + writer.random.below(12));
      break;
    case 2:
      writeSkip(writer);
      break;
    case 3:
      if (depth > 0) writeLoop(writer, depth, subroutine);
      else writer.compute(3);
      break;
    case 4:
      writeCall(writer, subroutine);
      break;
    case 5:
      writeTableJump(writer);
      break;
    case 6:
      writeCsr(writer);
      break;
    case 7:
      writeTurns(writer);
      break;
    default:
      writeCommands(writer);
  }
}

/** The return address is loaded before the branch, or behind it, deferred. */
function writeCall(writer: RandomWriter, subroutine: number): void {
  const place = writer.next + 2;
  const call = [loadAddress(LINK, place), branch('br', subroutine, 0)] as const;
  if (writer.once(2)) writer.put(...call);
  else writer.put({ ...call[1], defer: 1 } as Instruction, call[0]);
}

/** Called with the return address in the link register. */
function writeSubroutine(writer: RandomWriter, label: number): void {
  writer.place(label);
  writer.compute(4);
  const defer = writer.defer();
  writer.put({ kind: 'jump', source: LINK, base: 0, defer });
  writer.compute(defer);
}

/** A branch over some instructions, on any condition. */
function writeSkip(writer: RandomWriter): void {
  const { random, contexts } = writer;
  const target = writer.label();
  const defer = writer.defer();
  const source = writer.one([A(random.below(11)), B(random.below(11))]);
  const set = writer.once(2);
  switch (random.below(6)) {
    case 0:
      writer.put({ kind: 'br_bit', set, source, bit: random.below(32), target, defer });
      break;
    case 1: {
      const octet = { byte: random.below(4), value: random.below(256) };
      writer.put({ kind: 'br_byte', equal: set, source, ...octet, target, defer });
      break;
    }
    case 2: {
      const test = set ? 'br=ctx' : 'br!=ctx';
      writer.put({ kind: 'br_context', test, operand: random.below(contexts), target, defer });
      break;
    }
    case 3: {
      const test = set ? 'br_signal' : 'br_!signal';
      writer.put({ kind: 'br_context', test, operand: FREE_SIGNAL, target, defer });
      break;
    }
    case 4: {
      const test = set ? 'br_inp_state' : 'br_!inp_state';
      writer.put({ kind: 'br_state', test, state: random.below(2), target, defer });
      break;
    }
    default:
      writer.compute(random.below(2));
      writer.put(branch(writer.one(CONDITIONS), target, defer));
  }
  writer.compute(defer + random.below(5));
  writer.place(target);
}

function writeLoop(writer: RandomWriter, depth: number, subroutine: number): void {
  const { random } = writer;
  const counter = COUNTERS[depth - 1]!;
  const label = writer.label();
  writer.put(immed(counter, 1 + random.below(6), 0));
  writer.place(label);
  const blocks = 1 + random.below(3);
  for (let block = 0; block < blocks; block++) writeBlock(writer, depth - 1, subroutine);
  writer.put(alu(counter, counter, '-', constant(1)));
  const defer = writer.defer();
  writer.put(branch('bne', label, defer));
  writer.compute(defer);
}

/** A handler that gives the pipeline away at its end, where the context goes on at its start; invoked some times. */
function writeTurns(writer: RandomWriter): void {
  const { random } = writer;
  const [start, end] = [writer.label(), writer.label()];
  writer.put(immed(TURNS, 1 + random.below(8), 0));
  writer.place(start);
  writer.compute(random.below(4));
  if (writer.once(4)) writeSkip(writer);
  writer.put(alu(TURNS, TURNS, '-', constant(1)), branch('beq', end, 0));
  const defer = writer.defer();
  writer.put(arbitration({ wait: 'voluntary', resumeAt: writer.once(4) ? undefined : start, defer }));
  writer.compute(defer);
  writer.place(end);
}

/** Into a table of two entries by a bit of a register. */
function writeTableJump(writer: RandomWriter): void {
  const end = writer.label();
  writer.put(alu(SCRATCH, A(writer.random.below(11)), 'AND', constant(1)));
  const defer = writer.defer();
  writer.put({ kind: 'jump', source: SCRATCH, base: writer.next + 1 + defer, defer });
  writer.compute(defer);
  writer.put(branch('br', end, 0));
  writer.compute(3);
  writer.place(end);
}

function writeCsr(writer: RandomWriter): void {
  const { random } = writer;
  switch (random.below(4)) {
    case 0:
      // Bit 7: the next context; bits 6..3 the signal.
      writer.put(immed(SCRATCH, writer.one([0x80, 0]) + FREE_SIGNAL * 8 + random.below(writer.contexts), 0));
      writer.put({ kind: 'local_csr_wr', csr: CSR.SameMESignal, source: SCRATCH });
      break;
    case 1:
      writer.put({ kind: 'local_csr_rd', csr: writer.one(READABLE_CSRS) });
      writer.put(immed(A(random.below(11)), 0, 0));
      break;
    default: {
      const csr = writer.one(INDEX_CSRS);
      // The conditions of PredCC are twelve.
      const limit = csr === CSR.IndPredCC ? 7 : 255;
      writer.put(alu(SCRATCH, B(random.below(11)), 'AND', constant(limit)));
      writer.put({ kind: 'local_csr_wr', csr, source: SCRATCH });
      writer.compute(random.below(5));
    }
  }
}
