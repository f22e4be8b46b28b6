import { assert } from '../../base/assert.ts';
import type { NicProfile } from '../../npu/profile.ts';
import type { Diagnostics } from '../diagnostics.ts';
import type { IrModule } from '../ir.ts';
import { calleesOf } from '../ir-validate.ts';

/**
 * Where the local objects of every function lie in a context's 512 octets of local memory. There is no recursion, so
 * frames are static: a function's objects lie behind those of all its callers.
 *
 * Words that a fixed pointer reaches (`near`, 16 a pointer) can be operands of an instruction. Small objects and spilled
 * registers go there; large objects lie behind and are reached through the moving pointer. With four pointers, three
 * are fixed (48 words); with two, one (16 words).
 */
export interface LocalLayout {
  /** Word offset in the context's local memory. */
  wordOf(function_: string, local: number): number;
  isNear(function_: string, local: number): boolean;
  /** Near words that local objects leave for spilled registers: [spillStart, nearWords). */
  readonly spillStart: number;
  readonly nearWords: number;
}

export const LOCAL_WORDS = 128;
const WINDOW_WORDS = 16;
const NEAR_OBJECT_WORDS = 8;
/** Near words that stay free for spilled registers whatever the program declares. */
const SPILL_RESERVE_SHARE = 0.5;

export function layoutLocals(module: IrModule, profile: NicProfile, diagnostics: Diagnostics): LocalLayout {
  const nearWords = (profile.core.localMemoryPointers - 1) * WINDOW_WORDS;
  const nearLimit = Math.floor(nearWords * (1 - SPILL_RESERVE_SHARE));
  const words = new Map<string, number[]>();
  let nearTop = 0;
  const nearBase = new Map<string, number>();
  const farBase = new Map<string, number>();
  for (const name of callOrder(module)) {
    const function_ = module.functions.get(name)!;
    let near = nearBase.get(name) ?? 0;
    let far = farBase.get(name) ?? nearWords;
    const own: number[] = [];
    for (const local of function_.locals) {
      if (local.words <= NEAR_OBJECT_WORDS && near + local.words <= nearLimit) {
        own.push(near);
        near += local.words;
      } else {
        own.push(far);
        far += local.words;
      }
    }
    words.set(name, own);
    nearTop = Math.max(nearTop, near);
    if (far > LOCAL_WORDS) {
      diagnostics.error(
        'link-local-memory-exceeded',
        function_.position ?? { file: function_.owner, line: 1, column: 1 },
        `local objects of ${name} and its callers take ${far} words of local memory; a context has ${LOCAL_WORDS}`,
      );
    }
    for (const callee of calleesOf(function_)) {
      nearBase.set(callee, Math.max(nearBase.get(callee) ?? 0, near));
      farBase.set(callee, Math.max(farBase.get(callee) ?? nearWords, far));
    }
  }
  const wordOf = (function_: string, local: number): number => {
    const word = words.get(function_)?.[local];
    assert(word !== undefined, `local ${local} of ${function_}`);
    return word;
  };
  return { wordOf, isNear: (function_, local) => wordOf(function_, local) < nearWords, spillStart: nearTop, nearWords };
}

/** Functions that the entry reaches, callers before callees. */
export function callOrder(module: IrModule): string[] {
  const done = new Set<string>();
  const order: string[] = [];
  const visit = (name: string): void => {
    if (done.has(name)) return;
    done.add(name);
    for (const callee of calleesOf(module.functions.get(name))) visit(callee);
    order.push(name);
  };
  visit(module.entry);
  return order.reverse();
}
