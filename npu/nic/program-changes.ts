import { packetBuffer } from '../execution/commands/packet.ts';
import { BLOCK_WORDS } from '../execution/registers.ts';
import type { FirmwareMemory } from '../image/firmware-image.ts';
import { type ChangedOctets, changedOctets, changesBetween } from '../memory/changes.ts';
import { Npu } from './npu.ts';
import { prepareRun, type RunSetup } from './program-setup.ts';
import { registersOf } from './register-names.ts';
import type { ProgramRun } from './run-program.ts';

export interface RegisterChange {
  readonly core: number;
  readonly context: number;
  /** As `ProgramRun.registers` has it. */
  readonly name: string;
  /** Unsigned. */
  readonly before: number;
  readonly after: number;
}

export interface MemoryChange extends ChangedOctets {
  readonly memory: FirmwareMemory;
  /** Island number of a CTM or CLS, core of a local memory, 0 for EMEM and IMEM. */
  readonly of: number;
}

/** What a program left otherwise than it found it. */
export interface ProgramChanges {
  readonly registers: readonly RegisterChange[];
  readonly memory: readonly MemoryChange[];
}

/**
 * Compares with a NIC that was prepared in the same way and has run nothing.
 * @param framesCame the NIC wrote frames into packet buffers, which are therefore left out
 */
export function programChanges(run: ProgramRun, setup: RunSetup, after: Npu, framesCame: boolean): ProgramChanges {
  const before = new Npu(setup.profile, { onSend: () => undefined, onFault: () => undefined });
  prepareRun(before, run, setup);
  const { profile, program, cores } = setup;
  const registers: RegisterChange[] = [];
  const memory: MemoryChange[] = [];
  const names = registersOf(program.contexts);
  for (const name of ['emem', 'imem'] as const) {
    memory.push(...placed(name, 0, changedOctets(before.memory(name), after.memory(name))));
  }
  for (const [island, { number }] of profile.islands.entries()) {
    const buffersOctets = framesCame ? packetBuffersEnd(after, setup, island) : 0;
    const ctm = changedOctets(before.islandMemory('ctm', island), after.islandMemory('ctm', island));
    memory.push(...placed('ctm', number, ctm).filter(({ address }) => address >= buffersOctets));
    memory.push(
      ...placed('cls', number, changedOctets(before.islandMemory('cls', island), after.islandMemory('cls', island))),
    );
  }
  for (let core = 0; core < cores; core++) {
    const [old, now] = [before.inspect(core), after.inspect(core)];
    for (let context = 0; context < program.contexts; context++) {
      for (const { name, word } of names) {
        const at = context * BLOCK_WORDS + word;
        if (old.file[at] === now.file[at]) continue;
        registers.push({ core, context, name, before: old.file[at]! >>> 0, after: now.file[at]! >>> 0 });
      }
    }
    memory.push(...placed('local', core, changesBetween(octetsOf(old.local), octetsOf(now.local), 0)));
  }
  return { registers, memory };
}

function placed(memory: FirmwareMemory, of: number, changes: readonly ChangedOctets[]): MemoryChange[] {
  return changes.map((change) => ({ memory, of, ...change }));
}

/** First octet of an island's CTM behind the packet buffers of the cores in the run. */
function packetBuffersEnd(npu: Npu, { profile, cores }: RunSetup, island: number): number {
  const ends = Array.from({ length: cores }, (_, index) => npu.inspect(index).core)
    .filter((core) => core.island === island)
    .map((core) => packetBuffer(core, 7, profile) + profile.packet.bufferOctets);
  return Math.max(0, ...ends);
}

/** Words as the memory holds them: big-endian. */
function octetsOf(words: Int32Array): Uint8Array {
  const octets = new Uint8Array(words.length * 4);
  const view = new DataView(octets.buffer);
  for (const [i, word] of words.entries()) view.setInt32(4 * i, word);
  return octets;
}
