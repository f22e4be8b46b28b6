/** Frames with their times, first in first out; a ring of a power of two, so that it allocates only when it grows. */
export class FrameRing {
  private frames: (Uint8Array | undefined)[] = new Array(64).fill(undefined);
  private timesPs = new Float64Array(64);
  private first = 0;
  private count = 0;

  get length(): number {
    return this.count;
  }

  /** Time of the oldest frame, ps; infinity when there is none. */
  firstPs(): number {
    return this.count === 0 ? Number.POSITIVE_INFINITY : (this.timesPs[this.first] as number);
  }

  /** The oldest frame. The ring is not empty. */
  firstFrame(): Uint8Array {
    return this.frames[this.first] as Uint8Array;
  }

  push(timePs: number, frame: Uint8Array): void {
    if (this.count === this.frames.length) this.grow();
    const place = (this.first + this.count) & (this.frames.length - 1);
    this.frames[place] = frame;
    this.timesPs[place] = timePs;
    this.count++;
  }

  /**
   * Puts a frame before those with later times, behind those of its own.
   * @returns whether it is the first now
   */
  insert(timePs: number, frame: Uint8Array): boolean {
    this.push(timePs, frame);
    const mask = this.frames.length - 1;
    let index = this.count - 1;
    for (; index > 0; index--) {
      const place = (this.first + index) & mask;
      const before = (place - 1) & mask;
      if ((this.timesPs[before] as number) <= timePs) break;
      this.frames[place] = this.frames[before];
      this.timesPs[place] = this.timesPs[before] as number;
      this.frames[before] = frame;
      this.timesPs[before] = timePs;
    }
    return index === 0;
  }

  /** Takes the oldest frame out. The ring is not empty. */
  shift(): Uint8Array {
    const frame = this.frames[this.first] as Uint8Array;
    this.frames[this.first] = undefined;
    this.first = (this.first + 1) & (this.frames.length - 1);
    this.count--;
    return frame;
  }

  private grow(): void {
    const size = this.frames.length;
    const frames: (Uint8Array | undefined)[] = new Array(size * 2).fill(undefined);
    const timesPs = new Float64Array(size * 2);
    for (let i = 0; i < this.count; i++) {
      const place = (this.first + i) & (size - 1);
      frames[i] = this.frames[place];
      timesPs[i] = this.timesPs[place] as number;
    }
    this.frames = frames;
    this.timesPs = timesPs;
    this.first = 0;
  }
}
