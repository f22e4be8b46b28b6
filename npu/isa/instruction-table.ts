/**
 * The instruction set for people: what each instruction is called, does and costs, and where that is known from. The
 * numbers of the costs are in the timing profile; here they are words. `docs/npu-instruction-set.md` shows this table.
 */
export interface InstructionEntry {
  /** Mnemonics that share the row. */
  readonly names: readonly string[];
  /** Operands as objdump prints them. */
  readonly form: string;
  readonly effect: string;
  /** What happens to N, Z, V, C: `NZVC`, `NZ, V = C = 0`, `-` (kept). `no_cc` keeps them where it is allowed. */
  readonly conditionCodes: string;
  readonly cycles: string;
  readonly sources: readonly InstructionSource[];
}

/**
 * - `gnu`: GNU binutils 2.40, `opcodes/nfp-dis.c` and `include/opcode/nfp.h`: names, forms, encodings.
 * - `linux`: Linux `drivers/net/ethernet/netronome/nfp` (`nfp_asm.h`, `nfp_asm.c`, `bpf/jit.c`): encodings, and meaning by use.
 * - `krude`: Krude et al., CoNEXT 2021: cycles, validated on hardware.
 * - `firmware`: open Netronome nic-firmware and flowenv: meaning by use.
 * - `inferred`: no public text says it; follows from the name and the form. Treat with care.
 */
export type InstructionSource = 'gnu' | 'linux' | 'krude' | 'firmware' | 'inferred';

const ONE = '1';
const BRANCH = 'not taken 1; taken 4, or 3 when the codes are older than the instruction before; defer slots fill them';
const ALWAYS = 'taken 3; defer slots fill them';
const EARLY = 'not taken 1; taken 3; defer slots fill them';
const LATE = 'not taken 1; taken 4; defer slots fill them';
const LOGIC = 'N Z of the result, V = C = 0';
const ARITHMETIC = 'N Z V C; C is the carry, after a subtraction "no borrow"';
const COMMAND = 'issue 1; with ctx_swap at least 3, then until the signal; two of one core keep a distance';

export const INSTRUCTION_TABLE: readonly InstructionEntry[] = [
  {
    names: ['alu'],
    form: 'alu[d, --, B, b], alu[d, --, ~B, b]',
    effect: 'd = b, d = NOT b',
    conditionCodes: LOGIC,
    cycles: ONE,
    sources: ['gnu', 'linux', 'krude'],
  },
  {
    names: ['alu'],
    form: 'alu[d, a, +, b], alu[d, a, -, b], alu[d, a, B-A, b]',
    effect: 'd = a + b, a - b, b - a',
    conditionCodes: ARITHMETIC,
    cycles: ONE,
    sources: ['gnu', 'linux', 'krude'],
  },
  {
    names: ['alu'],
    form: 'alu[d, a, +carry, b], alu[d, a, -carry, b]',
    effect: 'd = a + b + C, a - b - (1 - C)',
    conditionCodes: ARITHMETIC,
    cycles: ONE,
    sources: ['gnu', 'linux', 'krude'],
  },
  {
    names: ['alu'],
    form: 'alu[d, a, +8, b], alu[d, a, +16, b]',
    effect: 'd = a + the low 8 or 16 bits of b',
    conditionCodes: ARITHMETIC,
    cycles: ONE,
    sources: ['gnu', 'linux', 'krude'],
  },
  {
    names: ['alu'],
    form: 'alu[d, a, AND, b], ~AND, AND~, OR, XOR',
    effect: 'd = a AND b, NOT a AND b, a AND NOT b, a OR b, a XOR b',
    conditionCodes: LOGIC,
    cycles: ONE,
    sources: ['gnu', 'linux', 'krude'],
  },
  {
    names: ['alu_shf'],
    form: 'alu_shf[d, a, OP, b, <<n | >>n | >>rotn | <<indirect | >>indirect]',
    effect:
      'd = a OP (b shifted); OP is B, ~B (a is --), AND, ~AND, AND~, OR; "indirect" is by the low 5 bits of operand a ' +
      'of the alu before',
    conditionCodes: LOGIC,
    cycles: ONE,
    sources: ['gnu', 'linux', 'krude'],
  },
  {
    names: ['dbl_shf'],
    form: 'dbl_shf[d, a, b, >>n | >>indirect]',
    effect: 'd = low word of (a:b) >> n',
    conditionCodes: LOGIC,
    cycles: ONE,
    sources: ['gnu', 'linux', 'krude'],
  },
  {
    names: ['asr'],
    form: 'asr[d, s, >>n | >>indirect]',
    effect: 'd = s >> n, filled with the sign of the result of the instruction before: put alu[--, s, OR, 0x0] there',
    conditionCodes: LOGIC,
    cycles: ONE,
    sources: ['gnu', 'linux', 'krude'],
  },
  {
    names: ['byte_align_be', 'byte_align_le'],
    form: 'byte_align_be[d, s]',
    effect: 'd = 4 octets of the source of the byte_align before and s, from CSR ByteIndex on',
    conditionCodes: LOGIC,
    cycles: ONE,
    sources: ['gnu', 'firmware', 'inferred'],
  },
  {
    names: ['immed'],
    form: 'immed[d, v], immed[d, v, <<8 | <<16]',
    effect:
      'd = v << n for v up to 0xffff; for v from 0xffff0000 on the bits that come in are ones. After local_csr_rd, ' +
      'immed[d, 0x0] takes the value read',
    conditionCodes: '-',
    cycles: ONE,
    sources: ['gnu', 'linux', 'krude'],
  },
  {
    names: ['immed_w0', 'immed_w1', 'immed_b0', 'immed_b1', 'immed_b2', 'immed_b3'],
    form: 'immed_w1[d, v], immed_b2[d, v]',
    effect: 'puts v into a half or an octet of d, counted from the least significant; the rest of d stays',
    conditionCodes: '-',
    cycles: ONE,
    sources: ['gnu', 'linux', 'krude'],
  },
  {
    names: ['load_addr'],
    form: 'load_addr[d, label]',
    effect: 'd = index of the instruction; the assembler writes immed[d, index]',
    conditionCodes: '-',
    cycles: ONE,
    sources: ['linux'],
  },
  {
    names: ['ld_field', 'ld_field_w_clr'],
    form: 'ld_field[d, mask, s, shift], load_cc',
    effect:
      'octets of (s shifted) that the mask names, most significant first, go to d; ld_field keeps the others, ' +
      'ld_field_w_clr clears them; shift as in alu_shf',
    conditionCodes: '- ; with load_cc N Z of the result',
    cycles: ONE,
    sources: ['gnu', 'linux', 'krude'],
  },
  {
    names: ['mul_step'],
    form: 'mul_step[a, b], start; mul_step[a, b], 32x32_step1 .. step4; mul_step[d, --], 32x32_last, 32x32_last2',
    effect:
      'start clears the product; step n adds a times octet n - 1 of b in its place; last gives the low word, last2 the ' +
      'high one. 24x8 takes 1 step, 16x16 takes 2, 32x32 takes 4',
    conditionCodes: 'last and last2: N Z of the result',
    cycles: ONE,
    sources: ['gnu', 'linux', 'krude'],
  },
  {
    names: ['ffs'],
    form: 'ffs[d, s]',
    effect: 'd = number of the lowest bit of s that is set',
    conditionCodes: 'N Z of the result',
    cycles: ONE,
    sources: ['gnu', 'inferred'],
  },
  {
    names: ['pop_count1', 'pop_count2', 'pop_count3'],
    form: 'pop_count1[s], pop_count2[s], pop_count3[d, s], one after the other',
    effect: 'd = number of bits of s that are set',
    conditionCodes: 'N Z of the result',
    cycles: 'one each',
    sources: ['gnu', 'inferred'],
  },
  {
    names: ['crc_be', 'crc_le'],
    form: 'crc_be[crc_32, d, s], bytes_0_2, bit_swap',
    effect:
      'feeds the named octets of s (all if none is named) into CSR CRCRemainder, d = s; polynomials crc_ccitt, crc_32, ' +
      'crc_iscsi, crc_10, crc_5, or -- for none',
    conditionCodes: '-',
    cycles: '1; the remainder can be read 5 cycles later',
    sources: ['gnu', 'krude', 'inferred'],
  },
  {
    names: ['cam_lookup'],
    form: 'cam_lookup[d, s], lm_addr1[2]',
    effect: 'looks for s among the 16 tags; d = hit, state and entry; the entry can go to a local-memory pointer',
    conditionCodes: '-',
    cycles: ONE,
    sources: ['gnu', 'inferred'],
  },
  {
    names: ['cam_write', 'cam_write_state', 'cam_read_tag', 'cam_read_state', 'cam_clear'],
    form: 'cam_write[entry, tag, state], cam_write_state[entry, state], cam_read_tag[d, entry], cam_clear',
    effect: 'writes, reads and clears entries of the CAM',
    conditionCodes: '-',
    cycles: ONE,
    sources: ['gnu', 'inferred'],
  },
  {
    names: ['br'],
    form: 'br[.n], defer[k]',
    effect: 'goes to instruction n, after k more',
    conditionCodes: '-',
    cycles: ALWAYS,
    sources: ['gnu', 'linux', 'krude'],
  },
  {
    names: ['beq', 'bne', 'bmi', 'bpl', 'bcs', 'bcc', 'bvs', 'bvc', 'bge', 'blt', 'bgt', 'ble'],
    form: 'beq[.n], defer[k]; the assembler takes bhs for bcs, blo for bcc',
    effect: 'goes to n if Z, not Z, N, not N, C, not C, V, not V, N = V, N <> V, N = V and not Z, N <> V or Z',
    conditionCodes: '-',
    cycles: BRANCH,
    sources: ['gnu', 'linux', 'krude'],
  },
  {
    names: ['br_bset', 'br_bclr'],
    form: 'br_bset[s, bit, .n], defer[k]',
    effect: 'goes to n if the bit of s is 1 or 0',
    conditionCodes: '-',
    cycles: LATE,
    sources: ['gnu', 'linux', 'krude'],
  },
  {
    names: ['br=byte', 'br!=byte'],
    form: 'br=byte[s, byte, v, .n], defer[k]',
    effect: 'goes to n if the octet of s (0: least significant) is v or is not',
    conditionCodes: '-',
    cycles: LATE,
    sources: ['gnu', 'linux', 'krude'],
  },
  {
    names: ['br=ctx', 'br!=ctx'],
    form: 'br=ctx[c, .n], defer[k]',
    effect: 'goes to n in context c, or in all others',
    conditionCodes: '-',
    cycles: EARLY,
    sources: ['gnu'],
  },
  {
    names: ['br_signal', 'br_!signal'],
    form: 'br_signal[s, .n], defer[k]',
    effect: 'goes to n if signal s has come (which consumes it), or has not',
    conditionCodes: '-',
    cycles: EARLY,
    sources: ['gnu', 'firmware'],
  },
  {
    names: ['br_inp_state', 'br_!inp_state', 'br_cls_state', 'br_!cls_state'],
    form: 'br_inp_state[nn_empty, .n], br_cls_state[cls_ring2_status, .n]',
    effect: 'goes to n by the state of the next-neighbour ring or of a ring in CTM or CLS',
    conditionCodes: '-',
    cycles: EARLY,
    sources: ['gnu'],
  },
  {
    names: ['jump', 'rtn'],
    form: 'jump[s, .base], rtn[s]',
    effect: 'goes to instruction base + s; rtn has base 0',
    conditionCodes: '-',
    cycles: 'taken 4; defer slots fill them',
    sources: ['gnu', 'linux'],
  },
  {
    names: ['ctx_arb'],
    form: 'ctx_arb[sig1, sig2], any, br[.n], defer[k]; ctx_arb[voluntary]; ctx_arb[kill]; ctx_arb[--]; ctx_arb[bpt]',
    effect: 'gives the core to another context until all signals (any of them) have come; consumes those waited for',
    conditionCodes: '-',
    cycles: 'at least 3, then as long as it takes',
    sources: ['gnu', 'firmware', 'krude'],
  },
  {
    names: ['local_csr_rd', 'local_csr_wr'],
    form: 'local_csr_rd[ActLMAddr0], local_csr_wr[ActLMAddr0, s]',
    effect: 'reads a CSR for the immed that follows, writes one; a local-memory pointer is usable 3 cycles later',
    conditionCodes: '-',
    cycles: ONE,
    sources: ['gnu', 'linux', 'krude'],
  },
  {
    names: ['mem', 'cls', 'ct', 'nbi', 'ila', 'pcie', 'arm', 'crypto'],
    form: 'mem[read32, $xfer_0, a, b, count], ctx_swap[sig1] | sig_done[sig1]; mem[read32, $xfer_0, a, <<8, b, count], ...',
    effect:
      'sends a command with address a + b (32 bits) or (a << 8) + b (40 bits); data moves through transfer registers ' +
      'from the named one on; ctx_swap waits with other contexts running, sig_done does not wait; indirect_ref takes ' +
      'length and data from the result of the instruction before',
    conditionCodes: '-',
    cycles: COMMAND,
    sources: ['gnu', 'linux', 'krude', 'firmware'],
  },
  {
    names: ['nop'],
    form: 'nop',
    effect: 'nothing',
    conditionCodes: '-',
    cycles: ONE,
    sources: ['gnu', 'linux'],
  },
];

/** The table in Markdown, as the manual shows it. */
export function instructionTableMarkdown(): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const rows = INSTRUCTION_TABLE.map(({ names, form, effect, conditionCodes, cycles, sources }) =>
    [
      names.map((name) => `\`${name}\``).join(' '),
      `\`${cell(form)}\``,
      cell(effect),
      conditionCodes,
      cycles,
      sources.join(', '),
    ].join(' | '),
  );
  return [
    '| instruction | form | effect | condition codes | cycles | sources |',
    '|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}
