import { createHash } from 'node:crypto';
import type { FrameTap } from './frame-sink.ts';

const BUFFER_OCTETS = 64 * 1024;
const RECORD_HEADER_OCTETS = 12;

export interface DirectionSummary {
  readonly frames: number;
  readonly octets: number;
  /** SHA-256, hexadecimal, over (first bit in ps as IEEE 754 double, length as u32, octets) of every frame; big-endian. */
  readonly sha256: string;
}

/** Fingerprint of everything that left one port: two runs with equal fingerprints sent the same frames at the same times. */
export class DirectionDigest implements FrameTap {
  private readonly hash = createHash('sha256');
  private readonly buffer = Buffer.allocUnsafe(BUFFER_OCTETS);
  private readonly view = new DataView(this.buffer.buffer, this.buffer.byteOffset, BUFFER_OCTETS);
  private used = 0;
  private frames = 0;
  private octets = 0;

  frame(firstBitPs: number, frame: Uint8Array): void {
    const needed = RECORD_HEADER_OCTETS + frame.length;
    if (this.used + needed > BUFFER_OCTETS) this.flush();
    this.view.setFloat64(this.used, firstBitPs);
    this.view.setUint32(this.used + 8, frame.length);
    this.buffer.set(frame, this.used + RECORD_HEADER_OCTETS);
    this.used += needed;
    this.frames++;
    this.octets += frame.length;
  }

  /** The fingerprint so far; frames may still follow. */
  summary(): DirectionSummary {
    this.flush();
    return { frames: this.frames, octets: this.octets, sha256: this.hash.copy().digest('hex') };
  }

  private flush(): void {
    this.hash.update(this.buffer.subarray(0, this.used));
    this.used = 0;
  }
}
