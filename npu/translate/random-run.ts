import { InputError } from '../../base/errors.ts';
import type { RandomStream } from '../../base/random.ts';
import { prepareProgram } from '../execution/program.ts';
import { CSR } from '../isa/csr.ts';
import type { ContextMode, Instruction } from '../isa/instruction.ts';
import { randomInstruction } from '../isa/random-program.ts';
import { changesFlow, deferOf } from '../isa/verify-program.ts';

/** A program and how it is driven, for comparing engines. */
export interface RandomRun {
  readonly contexts: ContextMode;
  readonly instructions: readonly Instruction[];
  /** Words for the registers of all contexts, from the first on, over and over. */
  readonly registers: readonly number[];
  /** Cycles up to which it is run, ascending; a frame may come at the end of such a piece. */
  readonly pieces: readonly { readonly until: number; readonly frame: Uint8Array | undefined }[];
}

/** Octet address in gprA_15 at the start: the part of a CTM that no packet buffer lies in, and a valid 40-bit base. */
export const SHARED_ADDRESS = 0x2_0000;
/** In gprB_15: an EMEM address, shifted right by 8. */
export const EMEM_BASE = 0x9800_0000;
/** A watchdog that ends endless loops soon. */
export const WATCHDOG_CYCLES = 3_000;

const SIGNAL = 1;
const DEFERS = [0, 1, 2] as const;
const RECEIVE = command('ctm.packet_add_thread', { xfer: 0, count: 4, completion: 'swap', signal: SIGNAL });
const SEND = command('ctm.packet_complete_unicast', { xfer: 0, count: 2, completion: 'swap', signal: SIGNAL });

/**
 * A random run: all kinds of instructions, with loops, deferred instructions, accesses to memory that contexts share,
 * swaps, and in some runs frames that are received and sent. Programs may fault, loop for ever or wait for ever.
 */
export function randomRun(random: RandomStream): RandomRun {
  const contexts: ContextMode = random.below(4) === 0 ? 4 : 8;
  const withFrames = random.below(3) === 0;
  const prefix: Instruction[] = withFrames ? [RECEIVE, move('gpr', 13, 0), move('gpr', 14, 1)] : [];
  const suffix: Instruction[] = withFrames
    ? [moveOut(0, 13), moveOut(1, 14), SEND, { kind: 'branch', condition: 'br', target: 0, defer: 0 }]
    : [{ kind: 'ctx_arb', wait: 'kill', signals: [], any: false, resumeAt: undefined, defer: 0 }];
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
  const pieces: { until: number; frame: Uint8Array | undefined }[] = [];
  for (let until = 0; until < 30_000 && pieces.length < 60; ) {
    until += 1 + random.below(random.below(3) === 0 ? 3_000 : 60);
    const octets = 60 + random.below(200);
    const frame = withFrames && random.below(3) === 0 ? Uint8Array.from({ length: octets }, (_, i) => i) : undefined;
    pieces.push({ until, frame });
  }
  return {
    contexts,
    instructions: [...prefix, ...body, ...suffix],
    registers: Array.from({ length: 61 }, () => word(random)),
    pieces,
  };
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
        source:
          random.below(16) === 0
            ? { kind: 'immediate', value: random.below(128) }
            : { kind: 'gpr', bank: 'B', index: 14 },
      };
    case 4:
      return { kind: 'ctx_arb', wait: 'voluntary', signals: [], any: false, resumeAt: undefined, defer: 0 };
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
  const offset = { kind: 'immediate', value: 4 * random.below(16) } as const;
  return command(name, {
    xfer: random.below(8),
    count: 1 + random.below(4),
    completion: swaps ? 'swap' : random.below(2) === 0 ? 'done' : 'none',
    signal: 1 + random.below(3),
    defer: swaps ? DEFERS[random.below(3)]! : 0,
    address:
      random.below(2) === 0
        ? { kind: 'sum', a: { kind: 'gpr', bank: 'A', index: 15 }, b: offset }
        : { kind: 'shifted', base: { kind: 'gpr', bank: 'B', index: 15 }, offset },
  });
}

function command(name: string, parts: Partial<Extract<Instruction, { kind: 'command' }>>): Instruction {
  const address = { kind: 'sum', a: { kind: 'immediate', value: 0 }, b: { kind: 'immediate', value: 0 } } as const;
  const base = { kind: 'command', target: 'mem', xfer: 0, address, count: 1, indirect: false } as const;
  const full = { ...base, command: name, completion: 'none', signal: 0, defer: 0, ...parts };
  return (full.completion === 'none' ? { ...full, signal: 0 } : full) as Instruction;
}

function move(kind: 'gpr', index: number, xfer: number): Instruction {
  const flags = { writeBoth: false, keepConditionCodes: false, predicate: false };
  return {
    kind: 'alu',
    operator: 'B',
    destination: { kind, bank: 'A', index },
    a: { kind: 'none' },
    b: { kind: 'xfer', index: xfer },
    ...flags,
  };
}

function moveOut(xfer: number, index: number): Instruction {
  const flags = { writeBoth: false, keepConditionCodes: false, predicate: false };
  return {
    kind: 'alu',
    operator: 'B',
    destination: { kind: 'xfer', index: xfer },
    a: { kind: 'none' },
    b: { kind: 'gpr', bank: 'A', index },
    ...flags,
  };
}

/** Words that carries, signs, shifts and addresses are sensitive to are frequent. */
function word(random: RandomStream): number {
  switch (random.below(4)) {
    case 0:
      return [0, 1, -1, 0x7fff_ffff, -0x8000_0000][random.below(5)]!;
    case 1:
      return random.below(64);
    default:
      return random.uint32() | 0;
  }
}
