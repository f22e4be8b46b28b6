import { createReadStream, statSync } from 'node:fs';
import { InputError } from '../base/errors.ts';
import type { CaptureReader, CaptureRecord, OnRecord } from './capture-record.ts';
import { PcapReader } from './pcap-reader.ts';
import { PCAP_MAGIC_MICROSECONDS, PCAP_MAGIC_NANOSECONDS } from './pcap-writer.ts';
import { PcapngReader } from './pcapng-reader.ts';
import { BLOCK_SECTION_HEADER } from './pcapng-writer.ts';

const CHUNK_OCTETS = 1 << 20;

/** The reader for a capture that starts with these octets, or undefined when they are no capture's. */
export function captureReaderFor(firstOctets: Uint8Array, onRecord: OnRecord): CaptureReader | undefined {
  if (firstOctets.length < 4) return undefined;
  const view = new DataView(firstOctets.buffer, firstOctets.byteOffset, 4);
  for (const littleEndian of [true, false]) {
    const magic = view.getUint32(0, littleEndian);
    if (magic === PCAP_MAGIC_NANOSECONDS || magic === PCAP_MAGIC_MICROSECONDS) return new PcapReader(onRecord);
  }
  // A section header's type reads the same in both byte orders.
  return view.getUint32(0) === BLOCK_SECTION_HEADER ? new PcapngReader(onRecord) : undefined;
}

/**
 * Reads a capture file of any of the formats, record by record, in chunks of 1 MiB. Damage after the header ends the
 * reading and stands in the returned reader.
 * @throws InputError `capture-unreadable`, `capture-format`
 */
export async function readCaptureFile(
  path: string,
  onRecord: (record: CaptureRecord, reader: CaptureReader) => void,
): Promise<CaptureReader> {
  let reader: CaptureReader | undefined;
  let firstOctets: Uint8Array = new Uint8Array(0);
  requireRegularFile(path);
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_OCTETS })) {
      let octets: Uint8Array = chunk;
      if (reader === undefined) {
        octets = firstOctets.length === 0 ? octets : Buffer.concat([firstOctets, octets]);
        if (octets.length < 4) {
          firstOctets = octets;
          continue;
        }
        const starting = captureReaderFor(octets, (record) => onRecord(record, starting!));
        if (starting === undefined) break;
        reader = starting;
      }
      reader.push(octets);
      if (reader.damage !== undefined) break;
    }
  } catch (error) {
    throw unreadable(path, error);
  }
  reader?.end();
  if (reader?.format === undefined) {
    const why = reader?.damage === undefined ? 'it starts like neither pcap nor pcapng' : reader.damage.message;
    throw new InputError('capture-format', `${path} is not a capture: ${why}`);
  }
  return reader;
}

/** A device or pipe may never end, and a summary reads some files twice. */
function requireRegularFile(path: string): void {
  let isFile: boolean;
  try {
    isFile = statSync(path).isFile();
  } catch (error) {
    throw unreadable(path, error);
  }
  if (!isFile) throw new InputError('capture-unreadable', `cannot read ${path}: not a regular file`);
}

function unreadable(path: string, error: unknown): Error {
  // Only the operating system's refusals are the user's to solve.
  if (!(error instanceof Error) || !('syscall' in error))
    return error instanceof Error ? error : new Error(String(error));
  return new InputError('capture-unreadable', `cannot read ${path}: ${error.message}`);
}
