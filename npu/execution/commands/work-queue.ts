import { NEVER } from '../core.ts';
import type { WordRing } from './word-ring.ts';
import type { CommandAccess } from './world.ts';

/**
 * A ring as a work queue: contexts wait in it for work, or work for contexts (open flowenv, mem_ring.h). Each gets the
 * words that it asked for, in the order in which contexts asked. There is no overflow: the oldest work is lost.
 */

/** The running context asks for work. @returns whether it was there */
export function askForWork(access: CommandAccess, ring: WordRing, words: number): boolean {
  const { world, core, transferIn, signal, signalContext } = access;
  if (ring.waiting.length === 0 && ring.count >= words) {
    ring.takeOldest(world.file, transferIn, words);
    return true;
  }
  ring.waiting.push({ core, context: signalContext, signal, transferIn, words });
  return false;
}

/** Work was added: contexts that wait for it get it in a cycle, wherever they are. */
export function handOut({ world }: CommandAccess, ring: WordRing, cycle: number): void {
  for (;;) {
    const thread = ring.waiting[0];
    if (thread === undefined || ring.count < thread.words) return;
    ring.waiting.shift();
    const work = new Int32Array(thread.words);
    ring.takeOldest(work, 0, thread.words);
    world.mail.post(thread.core, cycle, () => world.file.set(work, thread.transferIn));
    thread.core.raise(thread.context, thread.signal, cycle);
    world.onSignal(thread.core, thread.context);
  }
}

/** The cycle of the signal of a request for work that was not there. */
export const WHEN_WORK_COMES = NEVER;
