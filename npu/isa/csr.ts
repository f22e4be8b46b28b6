/**
 * Control and status registers of a microengine, by octet address, with the names that objdump prints.
 * Source: GNU binutils 2.40 `opcodes/nfp-dis.c`; those of local memory also Linux `nfp_asm.h`.
 */
export const CSR = {
  UstorAddr: 0x000,
  UstorDataLwr: 0x004,
  UstorDataUpr: 0x008,
  UstorErrStat: 0x00c,
  ALUOut: 0x010,
  CtxArbCtrl: 0x014,
  CtxEnables: 0x018,
  CondCodeEn: 0x01c,
  CSRCtxPtr: 0x020,
  PcBreakpoint0: 0x024,
  PcBreakpoint1: 0x028,
  PcBreakpointStatus: 0x02c,
  RegErrStatus: 0x030,
  LMErrStatus: 0x034,
  LMeccErrorMask: 0x038,
  IndCtxStatus: 0x040,
  ActCtxStatus: 0x044,
  IndCtxSglEvt: 0x048,
  ActCtxSglEvt: 0x04c,
  IndCtxWkpEvt: 0x050,
  ActCtxWkpEvt: 0x054,
  IndCtxFtrCnt: 0x058,
  ActCtxFtrCnt: 0x05c,
  IndLMAddr0: 0x060,
  ActLMAddr0: 0x064,
  IndLMAddr1: 0x068,
  ActLMAddr1: 0x06c,
  ByteIndex: 0x070,
  XferIndex: 0x074,
  IndFtrCntSgl: 0x078,
  ActFtrCntSgl: 0x07c,
  NNPut: 0x080,
  NNGet: 0x084,
  IndLMAddr2: 0x090,
  ActLMAddr2: 0x094,
  IndLMAddr3: 0x098,
  ActLMAddr3: 0x09c,
  IndLMAddr2BytIdx: 0x0a0,
  ActLMAddr2BytIdx: 0x0a4,
  IndLMAddr3BytIdx: 0x0a8,
  ActLMAddr3BytIdx: 0x0ac,
  IndPredCC: 0x0b0,
  TimestampLow: 0x0c0,
  TimestampHgh: 0x0c4,
  IndLMAddr0BytIdx: 0x0e0,
  ActLMAddr0BytIdx: 0x0e4,
  IndLMAddr1BytIdx: 0x0e8,
  ActLMAddr1BytIdx: 0x0ec,
  XfrAndBytIdx: 0x0f4,
  NxtNghbrSgl: 0x100,
  PrvNghbrSgl: 0x104,
  SameMESignal: 0x108,
  CRCRemainder: 0x140,
  ProfileCnt: 0x144,
  PseudoRndNum: 0x148,
  MiscControl: 0x160,
  PcBreakpoint0Mask: 0x164,
  PcBreakpoint1Mask: 0x168,
  Mailbox0: 0x170,
  Mailbox1: 0x174,
  Mailbox2: 0x178,
  Mailbox3: 0x17c,
  CmdIndirectRef0: 0x190,
} as const;

export type CsrName = keyof typeof CSR;

/** The CSR address of an instruction counts words in 11 bits. */
export const CSR_ADDRESS_LIMIT = 1 << 13;

/**
 * The word at this address is not a CSR in a `local_csr` instruction: objdump prints `urd`/`uwr`, the code store access
 * of an older microengine, which this one does not have.
 */
export const CSR_ADDRESS_RESERVED = CSR.UstorDataLwr;

const nameByAddress: ReadonlyMap<number, string> = new Map(
  Object.entries(CSR).map(([name, address]) => [address, name] as const),
);
const addressByName: ReadonlyMap<string, number> = new Map(Object.entries(CSR));

/** The name, or the address in hexadecimal where the register has none. */
export function csrText(address: number): string {
  return nameByAddress.get(address) ?? `0x${address.toString(16)}`;
}

/** The address of a named CSR, or undefined. */
export function csrAddress(name: string): number | undefined {
  return addressByName.get(name);
}
