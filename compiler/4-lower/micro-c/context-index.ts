import type { Register } from '../../ir.ts';
import type { FunctionBuilder } from '../../ir-builder.ts';

/**
 * The number of the running context among all of a NIC: by island (from 32 on), core (16 an island) and context (8 a
 * core), as the status register has them.
 */
export function contextIndex(b: FunctionBuilder): Register {
  const status = b.csrRead('ActCtxStatus');
  const island = b.extract(status, 25, 5);
  return b.insert(b.extract(status, 0, 7), island, 7, 5);
}

/** The octet before 40-bit addresses in the running context's own island: a bit that says island, and its number. */
export function ownIslandOctet(b: FunctionBuilder): Register {
  return b.binary('or', b.extract(b.csrRead('ActCtxStatus'), 25, 6), 0x80);
}
