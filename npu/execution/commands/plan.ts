import type { CommandExecutor } from './world.ts';

/** A command, decoded: everything that does not depend on registers. */
export interface CommandPlan {
  readonly action: 0 | 1 | 2 | 3 | 4 | 5;
  readonly memory: 'mem' | 'cls' | 'ct';
  /** (a << 8) + b with 40 bits, or a + b with 32. */
  readonly shifted: boolean;
  readonly a: number;
  readonly b: number;
  /** Added to the address: the immediate one of the instruction. */
  readonly offset: number;
  readonly xfer: number;
  /** In units, 1 to 8; for the atomics in words or double words. */
  readonly count: number;
  /** Octets of a unit: 1, 4 or 8. */
  readonly unit: 1 | 4 | 8;
  /** Octets reversed within each 32-bit word. */
  readonly swapped: boolean;
  readonly atomic: number;
  /** Whether an atomic gives the old value back. */
  readonly returns: boolean;
  /** The operand of an atomic is in the command or its override, not in transfer registers. */
  readonly immediate: boolean;
  /** Operand of an `_imm` form without data in the override. */
  readonly operand: number;
  /** Bit 2 of the length field chooses 64 bits: arithmetic in `mem`. */
  readonly wideByLength: boolean;
  /** An octet mask has a meaning. */
  readonly masks: boolean;
  /** An atomic that writes only if the octets of the mask are equal. */
  readonly compares: boolean;
  readonly indirect: boolean;
  readonly swap: boolean;
  readonly signal: number;
  /**
   * Takes data and gives some back, which are two transfers: signal ^ 1 is raised as well (open nic-firmware calls the
   * two SIGNAL_PAIR, an even number and the odd one above it). Signal 1 has no partner.
   */
  readonly pair: boolean;
  readonly defer: number;
  /** Of `COMMAND_OTHER`. */
  readonly execute: CommandExecutor | undefined;
  /** The data reference of an override is the number of a ring, not a transfer register. */
  readonly ringInOverride: boolean;
  /** Reaches into other cores, or is answered by one: the cores of the NIC have to go in step. */
  readonly couples: boolean;
  /** For messages. */
  readonly name: string;
}

/** Octets of a direct transfer, by unit: 32 of the 8-bit forms, 128 of the wider ones (facts of the chip). */
export const MAXIMUM_UNITS = { 1: 32, 4: 32, 8: 16 } as const;
