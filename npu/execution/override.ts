import type { Core } from './core.ts';

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
/** The 16 upper bits of the override are the command's data. */
const DATA_IN_OVERRIDE = 2;

/** The new length field (octets, words ... less one), or -1 when it is the instruction's. */
export function overriddenLength(override: number): number {
  return (override & OVERRIDE_LENGTH) === 0 ? -1 : (override >>> LENGTH_SHIFT) & LENGTH_MASK;
}

/** Data of an `_imm` command. */
export function overrideData(override: number): number {
  return override >>> 16;
}

/**
 * Whether this NPU does what the override asks: other masters, octet masks and other sources of data are not described
 * in public.
 * @param immediate the command takes its data from the override
 */
export function isModelled(override: number, immediate: boolean): boolean {
  if ((override & (OVERRIDE_MASTER | OVERRIDE_BYTE_MASK)) !== 0) return false;
  const data = (override >>> OVERRIDE_DATA_SHIFT) & OVERRIDE_DATA_MASK;
  return data === (immediate ? DATA_IN_OVERRIDE : 0);
}

/** Signal that the command raises: the instruction's, or that of CSR CmdIndirectRef0. */
export function overriddenSignal(core: Core, override: number, signal: number): number {
  return (override & OVERRIDE_SIGNAL) === 0 ? signal : (core.indirectReference >>> 9) & 15;
}

/** Context whose signal it is. */
export function overriddenContext(core: Core, override: number, context: number): number {
  return (override & OVERRIDE_CONTEXT) === 0 ? context : (core.indirectReference >>> 13) & 7;
}
