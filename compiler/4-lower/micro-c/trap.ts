import type { SourcePosition } from '../../../base/errors.ts';
import { wideAddress } from '../../ir-builder.ts';
import type { Lowering } from './lowering.ts';

/**
 * Ends the program where C leaves undefined what it does, and where a bound that was promised is broken: an access to an
 * address that no memory has, which the NIC reports as a fault with file and line.
 */
export function trap(lowering: Lowering, position: SourcePosition): void {
  const { b } = lowering;
  const group = b.group(1);
  b.at(position).memory('read32', TRAP_ADDRESS, { group, count: 1 });
  b.halt();
}

/** The last word of EMEM 0's range, which lies beyond every program's objects. */
export const TRAP_ADDRESS = wideAddress(0x98, 0xfffffffc);
