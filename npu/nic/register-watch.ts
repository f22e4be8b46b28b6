import { BLOCK_WORDS } from '../execution/registers.ts';
import type { ContextMode } from '../isa/instruction.ts';
import type { Npu } from './npu.ts';
import { registersOf } from './register-names.ts';

/** Tells which registers and words of local memory changed since it was asked last: for traces. */
export class RegisterWatch {
  private readonly npu: Npu;
  private readonly contexts: ContextMode;
  private readonly names: ReturnType<typeof registersOf>;
  private readonly seen = new Map<number, { readonly file: Int32Array; readonly local: Int32Array }>();

  /** From now on. */
  constructor(npu: Npu, contexts: ContextMode, cores: number) {
    this.npu = npu;
    this.contexts = contexts;
    this.names = registersOf(contexts);
    for (let core = 0; core < cores; core++) {
      const { file, local } = npu.inspect(core);
      this.seen.set(core, { file: file.slice(), local: local.slice() });
    }
  }

  /** Unsigned values by name: `gprA_0`; `ctx3.gprA_0` of another context than this one; `local[12]`. */
  changed(core: number, context: number): Record<string, number> {
    const { file, local } = this.npu.inspect(core);
    const seen = this.seen.get(core)!;
    const changed: Record<string, number> = {};
    for (let other = 0; other < this.contexts; other++) {
      const prefix = other === context ? '' : `ctx${other}.`;
      for (const { name, word } of this.names) {
        const at = other * BLOCK_WORDS + word;
        if (file[at] === seen.file[at]) continue;
        changed[prefix + name] = file[at]! >>> 0;
        seen.file[at] = file[at]!;
      }
    }
    for (let word = 0; word < local.length; word++) {
      if (local[word] === seen.local[word]) continue;
      changed[`local[${word}]`] = local[word]! >>> 0;
      seen.local[word] = local[word]!;
    }
    return changed;
  }
}
