import type { Core } from '../core.ts';
import type { ExecutionWorld } from '../engine.ts';
import { continueAt, type Handler } from '../handler.ts';
import * as op from '../opcodes.ts';

/** Bits of what a `ctx_arb` waits for: any of its signals will do, its signals, nothing. */
export const ANY = 1 << 16;
export const SIGNAL_BITS = 0xfffe;
export const VOLUNTARY = 1;

/** `ctx_arb`: the context goes when its deferred instructions are done, at the program's swap place. */
export const arbitrate: Handler = (world, core, i) => {
  core.heldCommand = i;
  continueAt(core, world.program.swapPlace, world.program.defer[i]!);
};

/** The running context leaves the pipeline until what it named has come; its `ready` says when, where that is known. */
export function waitForEvents(world: ExecutionWorld, core: Core, held: number, now: number): void {
  const { current } = core;
  const { y, x } = world.program;
  core.pc[current] = x[held]!;
  // ctx_arb[--]: the events are those of CSR ActCtxWkpEvt, which a deferred local_csr_wr may just have written
  // (flowenv, wait_sig_mask).
  const events = (y[held]! & op.EVENTS_OF_CSR) !== 0 ? core.wakeEvents[current]! : y[held]!;
  core.wakeEvents[current] = events;
  const signals = events & SIGNAL_BITS;
  if (signals !== 0) {
    if ((events & ANY) !== 0) core.waitForAny(current, signals);
    else core.waitForAll(current, signals);
  } else if ((events & VOLUNTARY) !== 0) core.ready[current] = now;
  else core.killContext(current);
}
