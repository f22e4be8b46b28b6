import { InputError } from '../../base/errors.ts';
import { CSR, csrText } from '../isa/csr.ts';
import type { Core } from './core.ts';

const POINTERS: ReadonlyMap<number, number> = new Map([
  [CSR.ActLMAddr0, 0],
  [CSR.ActLMAddr1, 1],
  [CSR.ActLMAddr2, 2],
  [CSR.ActLMAddr3, 3],
]);
const LOCAL_ADDRESS_MASK = 0xffc;
const READABLE: ReadonlySet<number> = new Set([
  ...POINTERS.keys(),
  CSR.ActCtxStatus,
  CSR.TimestampLow,
  CSR.TimestampHgh,
  CSR.Mailbox0,
  CSR.Mailbox1,
  CSR.Mailbox2,
  CSR.Mailbox3,
]);
const WRITABLE: ReadonlySet<number> = new Set([
  ...POINTERS.keys(),
  CSR.Mailbox0,
  CSR.Mailbox1,
  CSR.Mailbox2,
  CSR.Mailbox3,
]);

/** @throws InputError `npu-unsupported-csr` unless this NPU has the register for reading or writing */
export function checkCsr(address: number, access: 'read' | 'write'): void {
  if ((access === 'read' ? READABLE : WRITABLE).has(address)) return;
  throw new InputError('npu-unsupported-csr', `${access} of ${csrText(address)}`);
}

/**
 * @param cycle of the instruction
 * @param tickCycles core cycles of one count of the timestamp
 */
export function readCsr(core: Core, context: number, address: number, cycle: number, tickCycles: number): number {
  switch (address) {
    case CSR.ActCtxStatus:
      // Bit 31: a context is active. 30..25 island, 6..3 core, 2..0 context.
      return (1 << 31) | (core.islandNumber << 25) | (core.numberInIsland << 3) | context;
    case CSR.TimestampLow:
      return Math.floor(cycle / tickCycles) | 0;
    case CSR.TimestampHgh:
      return Math.floor(cycle / tickCycles / 2 ** 32) | 0;
    case CSR.Mailbox0:
    case CSR.Mailbox1:
    case CSR.Mailbox2:
    case CSR.Mailbox3:
      return core.mailboxes[(address - CSR.Mailbox0) >>> 2]!;
    default:
      return core.localPointer[context * 4 + POINTERS.get(address)!]!;
  }
}

/**
 * A new local-memory pointer is seen by instructions more than `delayCycles` after this one: three others in between
 * with the shipped profiles, as Linux' jit.c puts them. Until then the old one counts.
 */
export function writeCsr(
  core: Core,
  context: number,
  address: number,
  value: number,
  cycle: number,
  delayCycles: number,
): void {
  const pointer = POINTERS.get(address);
  if (pointer === undefined) {
    core.mailboxes[(address - CSR.Mailbox0) >>> 2] = value;
    return;
  }
  const at = context * 4 + pointer;
  if (cycle > core.localPointerWritten[at]! + delayCycles) core.localPointerOld[at] = core.localPointer[at]!;
  core.localPointer[at] = value & LOCAL_ADDRESS_MASK;
  core.localPointerWritten[at] = cycle;
}
