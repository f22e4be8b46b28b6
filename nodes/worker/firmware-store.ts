import { readFirmwareElf } from '../../npu/image/elf-read.ts';
import type { FirmwareImage } from '../../npu/image/firmware-image.ts';
import type { NicProfile } from '../../npu/profile.ts';
import { STATUS_BAD_REQUEST, STATUS_OK } from '../../packet/lambda.ts';
import type { FirmwareBegin, FirmwareChunk } from '../../packet/management.ts';
import { sha256 } from './sha-256.ts';

/** Largest image that is taken; the code store bounds useful ones far below. */
const IMAGE_LIMIT_OCTETS = 64 * 2 ** 20;

/** What came of an image that should be loaded. */
export type ImageCheck =
  | { readonly status: typeof STATUS_OK; readonly image: FirmwareImage; readonly sha256: Uint8Array }
  | { readonly status: typeof STATUS_BAD_REQUEST; readonly reason: string; readonly sha256: Uint8Array };

const NO_DIGEST = new Uint8Array(32);

/**
 * Collects a firmware image from the workload manager's chunks, in order: what does not continue the image is not kept,
 * the sender learns what is missing from the acknowledgement.
 */
export class FirmwareStore {
  private transaction: number | undefined;
  private octets = new Uint8Array(0);
  private announced: Uint8Array = NO_DIGEST;
  private nextOffset = 0;

  /** A repeated announcement of the same transfer changes nothing. @returns the first octet that is missing */
  begin(message: FirmwareBegin): number {
    if (message.transaction === this.transaction) return this.nextOffset;
    if (message.octets > IMAGE_LIMIT_OCTETS) return 0;
    this.transaction = message.transaction;
    this.octets = new Uint8Array(message.octets);
    this.announced = message.sha256.slice();
    this.nextOffset = 0;
    return 0;
  }

  /** @returns the first octet that is missing; undefined for a transfer that was never announced */
  chunk(message: FirmwareChunk): number | undefined {
    if (message.transaction !== this.transaction) return undefined;
    const { offset, data } = message;
    if (offset === this.nextOffset && offset + data.length <= this.octets.length) {
      this.octets.set(data, offset);
      this.nextOffset += data.length;
    }
    return this.nextOffset;
  }

  isTransfer(transaction: number): boolean {
    return transaction === this.transaction;
  }

  /** Whether the image is all there, is what was announced, and is an image. */
  check(): ImageCheck {
    if (this.nextOffset < this.octets.length || this.octets.length === 0) {
      return bad(`${this.nextOffset} of ${this.octets.length} octets`, NO_DIGEST);
    }
    const digest = sha256(this.octets);
    if (!digest.every((octet, i) => octet === this.announced[i])) return bad('SHA-256 differs', digest);
    const image = readFirmwareElf(this.octets);
    return image.ok ? { status: STATUS_OK, image: image.value, sha256: digest } : bad(image.error.message, digest);
  }
}

function bad(reason: string, digest: Uint8Array): ImageCheck {
  return { status: STATUS_BAD_REQUEST, reason, sha256: digest };
}

/** How long the card takes to load an image, ps. */
export function loadTimePs(image: FirmwareImage, profile: NicProfile): number {
  const { fixedPs, instructionPs, dataOctetPs } = profile.firmwareLoad;
  const dataOctets = image.data.reduce((sum, data) => sum + data.octets.length, 0);
  return fixedPs + image.instructions.length * profile.coreCount * instructionPs + dataOctets * dataOctetPs;
}
