import { InputError } from '../../base/errors.ts';
import type { RandomStream } from '../../base/random.ts';
import { A, alu, arbitration, B, branch, constant, NONE } from '../execution/instruction-parts.ts';
import { prepareProgram } from '../execution/program.ts';
import { CSR } from '../isa/csr.ts';
import type { ContextMode, Destination, Instruction, SourceOperand } from '../isa/instruction.ts';
import { randomInstruction } from '../isa/random-program.ts';
import { changesFlow, deferOf } from '../isa/verify-program.ts';

/** Octet address in gprA_15 at the start: the part of a CTM that no packet buffer lies in, and a valid 40-bit base. */
export const SHARED_ADDRESS = 0x2_0000;
/** In gprB_15: an EMEM address, shifted right by 8. */
export const EMEM_BASE = 0x9800_0000;
const SIGNAL = 1;
const xfer = (index: number) => ({ kind: 'xfer', index }) as const;
const DEFERS = [0, 1, 2] as const;
const RECEIVE = command('ctm.packet_add_thread', { xfer: 0, count: 4, completion: 'swap', signal: SIGNAL });
const SEND = command('ctm.packet_complete_unicast', { xfer: 0, count: 2, completion: 'swap', signal: SIGNAL });

/**
 * A program of instructions of all kinds, with accesses to memory that contexts share and swaps; it may fault, loop for
 * ever or wait for ever.
 * @param withFrames whether it receives frames and sends them
 */
export function randomWildProgram(random: RandomStream, contexts: ContextMode, withFrames: boolean): Instruction[] {
  const prefix: Instruction[] = withFrames ? [RECEIVE, move(A(13), xfer(0)), move(A(14), xfer(1))] : [];
  const suffix: Instruction[] = withFrames
    ? [move(xfer(0), A(13)), move(xfer(1), A(14)), SEND, branch('br', 0, 0)]
    : [arbitration({ wait: 'kill' })];
  const bodyLength = 4 + random.below(90);
  const length = prefix.length + bodyLength + suffix.length;
  const body: Instruction[] = [];
  let slots = 0;
  while (body.length < bodyLength) {
    const next = candidate(random, contexts, length);
    // Some programs break the rule that deferred instructions must not branch: engines must agree all the same.
    if (slots > 0 && changesFlow(next) && random.below(8) !== 0) continue;
    slots = Math.max(slots - 1, deferOf(next), 0);
    body.push(next);
  }
  return [...prefix, ...body, ...suffix];
}

function candidate(random: RandomStream, contexts: ContextMode, length: number): Instruction {
  for (;;) {
    const instruction = draw(random, contexts, length);
    try {
      // What this NPU does not execute is refused when it is loaded.
      prepareProgram([...new Array<Instruction>(length - 1).fill({ kind: 'nop' }), instruction], contexts);
      return instruction;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
  }
}

function draw(random: RandomStream, contexts: ContextMode, length: number): Instruction {
  switch (random.below(24)) {
    case 0:
    case 1:
    case 2:
      return sharedAccess(random);
    case 3:
      // A pointer into the context's slice; seldom one into that of context 0, where all others fault.
      return {
        kind: 'local_csr_wr',
        csr: [CSR.ActLMAddr0, CSR.ActLMAddr1, CSR.ActLMAddr2, CSR.ActLMAddr3][random.below(4)]!,
        source: random.below(16) === 0 ? { kind: 'immediate', value: random.below(128) } : B(14),
      };
    case 4:
      return arbitration({
        wait: 'voluntary',
        resumeAt: random.below(2) === 0 ? random.below(length) : undefined,
        defer: DEFERS[random.below(3)]!,
      });
    default: {
      const instruction = randomInstruction(random, contexts, length);
      // Wild jumps, deaths, and commands with random addresses end a context at once: few of them.
      const ends = ['jump', 'ctx_arb', 'command'].includes(instruction.kind);
      return ends && random.below(6) !== 0 ? draw(random, contexts, length) : instruction;
    }
  }
}

/** A command that mostly succeeds, on words that all contexts use. */
function sharedAccess(random: RandomStream): Instruction {
  const name = ['read32', 'write32', 'test_add', 'add', 'read8', 'write8', 'swap'][random.below(7)]!;
  const swaps = random.below(3) !== 0;
  const offset = constant(4 * random.below(16));
  return command(name, {
    xfer: random.below(8),
    count: 1 + random.below(4),
    completion: swaps ? 'swap' : random.below(2) === 0 ? 'done' : 'none',
    signal: 1 + random.below(3),
    defer: swaps ? DEFERS[random.below(3)]! : 0,
    address: random.below(2) === 0 ? { kind: 'sum', a: A(15), b: offset } : { kind: 'shifted', base: B(15), offset },
  });
}

function command(name: string, parts: Partial<Extract<Instruction, { kind: 'command' }>>): Instruction {
  const address = { kind: 'sum', a: { kind: 'immediate', value: 0 }, b: { kind: 'immediate', value: 0 } } as const;
  const base = { kind: 'command', target: 'mem', xfer: 0, address, count: 1, indirect: false } as const;
  const full = { ...base, command: name, completion: 'none', signal: 0, defer: 0, ...parts };
  return (full.completion === 'none' ? { ...full, signal: 0 } : full) as Instruction;
}

function move(destination: Destination, b: SourceOperand): Instruction {
  return alu(destination, NONE, 'B', b);
}
