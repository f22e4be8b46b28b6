import { assert } from '../../base/assert.ts';
import { NEVER } from '../execution/core.ts';
import { BLOCK_WORDS, GPR_A, GPR_B, XFER_IN, XFER_OUT } from '../execution/registers.ts';
import type { FirmwareData, FirmwareRegion } from '../image/firmware-image.ts';
import type { ContextMode, Instruction } from '../isa/instruction.ts';
import type { Memory } from '../memory/memory.ts';
import type { NicProfile } from '../profile.ts';
import { Npu, type NpuFault } from './npu.ts';

/** One core's program, without packets: tests, and trying things out. */
export interface ProgramRun {
  readonly profile: NicProfile;
  readonly instructions: readonly Instruction[];
  /** Default 8. */
  readonly contexts?: ContextMode;
  /** Contexts of the first core that start at instruction 0; default: context 0 alone. */
  readonly starts?: readonly number[];
  /** Registers of context 0 before the start: `gprA_3`, `gprB_0`, `xfer_2` (transfer-in). */
  readonly registers?: Readonly<Record<string, number>>;
  readonly data?: readonly FirmwareData[];
  /** Default: all of EMEM, IMEM, CTM and CLS readable and writable. */
  readonly regions?: readonly FirmwareRegion[];
  /** Stops here if the program does not; default 10^9. */
  readonly limitCycles?: number;
}

export interface ProgramResult {
  /** From the first instruction to the last context's end (`ctx_arb[kill]` included); or the limit. */
  readonly cycles: number;
  /** Whether every context ended. */
  readonly ended: boolean;
  /** Unsigned value of a register of a context: `gprA_3`, `gprB_0`, `xfer_2` (in), `out_2` (transfer-out). */
  register(name: string, context?: number): number;
  /** Word of the first core's local memory, unsigned. */
  local(word: number): number;
  readonly emem: Memory;
  readonly imem: Memory;
  readonly faults: readonly NpuFault[];
  readonly frames: readonly { readonly cycle: number; readonly port: number; readonly frame: Uint8Array }[];
  readonly npu: Npu;
}

/**
 * Runs a program on the first core of a NIC until every context has killed itself.
 * @throws InputError `npu-...` for instructions that this NPU does not execute
 */
export function runProgram(run: ProgramRun): ProgramResult {
  const { starts = [0], limitCycles = 1_000_000_000 } = run;
  const profile = firstCore(run.profile);
  const faults: NpuFault[] = [];
  const frames: { cycle: number; port: number; frame: Uint8Array }[] = [];
  const npu = new Npu(profile, {
    onSend: (cycle, port, frame) => frames.push({ cycle, port, frame }),
    onFault: (fault) => faults.push(fault),
  });
  npu.loadProgram(
    {
      instructions: run.instructions,
      contexts: run.contexts ?? 8,
      entry: 0,
      data: run.data ?? [],
      regions: run.regions ?? everything(profile),
      symbols: [],
      lines: [],
    },
    0,
    (_, context) => starts.includes(context),
  );
  const { core, file, local } = npu.inspect(0);
  for (const [name, value] of Object.entries(run.registers ?? {})) file[registerIndex(name)] = value;
  npu.run(limitCycles);
  const ended = npu.nextEventCycle() === NEVER;
  return {
    cycles: ended ? core.pipelineFree - profile.costs.contextSwapCycles : limitCycles,
    ended,
    register: (name, context = 0) => file[context * BLOCK_WORDS + registerIndex(name)]! >>> 0,
    local: (word) => local[word]! >>> 0,
    emem: npu.memory('emem'),
    imem: npu.memory('imem'),
    faults,
    frames,
    npu,
  };
}

/** The NIC with its other cores taken out; nothing of them would run. */
function firstCore(profile: NicProfile): NicProfile {
  return { ...profile, islands: [{ number: profile.islands[0]!.number, cores: 1 }], coreCount: 1 };
}

const BASES: Readonly<Record<string, number>> = { gprA: GPR_A, gprB: GPR_B, xfer: XFER_IN, out: XFER_OUT };

function registerIndex(name: string): number {
  const match = /^(gprA|gprB|xfer|out)_(\d+)$/.exec(name);
  assert(match !== null, `no register ${name}`);
  return BASES[match[1]!]! + Number(match[2]);
}

function everything(profile: NicProfile): FirmwareRegion[] {
  return (['emem', 'imem', 'ctm', 'cls'] as const).map((memory) => ({
    name: memory,
    owner: 'runtime',
    memory,
    address: 0,
    octets: profile.memories[memory].octets,
    read: true,
    write: true,
  }));
}
