import { InputError } from '../../base/errors.ts';
import { packetBuffer } from '../execution/commands/packet.ts';
import { BLOCK_WORDS } from '../execution/registers.ts';
import { type FirmwareRegion, RUNTIME_OWNER } from '../image/firmware-image.ts';
import type { NicProfile } from '../profile.ts';
import type { LoadableProgram, Npu } from './npu.ts';
import { registerPlace } from './register-names.ts';
import type { ProgramRun } from './run-program.ts';

/** What a run comes to once its defaults are filled in. */
export interface RunSetup {
  /** With the cores that run the program, and no others. */
  readonly profile: NicProfile;
  readonly program: LoadableProgram;
  readonly cores: number;
  /** Contexts of each core. */
  readonly starts: readonly number[];
}

/** @throws InputError `npu-run-cores`, `npu-run-contexts` */
export function setupOf(run: ProgramRun): RunSetup {
  const { cores = 1, starts = [0], contexts = 8 } = run;
  const profile = withCores(run.profile, cores);
  const stray = starts.find((context) => !Number.isInteger(context) || context < 0 || context >= contexts);
  if (stray !== undefined || starts.length === 0) {
    throw new InputError(
      'npu-run-contexts',
      `contexts that start: expected some of 0 to ${contexts - 1}, got ${stray ?? 'none'}`,
    );
  }
  const program = {
    instructions: run.instructions,
    contexts,
    entry: run.entry ?? 0,
    data: run.data ?? [],
    regions: run.regions ?? everything(profile),
    symbols: run.symbols ?? [],
    lines: run.lines ?? [],
  };
  return { profile, program, cores, starts };
}

/** Loads a NIC with all that a run finds there. */
export function prepareRun(npu: Npu, run: ProgramRun, setup: RunSetup): void {
  const { program, starts } = setup;
  npu.loadProgram(program, 0, (_, context) => starts.includes(context));
  presetRegisters(npu, run, setup);
  if (run.packetBuffer !== undefined) presetPacketBuffers(npu, run.packetBuffer, setup);
}

/** All contexts of a run begin once more; memories stay as they are. */
export function startAgain(npu: Npu, run: ProgramRun, setup: RunSetup, cycle: number): void {
  for (let core = 0; core < setup.cores; core++) {
    for (const context of setup.starts) npu.startContext(core, context, cycle);
  }
  presetRegisters(npu, run, setup);
}

function presetRegisters(npu: Npu, run: ProgramRun, { program, cores, starts }: RunSetup): void {
  for (const [name, value] of Object.entries(run.registers ?? {})) {
    const { word, ofCore } = registerPlace(name, program.contexts);
    for (let core = 0; core < cores; core++) {
      const { file } = npu.inspect(core);
      if (ofCore) file[word] = value;
      else for (const context of starts) file[context * BLOCK_WORDS + word] = value;
    }
  }
}

/** @throws InputError `npu-run-packet-buffer` */
function presetPacketBuffers(npu: Npu, octets: Uint8Array, { profile, cores, starts }: RunSetup): void {
  const { bufferOctets, frameOffsetOctets } = profile.packet;
  if (frameOffsetOctets + octets.length > bufferOctets) {
    throw new InputError(
      'npu-run-packet-buffer',
      `${octets.length} octets from ${frameOffsetOctets} on do not fit into a packet buffer of ${bufferOctets}`,
    );
  }
  for (let index = 0; index < cores; index++) {
    const { core } = npu.inspect(index);
    for (const context of starts) {
      const address = packetBuffer(core, context, profile) + frameOffsetOctets;
      npu.islandMemory('ctm', core.island).write(address, octets);
    }
  }
}

/** The NIC with its other cores taken out, since nothing of them would run: spread over the islands, as frames are. */
function withCores(profile: NicProfile, cores: number): NicProfile {
  if (!Number.isInteger(cores) || cores < 1 || cores > profile.coreCount) {
    throw new InputError('npu-run-cores', `expected 1 to ${profile.coreCount} cores of ${profile.name}, got ${cores}`);
  }
  const left = profile.islands.map((island) => ({ ...island, cores: 0 }));
  for (let placed = 0; placed < cores; ) {
    for (const [i, island] of left.entries()) {
      if (placed === cores || island.cores === profile.islands[i]!.cores) continue;
      island.cores++;
      placed++;
    }
  }
  // Their neighbours are there all the same, with their half of the code store.
  const core = { ...profile.core, codeStoreOwnInstructions: profile.core.codeStoreInstructions };
  return { ...profile, core, islands: left.filter((island) => island.cores > 0), coreCount: cores };
}

function everything(profile: NicProfile): FirmwareRegion[] {
  return (['emem', 'imem', 'ctm', 'cls'] as const).map((memory) => ({
    name: memory,
    owner: RUNTIME_OWNER,
    memory,
    address: 0,
    octets: profile.memories[memory].octets,
    read: true,
    write: true,
  }));
}
