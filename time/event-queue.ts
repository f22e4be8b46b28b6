import { assert } from '../base/assert.ts';
import { NEVER_PS } from '../base/units.ts';

const INITIAL_CAPACITY = 1024;

/**
 * Pending events in the order (time, order key, insertion). A binary heap over slots in typed arrays: the fastest
 * structure measured for some hundreds of pending events, and, unlike the heaps on npm, stable for ties. A slot knows
 * its place in the heap, so a cancelled event is really gone and never holds back `earliestPs`.
 */
export class EventQueue {
  private orderKey = new Float64Array(INITIAL_CAPACITY);
  private insertion = new Float64Array(INITIAL_CAPACITY);
  private place = new Int32Array(INITIAL_CAPACITY).fill(-1);
  private isReserved = new Uint8Array(INITIAL_CAPACITY);
  private heap = new Int32Array(INITIAL_CAPACITY);
  /** Time of each place's event: beside the heap, since nearly every comparison ends with it. */
  private heapTimePs = new Float64Array(INITIAL_CAPACITY);
  private freeSlots = new Int32Array(INITIAL_CAPACITY);
  private freeCount = 0;
  private slotsUsed = 0;
  /** Places in use, the hole included. */
  private count = 0;
  /**
   * Whether the first place is empty since the last `pop`. Most events make one other, which goes there and sinks: half
   * the way of moving up the last event now and letting the new one rise.
   */
  private hasHole = false;
  private insertions = 0;

  get size(): number {
    return this.hasHole ? this.count - 1 : this.count;
  }

  /** Time of the first event, ps; NEVER_PS when there is none. */
  earliestPs(): number {
    if (this.hasHole) this.fillHole();
    return this.count === 0 ? NEVER_PS : (this.heapTimePs[0] as number);
  }

  /** Slot of the first event; the queue must not be empty. */
  firstSlot(): number {
    if (this.hasHole) this.fillHole();
    return this.heap[0] as number;
  }

  isPending(slot: number): boolean {
    return (this.place[slot] as number) >= 0;
  }

  orderKeyOf(slot: number): number {
    return this.orderKey[slot] as number;
  }

  /** Adds an event and returns its slot, which stays its name until it is popped or removed. */
  insert(timePs: number, orderKey: number): number {
    const slot = this.freeCount > 0 ? (this.freeSlots[--this.freeCount] as number) : this.newSlot();
    this.orderKey[slot] = orderKey;
    this.enqueue(slot, timePs);
    return slot;
  }

  /** Sets a slot aside for one event after another of this order key; at most one of them is pending at a time. */
  reserve(orderKey: number): number {
    const slot = this.newSlot();
    this.orderKey[slot] = orderKey;
    this.isReserved[slot] = 1;
    return slot;
  }

  /** Adds the event of a reserved slot, which must not be pending. */
  insertReserved(slot: number, timePs: number): void {
    assert(this.place[slot] === -1, 'a reserved slot holds one event at a time');
    this.enqueue(slot, timePs);
  }

  /** Takes the first event out and returns its slot, free for reuse from now on. The queue must not be empty. */
  pop(): number {
    if (this.hasHole) this.fillHole();
    assert(this.count > 0, 'pop from an empty event queue');
    const slot = this.heap[0] as number;
    this.release(slot);
    this.hasHole = true;
    return slot;
  }

  /** Takes a pending event out, wherever it stands. */
  remove(slot: number): void {
    if (this.hasHole) this.fillHole();
    const place = this.place[slot] as number;
    assert(place >= 0, 'remove of an event that is not pending');
    this.release(slot);
    const lastPlace = --this.count;
    if (place === lastPlace) return;
    const last = this.heap[lastPlace] as number;
    const lastPs = this.heapTimePs[lastPlace] as number;
    // Only an event from the middle of the heap can be followed by one that belongs further up.
    if (place > 0) this.siftUp(place, last, lastPs);
    if (place === 0 || this.heap[place] === last) this.siftDown(place, last, lastPs);
  }

  private enqueue(slot: number, timePs: number): void {
    this.insertion[slot] = this.insertions++;
    if (this.hasHole) {
      this.hasHole = false;
      this.siftDown(0, slot, timePs);
    } else {
      this.siftUp(this.count++, slot, timePs);
    }
  }

  private fillHole(): void {
    this.hasHole = false;
    const lastPlace = --this.count;
    if (lastPlace > 0) this.siftDown(0, this.heap[lastPlace] as number, this.heapTimePs[lastPlace] as number);
  }

  private release(slot: number): void {
    this.place[slot] = -1;
    if (this.isReserved[slot] === 0) this.freeSlots[this.freeCount++] = slot;
  }

  /** Whether of two events at one instant `a` comes first. */
  private winsTie(a: number, b: number): boolean {
    const orderA = this.orderKey[a] as number;
    const orderB = this.orderKey[b] as number;
    if (orderA !== orderB) return orderA < orderB;
    return (this.insertion[a] as number) < (this.insertion[b] as number);
  }

  /** Puts an event into a free place or above it. */
  private siftUp(from: number, slot: number, timePs: number): void {
    const { heap, heapTimePs, place } = this;
    let hole = from;
    while (hole > 0) {
      const parentPlace = (hole - 1) >> 1;
      const parentPs = heapTimePs[parentPlace] as number;
      if (timePs > parentPs) break;
      const parent = heap[parentPlace] as number;
      if (timePs === parentPs && !this.winsTie(slot, parent)) break;
      heap[hole] = parent;
      heapTimePs[hole] = parentPs;
      place[parent] = hole;
      hole = parentPlace;
    }
    heap[hole] = slot;
    heapTimePs[hole] = timePs;
    place[slot] = hole;
  }

  /** Puts an event into a free place or below it. */
  private siftDown(from: number, slot: number, timePs: number): void {
    const { heap, heapTimePs, place, count } = this;
    let hole = from;
    for (;;) {
      let childPlace = 2 * hole + 1;
      if (childPlace >= count) break;
      let childPs = heapTimePs[childPlace] as number;
      const otherPlace = childPlace + 1;
      if (otherPlace < count) {
        const otherPs = heapTimePs[otherPlace] as number;
        if (
          otherPs < childPs ||
          (otherPs === childPs && this.winsTie(heap[otherPlace] as number, heap[childPlace] as number))
        ) {
          childPlace = otherPlace;
          childPs = otherPs;
        }
      }
      if (timePs < childPs) break;
      const child = heap[childPlace] as number;
      if (timePs === childPs && this.winsTie(slot, child)) break;
      heap[hole] = child;
      heapTimePs[hole] = childPs;
      place[child] = hole;
      hole = childPlace;
    }
    heap[hole] = slot;
    heapTimePs[hole] = timePs;
    place[slot] = hole;
  }

  private newSlot(): number {
    if (this.slotsUsed === this.heap.length) this.grow();
    return this.slotsUsed++;
  }

  private grow(): void {
    const capacity = this.heap.length * 2;
    this.orderKey = copyOf(this.orderKey, new Float64Array(capacity));
    this.insertion = copyOf(this.insertion, new Float64Array(capacity));
    this.place = copyOf(this.place, new Int32Array(capacity).fill(-1));
    this.isReserved = copyOf(this.isReserved, new Uint8Array(capacity));
    this.heap = copyOf(this.heap, new Int32Array(capacity));
    this.heapTimePs = copyOf(this.heapTimePs, new Float64Array(capacity));
    this.freeSlots = copyOf(this.freeSlots, new Int32Array(capacity));
  }
}

function copyOf<T extends Float64Array | Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
