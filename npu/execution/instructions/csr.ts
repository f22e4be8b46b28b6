import { readCsr, writeCsr } from '../csr.ts';
import { type Handler, readB } from '../handler.ts';

/** `local_csr_rd`: the value waits for the `immed` behind it. */
export const csrRead: Handler = (world, core, i) => {
  core.csrValue = readCsr(world, core, world.program.x[i]!, i);
};

export const csrWrite: Handler = (world, core, i) => {
  writeCsr(world, core, world.program.x[i]!, readB(world, core, i));
};
