import { type Handler, readA, readB, writeResultAndCodes } from '../handler.ts';
import { multiplyStep } from '../multiply.ts';

/** Takes both operands anew at each step, as the instruction names them; `start` only clears the product. */
export const multiplyStart: Handler = (world, core, i) => {
  readA(world, core, i);
  readB(world, core, i);
  core.productLow = 0;
  core.productHigh = 0;
};

export const multiplyNext: Handler = (world, core, i) => {
  const a = readA(world, core, i);
  const b = readB(world, core, i);
  multiplyStep(core, a, b, world.program.x[i]!, world.program.y[i]!);
};

export const multiplyLow: Handler = (world, core, i) => {
  writeResultAndCodes(world, core, i, core.productLow, 0, 0);
};

export const multiplyHigh: Handler = (world, core, i) => {
  writeResultAndCodes(world, core, i, core.productHigh, 0, 0);
};
