import { crcRemainder } from '../crc.ts';
import { updateCrc } from '../csr.ts';
import { type Handler, readB, writeResult } from '../handler.ts';

/** `crc_be`, `crc_le`: the source goes to the destination as it is (Intel IXP2800 hardware reference manual, 2.3.8). */
export const crc: Handler = (world, core, i) => {
  const word = readB(world, core, i);
  const plan = world.program.crcs[world.program.x[i]!]!;
  updateCrc(world, core, crcRemainder(plan, core.crcRemainder, word));
  writeResult(world, core, i, word);
};
