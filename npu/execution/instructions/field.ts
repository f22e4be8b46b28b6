import { type Handler, readA, readB, writeResultAndCodes } from '../handler.ts';
import { shiftDoubleWord, shiftWord } from './shift.ts';

/** `ld_field`, `ld_field_w_clr`: octets of the shifted source in place of those of operand A that the mask names. */
export const loadField: Handler = (world, core, i) => {
  const kept = readA(world, core, i);
  const source = readB(world, core, i);
  const how = world.program.x[i]!;
  const mask = world.program.y[i]!;
  const shifted = shiftWord(source, how >>> 5, how & 31, core.previousA);
  writeResultAndCodes(world, core, i, (kept & ~mask) | (shifted & mask), 0, 0);
};

/**
 * With objdump's shift `>>dblN`. *Inferred*: as in `dbl_shf`, the word to the left is what comes through the other port,
 * the destination as it was.
 */
export const loadFieldDouble: Handler = (world, core, i) => {
  const old = readA(world, core, i);
  const source = readB(world, core, i);
  const how = world.program.x[i]!;
  const mask = world.program.y[i]!;
  const kept = how >>> 5 === 1 ? 0 : old;
  writeResultAndCodes(world, core, i, (kept & ~mask) | (shiftDoubleWord(old, source, how & 31) & mask), 0, 0);
};
