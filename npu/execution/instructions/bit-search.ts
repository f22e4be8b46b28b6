import { type Handler, readB, writeResultAndCodes } from '../handler.ts';

/** `ffs`: number of the lowest bit that is set; 0 of 0 (*inferred*: flowenv asks before whether there is one). */
export const findFirstSet: Handler = (world, core, i) => {
  const b = readB(world, core, i);
  writeResultAndCodes(world, core, i, b === 0 ? 0 : 31 - Math.clz32(b & -b), 0, 0);
};

/** `pop_count1`, `pop_count2`: the two steps before the one that gives the count. They only read. */
export const populationStep: Handler = (world, core, i) => {
  readB(world, core, i);
};

/** `pop_count3`: all three name the same source, so the last one counts by itself. */
export const populationCount: Handler = (world, core, i) => {
  writeResultAndCodes(world, core, i, countBits(readB(world, core, i)), 0, 0);
};

export function countBits(value: number): number {
  let count = 0;
  for (let rest = value; rest !== 0; rest &= rest - 1) count++;
  return count;
}
