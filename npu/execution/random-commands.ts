import { CSR } from '../isa/csr.ts';
import type { CommandInstruction } from '../isa/instruction.ts';
import { A, alu, arbitration, constant, immed, NONE, upperHalf } from './instruction-parts.ts';
import { EMEM_BASE, IMEM_BASE, OFFSET, type RandomWriter, SCRATCH } from './random-writer.ts';

/** For commands with swap, and for those without: each with the one that a command of two signals raises as well. */
const SWAP_SIGNAL = 1;
const DONE_SIGNALS = [4, 6, 8, 10] as const;
/** Of a command whose override names another signal. */
const OVERRIDDEN_SIGNAL = 12;

const MEM_COMMANDS = [
  'read8',
  'read32',
  'read32_swap',
  'read',
  'write8',
  'write8_swap',
  'write32',
  'write32_swap',
  'write',
  'atomic_read',
  'atomic_write',
  'swap',
  'add',
  'sub',
  'set',
  'clr',
  'xor',
  'addsat',
  'subsat',
  'add64',
  'sub64',
  'test_add',
  'test_sub',
  'test_set',
  'test_clr',
  'test_addsat',
  'test_subsat64',
] as const;
const CLS_COMMANDS = ['read', 'write', 'add', 'sub', 'set', 'clr', 'test_add', 'test_set', 'addsat'] as const;

const IMMEDIATE_COMMANDS = [
  'add_imm',
  'sub_imm',
  'set_imm',
  'clr_imm',
  'test_add_imm',
  'test_set_imm',
  'xor_imm',
] as const;

// Fields of an override, see `commands/override.ts`.
const WITH_LENGTH = 1 << 7;
const WITH_SIGNAL = 1 << 13;
const DATA_IS_OPERAND = 2 << 3;

/** How a command ends. */
type Ending = Pick<CommandInstruction, 'completion' | 'signal' | 'defer'>;

/** Commands, one with swap or some without; then a wait for those that raise a signal. */
export function writeCommands(writer: RandomWriter): void {
  const { random } = writer;
  if (writer.once(2)) {
    writeAccess(writer, { completion: 'swap', signal: SWAP_SIGNAL, defer: random.below(3) as 0 | 1 | 2 });
    return;
  }
  const signals: number[] = [];
  for (const signal of DONE_SIGNALS) {
    if (writer.once(2)) continue;
    signals.push(writeAccess(writer, { completion: 'done', signal, defer: 0 }));
    writer.compute(random.below(4));
  }
  if (signals.length === 0) writeAccess(writer, { completion: 'none', signal: 0, defer: 0 });
  else if (writer.once(3)) for (const signal of signals) writePoll(writer, signal);
  else {
    signals.sort((a, b) => a - b);
    if (writer.once(2)) writer.put(arbitration({ wait: 'signals', signals, any: true }));
    const defer = writer.defer();
    writer.put(arbitration({ wait: 'signals', signals, defer }));
    writer.compute(defer);
  }
}

/** Asks again and again whether a signal has come. */
function writePoll(writer: RandomWriter, signal: number): void {
  writer.put({ kind: 'br_context', test: 'br_!signal', operand: signal, target: writer.next, defer: 0 });
}

/** @returns the signal that the command raises */
function writeAccess(writer: RandomWriter, ending: Ending): number {
  const { random } = writer;
  const target = writer.one(['mem', 'mem', 'mem', 'cls'] as const);
  const immediate = target === 'mem' && writer.once(6);
  const command = immediate
    ? writer.one(IMMEDIATE_COMMANDS)
    : writer.one(target === 'mem' ? MEM_COMMANDS : CLS_COMMANDS);
  const wide = target === 'mem' && command.endsWith('64');
  writer.put(alu(OFFSET, A(random.below(11)), 'AND', constant(0xf8)));
  const address: CommandInstruction['address'] =
    target === 'mem' && !writer.once(3)
      ? { kind: 'shifted', base: writer.one([EMEM_BASE, IMEM_BASE]), offset: OFFSET }
      : { kind: 'sum', a: constant(8 * random.below(16)), b: OFFSET };
  const otherSignal = ending.completion === 'done' && ending.signal === DONE_SIGNALS[0] && writer.once(4);
  const longer = !wide && !immediate && writer.once(5);
  const indirect = immediate || otherSignal || longer;
  if (indirect) {
    if (otherSignal) {
      writer.put(immed(SCRATCH, OVERRIDDEN_SIGNAL << 9, 0));
      writer.put({ kind: 'local_csr_wr', csr: CSR.CmdIndirectRef0, source: SCRATCH });
    }
    const override =
      (longer ? WITH_LENGTH + 0x100 * random.below(4) : 0) +
      (otherSignal ? WITH_SIGNAL : 0) +
      (immediate ? DATA_IS_OPERAND : 0);
    writer.put(immed(SCRATCH, override, 0));
    if (immediate) writer.put(upperHalf(SCRATCH, random.below(0x10000)));
    writer.put(alu(NONE, SCRATCH, 'OR', constant(0)));
  }
  writer.put({
    kind: 'command',
    target,
    command,
    xfer: random.below(16),
    address,
    count: wide ? 5 + random.below(2) : 1 + random.below(4),
    indirect,
    ...ending,
  });
  writer.compute(ending.defer);
  return otherSignal ? OVERRIDDEN_SIGNAL : ending.signal;
}
