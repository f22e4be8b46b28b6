import { assert } from '../base/assert.ts';

const INITIAL_SLOTS = 64;

/**
 * Calls that are not settled, by their ids. Ids go up by one, so a call lies in the slot that its id's low bits name,
 * and the ring grows when a call would meet one that is still open there. Not a `Map`: one that is filled and emptied
 * all the time makes a new table every few calls, and each table, once old, keeps the next from being collected.
 */
export class OpenCalls<Call extends { readonly requestId: number }> {
  private slots: (Call | undefined)[] = new Array(INITIAL_SLOTS).fill(undefined);
  private count = 0;

  get size(): number {
    return this.count;
  }

  get(requestId: number): Call | undefined {
    const call = this.slots[requestId & (this.slots.length - 1)];
    return call?.requestId === requestId ? call : undefined;
  }

  add(call: Call): void {
    while (this.slots[call.requestId & (this.slots.length - 1)] !== undefined) this.grow();
    this.slots[call.requestId & (this.slots.length - 1)] = call;
    this.count++;
  }

  remove(call: Call): void {
    const slot = call.requestId & (this.slots.length - 1);
    assert(this.slots[slot] === call, 'a call was settled twice');
    this.slots[slot] = undefined;
    this.count--;
  }

  private grow(): void {
    const grown: (Call | undefined)[] = new Array(this.slots.length * 2).fill(undefined);
    for (const call of this.slots) if (call !== undefined) grown[call.requestId & (grown.length - 1)] = call;
    this.slots = grown;
  }
}
