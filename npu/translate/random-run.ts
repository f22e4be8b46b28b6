import type { RandomStream } from '../../base/random.ts';
import { randomExecution } from '../execution/random-execution.ts';
import type { ContextMode, Instruction } from '../isa/instruction.ts';
import { randomWildProgram } from './random-wild-program.ts';

/** A program and how it is driven, for comparing engines. */
export interface RandomRun {
  readonly contexts: ContextMode;
  /** Contexts of each core that begin. */
  readonly starts: readonly number[];
  readonly instructions: readonly Instruction[];
  /** Whether all of local memory is open to every context, not just its slice. */
  readonly opensLocalMemory: boolean;
  /** Words for the registers of all contexts, from the first on, over and over. */
  readonly registers: readonly number[];
  /** Cycles up to which it is run, ascending; a frame may come at the end of such a piece. */
  readonly pieces: readonly { readonly until: number; readonly frame: Uint8Array | undefined }[];
}

/** A watchdog that ends endless loops soon. */
export const WATCHDOG_CYCLES = 3_000;

/**
 * A random run: of a program that ends by itself and waits for what comes, or of a wild one, in some runs with frames that
 * are received and sent.
 */
export function randomRun(random: RandomStream): RandomRun {
  const contexts: ContextMode = random.below(4) === 0 ? 4 : 8;
  const opensLocalMemory = random.below(2) === 0;
  const withFrames = !opensLocalMemory && random.below(3) === 0;
  const program = opensLocalMemory
    ? randomExecution(random, contexts, 3 + random.below(9))
    : {
        starts: startsOf(random, contexts),
        instructions: randomWildProgram(random, contexts, withFrames),
      };
  const pieces: { until: number; frame: Uint8Array | undefined }[] = [];
  for (let until = 0; until < 30_000 && pieces.length < 60; ) {
    until += 1 + random.below(random.below(3) === 0 ? 3_000 : 60);
    const octets = 60 + random.below(200);
    const frame = withFrames && random.below(3) === 0 ? Uint8Array.from({ length: octets }, (_, i) => i) : undefined;
    pieces.push({ until, frame });
  }
  return {
    contexts,
    starts: program.starts,
    instructions: program.instructions,
    opensLocalMemory,
    registers: Array.from({ length: 61 }, () => word(random)),
    pieces,
  };
}

/** Mostly all contexts; sometimes one alone, whose turn comes again and again. */
function startsOf(random: RandomStream, contexts: ContextMode): number[] {
  if (random.below(6) === 0) return [random.below(contexts)];
  return Array.from({ length: contexts }, (_, context) => context);
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
