import { instructionText } from '../../npu/assembler/disassembler.ts';
import { sourceText } from '../../npu/image/firmware-image.ts';
import type { NpuFault } from '../../npu/nic/npu.ts';
import type { UnfinishedContext } from '../../npu/nic/program-state.ts';
import type { ProgramResult } from '../../npu/nic/run-program.ts';
import type { ReadProgram } from './npu-files.ts';
import { hexadecimal } from './octet-dump.ts';

const WORDS: Readonly<Record<string, string>> = {
  'unmapped-read': 'reads where it has no right to',
  'unmapped-write': 'writes where it has no right to',
  misaligned: 'accesses an address that is not aligned',
  'bad-length': 'asks for more data than the command moves',
  'bad-override': 'asks for what no public text describes, in the word before indirect_ref or in its address',
  'bad-frame': 'sends a frame of impossible length',
  'local-memory': 'leaves its local memory',
  'bad-jump': 'leaves the program',
  watchdog: 'uses more cycles than packet.watchdogCycles of the profile',
  'cycle-budget': 'uses more cycles than its budget',
};

/** What went wrong in a run, one line a thing: the instruction, where it is in the source, and the address. */
export function failuresOf(program: ReadProgram, result: ProgramResult, limitCycles: number): string[] {
  const failures = result.faults.map((fault) => describeFault(program, fault));
  if (result.end === 'cycle-limit') {
    const [first] = result.unfinished;
    const where = first === undefined ? '' : `: context ${first.context} is at ${place(program, first.instruction)}`;
    failures.push(`not at its end after ${limitCycles} cycles (--limit-cycles)${where}`);
  }
  if (result.end === 'waiting') failures.push(...result.unfinished.map((context) => describeWait(program, context)));
  if (result.packets.untaken > 0) {
    const count = result.packets.untaken;
    failures.push(
      `${count} ${count === 1 ? 'packet was' : 'packets were'} never received: expected a context that comes to ` +
        'mem[ctm.packet_add_thread, ...], ctx_swap[...]',
    );
  }
  return failures;
}

function describeFault(program: ReadProgram, fault: NpuFault): string {
  const { kind, context, cycle, instruction, memory, address } = fault;
  const what = `${kind}: context ${context} ${WORDS[kind] ?? 'is stopped'} in cycle ${cycle}`;
  const where = memory === 'code' ? '' : `, ${memory} address ${hexadecimal(address, 1)}`;
  return `${place(program, instruction)}: ${what}${where}`;
}

function describeWait(program: ReadProgram, { context, instruction, signals }: UnfinishedContext): string {
  const names = signals.map((signal) => `sig${signal}`).join(', ');
  return `${place(program, instruction)}: context ${context} waits for ${names}, which nothing will raise`;
}

/** `prog.asm:7: instruction .5, mem[...]`. */
function place(program: ReadProgram, instruction: number): string {
  const found = program.instructions[instruction];
  const line = program.lines.findLast((entry) => entry.instruction <= instruction);
  const text = found === undefined ? '' : `, ${instructionText(found)}`;
  const source = line === undefined ? program.file : sourceText(line);
  return `${source}: instruction .${instruction}${text}`;
}
