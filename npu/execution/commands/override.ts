import type { Core } from '../core.ts';

/**
 * `indirect_ref`: what the result of the instruction before changes in a command.
 * Fields: the open nfp6000/nfp_me.h (PrevAlu, CmdIndirectRef0); Linux nfp_asm.h (length, data).
 */
const OVERRIDE_MASTER = 0x7;
const OVERRIDE_DATA_SHIFT = 3;
const OVERRIDE_DATA_MASK = 7;
const OVERRIDE_BYTE_MASK = 1 << 6;
const OVERRIDE_LENGTH = 1 << 7;
const LENGTH_SHIFT = 8;
const LENGTH_MASK = 31;
const OVERRIDE_SIGNAL = 1 << 13;
const OVERRIDE_CONTEXT = 1 << 14;

/**
 * What the 16 upper bits of the override are (field OveData), as open flowenv uses them: nothing; the data reference,
 * which is the octet address of a transfer register or the number of a ring (mem_ring.c); the operand of an `_imm`
 * command; the octet mask (mem_atomic.c).
 */
export const DATA_NONE = 0;
export const DATA_REFERENCE = 1;
export const DATA_OPERAND = 2;
export const DATA_OCTET_MASK = 6;

/** Bit of the length field: an `_imm` command has its operand in the override, a compare uses the octet mask. */
export const LENGTH_WITH_DATA = 8;

/** The new length field (octets, words ... less one), or -1 when it is the instruction's. */
export function overriddenLength(override: number): number {
  return (override & OVERRIDE_LENGTH) === 0 ? -1 : (override >>> LENGTH_SHIFT) & LENGTH_MASK;
}

/** What the data of the override is: one of `DATA_...`, or a number that nothing public describes. */
export function overrideKind(override: number): number {
  return (override >>> OVERRIDE_DATA_SHIFT) & OVERRIDE_DATA_MASK;
}

/** 16 bits of data. */
export function overrideData(override: number): number {
  return override >>> 16;
}

/** Whether other masters than this core are asked for, which nothing public describes beyond the fields' names. */
export function asksForMaster(override: number): boolean {
  return (override & OVERRIDE_MASTER) !== 0;
}

/** The octet mask that an override brings (8 bits), in its data or in CSR CmdIndirectRef0; -1 without one. */
export function octetMask(core: Core, override: number): number {
  if (overrideKind(override) === DATA_OCTET_MASK) return overrideData(override) & 0xff;
  return (override & OVERRIDE_BYTE_MASK) === 0 ? -1 : core.indirectReference & 0xff;
}

/** Signal that the command raises: the instruction's, or that of CSR CmdIndirectRef0. */
export function overriddenSignal(core: Core, override: number, signal: number): number {
  return (override & OVERRIDE_SIGNAL) === 0 ? signal : (core.indirectReference >>> 9) & 15;
}

/** Context whose signal it is. */
export function overriddenContext(core: Core, override: number, context: number): number {
  return (override & OVERRIDE_CONTEXT) === 0 ? context : (core.indirectReference >>> 13) & 7;
}
