import { assert } from '../base/assert.ts';
import type { RandomStream } from '../base/random.ts';
import { readUint32, writeUint16 } from '../packet/big-endian.ts';
import { STATUS_OK } from '../packet/lambda.ts';
import { statusFault } from './web-workload.ts';
import { type FollowUp, firstDifference, transportFor, type Workload, type WorkRequest } from './workload.ts';

/** An RGBA image: 4 octets a pixel, rows from the top. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

export interface ImageWorkloadOptions {
  readonly transformer: string;
  readonly mean: string;
  readonly plainLimitOctets: number;
  readonly fragmentLimitOctets: number;
  /** Size of the generated images; ignored when `image` is given. */
  readonly width: number;
  readonly height: number;
  /** A user's image, sent in every request. */
  readonly image?: RgbaImage;
}

const SIZE_OCTETS = 4;
const RGBA_OCTETS = 4;
const MEAN_ANSWER_OCTETS = 16;

/** Of the generated images; fits one frame: 964 octets with the size. */
const PLAIN_SIZE = { width: 16, height: 15 };
/** Fits fragments: 16,388 octets. */
const FRAGMENT_SIZE = { width: 64, height: 64 };

/**
 * Of every nine requests six are images of full size; one is small enough for one frame, one for fragments, and one
 * leaves its result in NIC memory for a second lambda. The size thresholds may still send each another way. A user's
 * image takes the place of all of them.
 */
const PATTERN = ['full', 'full', 'plain', 'full', 'fragments', 'full', 'keep', 'full', 'full'] as const;

/**
 * Image transformer (paper section 6.2 c): RGBA to grey, each pixel R/3 + G/3 + B/3 in integers as the published code
 * has it. Every octet of every answer is compared.
 */
export function createImageWorkload(options: ImageWorkloadOptions, random: RandomStream): Workload {
  const { transformer, mean, plainLimitOctets, fragmentLimitOctets } = options;
  let issued = 0;

  const transform = (image: RgbaImage, keep: boolean): WorkRequest => {
    const body = imageBody(image);
    const expected = greyOf(image);
    const transport = keep ? 'rdma' : transportFor(body.length, plainLimitOctets, fragmentLimitOctets);
    const head = (status: number): string | undefined => statusFault(status, STATUS_OK);
    const whole = (status: number, answer: Uint8Array): string | undefined =>
      head(status) ?? firstDifference(expected, answer);
    return {
      lambda: transformer,
      transport,
      body,
      answerOctets: expected.length,
      // A kept result stays in the NIC: only its status comes back, and the second lambda tells what it holds.
      check: keep ? head : whole,
      ...(keep && { followUp: meanOf(mean, expected) }),
    };
  };

  const next = (): WorkRequest => {
    const kind = PATTERN[issued++ % PATTERN.length]!;
    if (options.image !== undefined) return transform(options.image, kind === 'keep');
    if (kind === 'plain') return transform(drawImage(PLAIN_SIZE, random), false);
    if (kind === 'fragments') return transform(drawImage(FRAGMENT_SIZE, random), false);
    return transform(drawImage(options, random), kind === 'keep');
  };

  return {
    name: 'image',
    lambdas: [transformer],
    next,
    probe: () => transform({ width: 1, height: 1, pixels: Uint8Array.of(3, 6, 9, 255) }, false),
  };
}

/** The lambda that reads a kept result: `count, sum, minimum, maximum`, a word each. */
function meanOf(lambda: string, grey: Uint8Array): FollowUp {
  let sum = 0;
  let minimum = 255;
  let maximum = 0;
  for (const octet of grey) {
    sum += octet;
    if (octet < minimum) minimum = octet;
    if (octet > maximum) maximum = octet;
  }
  const expected = { count: grey.length, sum, minimum, maximum };
  return {
    lambda,
    answerOctets: MEAN_ANSWER_OCTETS,
    check: (status, answer) => {
      const fault = statusFault(status, STATUS_OK);
      if (fault !== undefined) return fault;
      if (answer.length !== MEAN_ANSWER_OCTETS)
        return `length: expected ${MEAN_ANSWER_OCTETS} octets, got ${answer.length}`;
      for (const [index, [name, value]] of Object.entries(expected).entries()) {
        const got = readUint32(answer, index * 4);
        if (got !== value) return `${name}: expected ${value}, got ${got}`;
      }
      return undefined;
    },
  };
}

/** `width u16, height u16`, then the pixels. */
export function imageBody(image: RgbaImage): Uint8Array {
  const { width, height, pixels } = image;
  assert(
    pixels.length === width * height * RGBA_OCTETS,
    `${pixels.length} octets are no ${width} x ${height} RGBA image`,
  );
  const body = new Uint8Array(SIZE_OCTETS + pixels.length);
  writeUint16(body, 0, width);
  writeUint16(body, 2, height);
  body.set(pixels, SIZE_OCTETS);
  return body;
}

/** The reference: R/3 + G/3 + B/3, each division in integers, one octet a pixel. */
export function greyOf(image: RgbaImage): Uint8Array {
  const { pixels } = image;
  const grey = new Uint8Array(pixels.length / RGBA_OCTETS);
  for (let pixel = 0; pixel < grey.length; pixel++) {
    const at = pixel * RGBA_OCTETS;
    grey[pixel] = thirdOf(pixels[at]!) + thirdOf(pixels[at + 1]!) + thirdOf(pixels[at + 2]!);
  }
  return grey;
}

function thirdOf(octet: number): number {
  return Math.trunc(octet / 3);
}

function drawImage(size: { readonly width: number; readonly height: number }, random: RandomStream): RgbaImage {
  const { width, height } = size;
  const pixels = new Uint8Array(width * height * RGBA_OCTETS);
  for (let at = 0; at < pixels.length; at += RGBA_OCTETS) {
    const drawn = random.uint32();
    pixels[at] = drawn;
    pixels[at + 1] = drawn >>> 8;
    pixels[at + 2] = drawn >>> 16;
    pixels[at + 3] = drawn >>> 24;
  }
  return { width, height, pixels };
}
