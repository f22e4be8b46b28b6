import { readFileSync } from 'node:fs';
import { PNG } from 'pngjs';
import { InputError } from '../../base/errors.ts';
import { imageFault } from '../../topology/image-limits.ts';
import type { RunContent } from '../../topology/run-inputs.ts';
import type { Topology } from '../../topology/types.ts';

/** PNG specification (W3C, third edition), 5.2: the first octets of every PNG; then comes the chunk IHDR (11.2.1). */
const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const WIDTH_OFFSET = 16;
const HEIGHT_OFFSET = 20;
const HEAD_OCTETS = 24;

/**
 * Reads a PNG of any colour type as RGBA, 8 bits a channel.
 * @throws InputError when it is none, is damaged, or does not fit the NICs' memory
 */
export function readPicture(path: string, topology: Pick<Topology, 'hosts'>): NonNullable<RunContent['image']> {
  const octets = readOctets(path);
  // Before decoding: a small file may claim to be an enormous picture.
  const fault = imageFault(octets.readUInt32BE(WIDTH_OFFSET), octets.readUInt32BE(HEIGHT_OFFSET), topology.hosts);
  if (fault !== undefined) throw new InputError('image-too-large', `'${path}': ${fault}`);
  let decoded: PNG;
  try {
    decoded = PNG.sync.read(octets);
  } catch {
    // The decoder's own words name its insides.
    throw unreadable(path, 'is damaged or cut short: expected a whole PNG file');
  }
  const { width, height, data } = decoded;
  return { width, height, pixels: new Uint8Array(data) };
}

function readOctets(path: string): Buffer {
  let octets: Buffer;
  try {
    octets = readFileSync(path);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw unreadable(path, `cannot be read (${reason}): expected a PNG file`);
  }
  if (octets.length === 0) throw unreadable(path, 'is empty: expected a PNG file');
  if (!octets.subarray(0, SIGNATURE.length).equals(SIGNATURE)) throw unreadable(path, 'is not a PNG file');
  if (octets.length < HEAD_OCTETS) throw unreadable(path, 'is cut short: expected a whole PNG file');
  return octets;
}

function unreadable(path: string, what: string): InputError {
  return new InputError('unreadable-image', `image '${path}' ${what}`);
}
