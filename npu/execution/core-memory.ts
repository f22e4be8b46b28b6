import { CONTEXT_BLOCK_OCTETS, type ContextBlock, viewContextBlock } from './context-block.ts';
import { CORE_WORDS, LOCAL_MEMORY_WORDS } from './registers.ts';

/** Words at the start that belong to whoever executes: a translating engine keeps the running pipeline there. */
export const SCRATCH_WORDS = 64;
const PAGE_OCTETS = 65_536;

/**
 * Registers and local memories of all cores of a NIC and what the cores know of their contexts, in one block that
 * WebAssembly code can reach as well: the typed arrays are views of it.
 */
export interface CoreMemory {
  readonly memory: WebAssembly.Memory;
  readonly scratch: Int32Array;
  /** `CORE_WORDS` a core. */
  readonly file: Int32Array;
  /** `LOCAL_MEMORY_WORDS` a core. */
  readonly local: Int32Array;
  /** By core. */
  readonly contexts: readonly ContextBlock[];
}

/** @param cores at least 1 */
export function allocateCoreMemory(cores: number): CoreMemory {
  const fileWords = cores * CORE_WORDS;
  const localWords = cores * LOCAL_MEMORY_WORDS;
  const contextsAt = 4 * (SCRATCH_WORDS + fileWords + localWords);
  const octets = contextsAt + cores * CONTEXT_BLOCK_OCTETS;
  const memory = new WebAssembly.Memory({ initial: Math.ceil(octets / PAGE_OCTETS) });
  const view = (word: number, words: number) => new Int32Array(memory.buffer, 4 * word, words);
  return {
    memory,
    scratch: view(0, SCRATCH_WORDS),
    file: view(SCRATCH_WORDS, fileWords),
    local: view(SCRATCH_WORDS + fileWords, localWords),
    contexts: Array.from({ length: cores }, (_, core) =>
      viewContextBlock(memory.buffer, contextsAt + core * CONTEXT_BLOCK_OCTETS),
    ),
  };
}
