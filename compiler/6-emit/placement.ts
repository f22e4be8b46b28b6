import type { MemoryName } from '../ir.ts';

/** Where a memory object lies. */
export interface Placement {
  readonly memory: MemoryName;
  /** Octet address in the memory. */
  readonly address: number;
}

/** Octet of address bits 39..32 of the memories that exist once (architecture of the chip's direct-access form). */
export const HIGH_OCTET: Readonly<Record<MemoryName, number>> = { emem: 0x98, imem: 0x9c, ctm: 0, cls: 0 };
