import type { InstructionEntry } from './instruction-entry.ts';

const ONE = '1';
const ALWAYS = 'taken 3; defer slots fill them';
const BRANCH = 'not taken 1; taken 4, or 3 when the codes are older than the instruction before; defer slots fill them';
const EARLY = 'not taken 1; taken 3; defer slots fill them';
const LATE = 'not taken 1; taken 4; defer slots fill them';
const JUMP = 'taken 4; defer slots fill them';
const SWAP = 'at least 3, then as long as it takes';
const COMMAND = 'issue 1; with ctx_swap at least 3, then until the signal; two of one core keep a distance';

/** Branches, context swaps, CSRs, commands. */
export const FLOW: readonly InstructionEntry[] = [
  {
    names: ['br'],
    form: 'br[.n], defer[k]',
    effect: 'goes to instruction n, after k more',
    conditionCodes: 'kept',
    cycles: ALWAYS,
    sources: { form: ['gnu', 'linux'], effect: ['linux'], conditionCodes: ['linux'], cycles: ['krude'] },
    examples: ['br[.0]'],
  },
  {
    names: ['beq', 'bne', 'bmi', 'bpl', 'bcs', 'bcc', 'bvs', 'bvc', 'bge', 'blt', 'bgt', 'ble'],
    form: 'beq[.n], defer[k]; the assembler takes bhs for bcs, blo for bcc',
    effect: 'goes to n if Z, not Z, N, not N, C, not C, V, not V, N = V, N <> V, N = V and not Z, N <> V or Z',
    conditionCodes: 'kept',
    cycles: BRANCH,
    sources: { form: ['gnu', 'linux'], effect: ['linux'], conditionCodes: ['linux'], cycles: ['krude'] },
    examples: [
      'beq[.0]',
      'bne[.0]',
      'bmi[.0]',
      'bpl[.0]',
      'bcs[.0]',
      'bcc[.0]',
      'bvs[.0]',
      'bvc[.0]',
      'bge[.0]',
      'blt[.0]',
      'bgt[.0]',
      'ble[.0]',
    ],
  },
  {
    names: ['br_bset', 'br_bclr'],
    form: 'br_bset[s, bit, .n], defer[k]',
    effect: 'goes to n if the bit of s is 1 or 0',
    conditionCodes: 'kept',
    cycles: LATE,
    sources: { form: ['gnu', 'linux'], effect: ['linux'], conditionCodes: ['linux'], cycles: ['krude'] },
    examples: ['br_bset[gprA_1, 3, .0]', 'br_bclr[gprA_1, 3, .0]'],
  },
  {
    names: ['br=byte', 'br!=byte'],
    form: 'br=byte[s, byte, v, .n], defer[k]',
    effect: 'goes to n if the octet of s (0: least significant) is v or is not',
    conditionCodes: 'kept',
    cycles: LATE,
    sources: { form: ['gnu', 'linux'], effect: ['linux'], conditionCodes: ['linux'], cycles: ['krude'] },
    examples: ['br=byte[gprA_1, 0, 0x7, .0]', 'br!=byte[gprA_1, 0, 0x7, .0]'],
  },
  {
    names: ['br=ctx', 'br!=ctx'],
    form: 'br=ctx[c, .n], defer[k]',
    effect: 'goes to n in context c, or in all others',
    conditionCodes: 'kept',
    cycles: EARLY,
    sources: { form: ['gnu'], effect: ['firmware'], conditionCodes: ['inferred'], cycles: ['inferred'] },
    examples: ['br=ctx[0, .0]', 'br!=ctx[0, .0]'],
  },
  {
    names: ['br_signal', 'br_!signal'],
    form: 'br_signal[s, .n], defer[k]',
    effect: 'goes to n if signal s has come (which consumes it), or has not',
    conditionCodes: 'kept',
    cycles: EARLY,
    sources: { form: ['gnu'], effect: ['firmware'], conditionCodes: ['inferred'], cycles: ['inferred'] },
    examples: ['br_signal[1, .0]', 'br_!signal[1, .0]'],
  },
  {
    names: ['br_inp_state', 'br_!inp_state'],
    form: 'br_inp_state[nn_empty, .n], br_inp_state[ctm_ring3_status, .n]',
    effect:
      'goes to n if the next-neighbour ring, or a ring in CTM, is in that state: of the latter empty, or full, as its base register says',
    conditionCodes: 'kept',
    cycles: EARLY,
    sources: { form: ['gnu'], effect: ['firmware', 'inferred'], conditionCodes: ['inferred'], cycles: ['inferred'] },
    examples: ['br_inp_state[nn_empty, .0]', 'br_!inp_state[nn_full, .0]'],
  },
  {
    names: ['br_cls_state', 'br_!cls_state'],
    form: 'br_cls_state[cls_ring2_status, .n]',
    effect: 'goes to n if the ring in CLS is full',
    conditionCodes: 'kept',
    cycles: EARLY,
    sources: { form: ['gnu'], effect: ['firmware', 'inferred'], conditionCodes: ['inferred'], cycles: ['inferred'] },
    examples: ['br_cls_state[cls_ring2_status, .0]', 'br_!cls_state[cls_ring2_status, .0]'],
  },
  {
    names: ['jump', 'rtn'],
    form: 'jump[s, .base], rtn[s]',
    effect: 'goes to instruction base + s; rtn has base 0',
    conditionCodes: 'kept',
    cycles: JUMP,
    sources: { form: ['gnu', 'linux'], effect: ['linux'], conditionCodes: ['linux'], cycles: ['inferred'] },
    examples: ['jump[gprA_1, .1]', 'rtn[gprA_1]'],
  },
  {
    names: ['ctx_arb'],
    form: 'ctx_arb[sig1, sig2], any, br[.n], defer[k]; ctx_arb[voluntary]; ctx_arb[kill]; ctx_arb[--]; ctx_arb[bpt]',
    effect:
      "gives the core to another context until all signals (any of them) have come, and consumes those waited for; voluntary: until it is this context's turn; kill: for ever; --: for the events in CSR ActCtxWkpEvt; bpt: refused at load",
    conditionCodes: 'kept',
    cycles: SWAP,
    sources: { form: ['gnu'], effect: ['firmware'], conditionCodes: ['inferred'], cycles: ['krude'] },
    examples: [
      'ctx_arb[sig1, sig2], any, br[.0]',
      'ctx_arb[voluntary]',
      'ctx_arb[kill]',
      'ctx_arb[--]',
      'ctx_arb[bpt]',
    ],
  },
  {
    names: ['local_csr_rd', 'local_csr_wr'],
    form: 'local_csr_rd[ActLMAddr0], local_csr_wr[ActLMAddr0, s]',
    effect: 'reads a CSR for the immed that follows, writes one; a local-memory pointer is usable 3 cycles later',
    conditionCodes: 'kept',
    cycles: ONE,
    sources: { form: ['gnu', 'linux'], effect: ['linux'], conditionCodes: ['inferred'], cycles: ['krude', 'linux'] },
    examples: ['local_csr_rd[ActLMAddr0]', 'local_csr_wr[ActLMAddr0, gprB_2]'],
  },
  {
    names: ['mem', 'cls', 'ct', 'nbi', 'ila', 'pcie', 'arm', 'crypto'],
    form: 'mem[read32, $xfer_0, a, b, count], ctx_swap[sig1] | sig_done[sig1]; mem[read32, $xfer_0, a, <<8, b, count], ...',
    effect:
      'sends a command with address a + b (32 bits) or (a << 8) + b (40 bits); data moves through transfer registers from the named one on; ctx_swap waits with other contexts running, sig_done does not wait; indirect_ref takes length, data, octet mask, signal and transfer register from the result of the instruction before. All can be written and read; docs/npu.md says which are executed',
    conditionCodes: 'kept',
    cycles: COMMAND,
    sources: {
      form: ['gnu', 'linux', 'firmware'],
      effect: ['linux', 'firmware'],
      conditionCodes: ['inferred'],
      cycles: ['krude'],
    },
    examples: [
      'mem[read32, $xfer_0, gprA_1, gprB_2, 1], ctx_swap[sig1]',
      'cls[add_imm, 0x100, 0x1], indirect_ref',
      'ct[interthread_signal, 0x1, --, 1]',
      'nbi[read, $xfer_0, gprA_1, gprB_2, 1], sig_done[sig1]',
      'ila[read, $xfer_0, gprA_1, gprB_2, 1]',
      'pcie[read, $xfer_0, gprA_1, gprB_2, 1]',
      'arm[read, $xfer_0, gprA_1, gprB_2, 1]',
      'crypto[read, $xfer_0, gprA_1, gprB_2, 1]',
    ],
  },
  {
    names: ['nop'],
    form: 'nop',
    effect: 'nothing',
    conditionCodes: 'kept',
    cycles: ONE,
    sources: { form: ['gnu', 'linux'], effect: ['linux'], conditionCodes: ['linux'], cycles: ['krude'] },
    examples: ['nop'],
  },
];
