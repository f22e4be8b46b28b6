import { type CipherChaCha20Poly1305, createCipheriv } from 'node:crypto';
import { assert } from '../base/assert.ts';
import { MAXIMUM_FRAME_OCTETS } from './ethernet-timing.ts';
import type { FrameTap } from './frame-sink.ts';

/** Small enough that the buffers of a hundred directions stay in the cache, large enough that a call costs little. */
const BUFFER_OCTETS = 16 * 1024;
const RECORD_HEADER_OCTETS = 12;

/** The key is no secret: the tag tells streams apart, it proves nobody's hand. */
const KEY = new Uint8Array(32);
const NONCE = new Uint8Array(12);

export interface DirectionSummary {
  readonly frames: number;
  readonly octets: number;
  /**
   * Hexadecimal tag of AEAD_CHACHA20_POLY1305 (RFC 8439 section 2.8) with key and nonce of zeros, no plaintext and as
   * additional data (first bit in ps as IEEE 754 double, length as u32, octets) of every frame; big-endian.
   */
  readonly poly1305: string;
}

/**
 * Fingerprint of everything that left one port: two runs with equal fingerprints sent the same frames at the same times.
 * Why it is no SHA-256: docs/decisions/0006-poly1305-tells-frames-apart.md.
 */
export class DirectionDigest implements FrameTap {
  private readonly cipher: CipherChaCha20Poly1305 = createCipheriv('chacha20-poly1305', KEY, NONCE, {
    authTagLength: 16,
  });
  private readonly buffer = Buffer.allocUnsafeSlow(BUFFER_OCTETS);
  private readonly view = new DataView(this.buffer.buffer);
  private used = 0;
  private frames = 0;
  private octets = 0;
  private ended: DirectionSummary | undefined;

  frame(firstBitPs: number, frame: Uint8Array): void {
    const start = this.used;
    const { length } = frame;
    this.view.setFloat64(start, firstBitPs);
    this.view.setUint32(start + 8, length);
    this.buffer.set(frame, start + RECORD_HEADER_OCTETS);
    this.used = start + RECORD_HEADER_OCTETS + length;
    this.frames++;
    this.octets += length;
    if (this.used > BUFFER_OCTETS - RECORD_HEADER_OCTETS - MAXIMUM_FRAME_OCTETS) this.flush();
  }

  /** The fingerprint; no frame may follow. */
  summary(): DirectionSummary {
    if (this.ended === undefined) {
      this.flush();
      this.cipher.final();
      this.ended = { frames: this.frames, octets: this.octets, poly1305: this.cipher.getAuthTag().toString('hex') };
    }
    assert(this.used === 0, 'a frame came after the fingerprint was taken');
    return this.ended;
  }

  private flush(): void {
    this.cipher.setAAD(this.buffer.subarray(0, this.used), { plaintextLength: 0 });
    this.used = 0;
  }
}
