import { assert } from '../../base/assert.ts';
import type { NicProfile } from '../../npu/profile.ts';
import type { Diagnostics } from '../diagnostics.ts';
import type { IrFunction, IrModule, LocalObject } from '../ir.ts';
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
  const { words, nearTop, nearWords, beyond, ends } = localFrames(module, profile);
  for (const name of beyond) {
    const function_ = module.functions.get(name);
    diagnostics.error(
      'link-local-memory-exceeded',
      function_?.position ?? { file: function_?.owner ?? name, line: 1, column: 1 },
      `local objects of ${name} and its callers take ${ends.get(name)} words of local memory; a context has ${LOCAL_WORDS}`,
    );
  }
  const wordOf = (function_: string, local: number): number => {
    const word = words.get(function_)?.[local];
    assert(word !== undefined, `local ${local} of ${function_}`);
    return word;
  };
  return { wordOf, isNear: (function_, local) => wordOf(function_, local) < nearWords, spillStart: nearTop, nearWords };
}

interface LocalFrames {
  /** Of each function's objects: the word where it starts. */
  readonly words: ReadonlyMap<string, readonly number[]>;
  readonly nearTop: number;
  readonly nearWords: number;
  /** Word behind each function's last object. */
  readonly ends: ReadonlyMap<string, number>;
  /** Functions whose objects do not fit. */
  readonly beyond: readonly string[];
}

/** @param isElsewhere objects that take no words */
export function localFrames(
  module: IrModule,
  profile: NicProfile,
  isElsewhere: (function_: IrFunction, local: LocalObject) => boolean = () => false,
): LocalFrames {
  const nearWords = (profile.core.localMemoryPointers - 1) * WINDOW_WORDS;
  const nearLimit = Math.floor(nearWords * (1 - SPILL_RESERVE_SHARE));
  const words = new Map<string, number[]>();
  const ends = new Map<string, number>();
  const nearBase = new Map<string, number>();
  const farBase = new Map<string, number>();
  // An object at the first word would have a null pointer's address in context 0.
  const firstWord = [...module.functions.values()].some((each) => addressedLocals(each).size > 0) ? 1 : 0;
  let nearTop = 0;
  for (const name of callOrder(module)) {
    const function_ = module.functions.get(name)!;
    let near = nearBase.get(name) ?? firstWord;
    let far = farBase.get(name) ?? nearWords;
    const own: number[] = [];
    for (const local of function_.locals) {
      const size = isElsewhere(function_, local) ? 0 : local.words;
      if (size <= NEAR_OBJECT_WORDS && near + size <= nearLimit) {
        own.push(near);
        near += size;
      } else {
        own.push(far);
        far += size;
      }
    }
    words.set(name, own);
    ends.set(name, far);
    nearTop = Math.max(nearTop, near);
    for (const callee of calleesOf(function_)) {
      nearBase.set(callee, Math.max(nearBase.get(callee) ?? 0, near));
      farBase.set(callee, Math.max(farBase.get(callee) ?? nearWords, far));
    }
  }
  const beyond = [...ends].filter(([, end]) => end > LOCAL_WORDS).map(([name]) => name);
  return { words, nearTop, nearWords, ends, beyond };
}

/** Objects whose address in local memory is taken. */
export function addressedLocals({ blocks }: IrFunction): ReadonlySet<number> {
  const operations = blocks.flatMap((block) => block.operations);
  return new Set(operations.flatMap((each) => (each.op === 'local_address' ? [each.local] : [])));
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
