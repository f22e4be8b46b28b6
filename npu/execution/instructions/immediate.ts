import { type Handler, readA, writeResult } from '../handler.ts';

/** `immed`: the constant is complete in the program. */
export const loadConstant: Handler = (world, core, i) => {
  writeResult(world, core, i, world.program.x[i]!);
};

/** `immed_w0` ... `immed_b3`: the other octets stay. */
export const loadConstantPart: Handler = (world, core, i) => {
  const { x, y } = world.program;
  writeResult(world, core, i, (readA(world, core, i) & ~y[i]!) | x[i]!);
};

/** `immed[d, 0]` behind `local_csr_rd`: takes what was read. */
export const loadCsrValue: Handler = (world, core, i) => {
  writeResult(world, core, i, core.csrValue);
};

export const nothing: Handler = () => {
  // Its cycle has passed.
};
