import * as op from '../execution/opcodes.ts';
import type { Program } from '../execution/program.ts';
import { isTranslated } from './translatable.ts';

/** Instructions `start` to `end - 1`, entered at the start alone; conditional branches may leave from the middle. */
export interface RegionBlock {
  readonly start: number;
  readonly end: number;
}

/** Largest region: V8 optimises functions of this size well, and it takes under a millisecond. */
export const REGION_INSTRUCTIONS = 1000;

/** A return address is loaded at most so many instructions before the branch to the subroutine. */
const CALL_INSTRUCTIONS = 4;

/**
 * What is reached from an instruction within one context's stay, as far as it fits into a region. A block starts at the
 * entry, at each branch target, and behind each instruction that the interpreter executes, so that the region can be
 * entered there again.
 * @param isElsewhere whether another region can be entered there, which is then where this one ends
 * @returns blocks in ascending order
 */
export function findRegion(program: Program, entry: number, isElsewhere: (place: number) => boolean): RegionBlock[] {
  const members = new Set<number>();
  const leaders = new Set<number>();
  const pending = [entry];
  for (let start = pending.pop(); start !== undefined; start = pending.pop()) {
    leaders.add(start);
    let i: number | undefined = start;
    while (
      i !== undefined &&
      i < program.length &&
      !isElsewhere(i) &&
      !members.has(i) &&
      members.size < REGION_INSTRUCTIONS
    ) {
      members.add(i);
      const next: number | undefined = fallThrough(program, i);
      const branchTarget = targetOf(program, i);
      const back = returnPlace(program, i);
      if (back !== undefined) pending.push(back);
      if (branchTarget !== undefined) pending.push(branchTarget);
      if (next !== undefined && endsStay(program, i)) leaders.add(next);
      // Behind a command's deferred instructions there is a gap.
      if (next !== undefined && next !== i + 1) {
        pending.push(next);
        break;
      }
      i = next;
    }
  }
  const starts = [...leaders].filter((leader) => members.has(leader)).sort((a, b) => a - b);
  return starts.map((start) => ({ start, end: endOf(program, start, members, leaders) }));
}

function endOf(program: Program, start: number, members: ReadonlySet<number>, leaders: ReadonlySet<number>): number {
  let i = start;
  for (;;) {
    const next = fallThrough(program, i);
    i++;
    if (next !== i || !members.has(i) || leaders.has(i)) return i;
  }
}

/** Whether a region has to be entered again behind an instruction. */
function endsStay(program: Program, i: number): boolean {
  return program.op[i] === op.OP_CTX_ARB || !isTranslated(program, i);
}

/** Where the context goes on without a taken branch; undefined behind an unconditional one. */
export function fallThrough(program: Program, i: number): number | undefined {
  switch (program.op[i]) {
    case op.OP_BR:
    case op.OP_JUMP:
      return undefined;
    case op.OP_CTX_ARB:
      return program.x[i]!;
    case op.OP_COMMAND: {
      const plan = program.commands[program.x[i]!]!;
      return plan.swap ? i + 1 + plan.defer : i + 1;
    }
    default:
      return i + 1;
  }
}

/**
 * Where a called subroutine comes back to, if an instruction is a call: one that puts the number of the instruction
 * behind an unconditional branch into a register, and comes before it or is deferred by it.
 */
function returnPlace(program: Program, i: number): number | undefined {
  if (program.op[i] !== op.OP_BR) return undefined;
  const place = i + 1 + program.defer[i]!;
  for (let at = Math.max(0, i - CALL_INSTRUCTIONS); at < place; at++) {
    if (program.op[at] === op.OP_IMMED && program.x[at] === place) return place;
  }
  return undefined;
}

function targetOf(program: Program, i: number): number | undefined {
  const code = program.op[i]!;
  return code >= op.OP_BR && code <= op.OP_BR_BYTE_NOT_EQUAL ? program.x[i]! : undefined;
}
