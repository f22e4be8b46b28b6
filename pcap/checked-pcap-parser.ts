import { createReadStream } from 'node:fs';
import { parse } from 'pcap-parser';
import { RunError } from '../base/errors.ts';
import type { CaptureReader, OnRecord } from './capture-record.ts';
import { PCAP_FILE_HEADER_OCTETS } from './pcap-writer.ts';

/**
 * Reads a microsecond pcap with the npm package pcap-parser. The package believes every length (a record that claims
 * 4 GB makes it join all chunks of the file, each time anew), ends in silence when a file stops inside a record, and
 * tells `end` twice after an error. So our own reader has walked the file before, the package gets only the whole
 * records that it found, and what the package hands out must be as many packets.
 * @param walked our reader after its pass over the same file
 * @param walkedPackets records in that pass
 * @throws RunError `pcap-parser` when the package reads something else than our reader did
 */
export function readWithPcapParser(
  path: string,
  walked: CaptureReader,
  walkedPackets: number,
  onRecord: OnRecord,
): Promise<void> {
  const linkType = walked.format?.linkType ?? 0;
  return new Promise((resolve, reject) => {
    let packets = 0;
    let octets = PCAP_FILE_HEADER_OCTETS;
    let isSettled = false;
    const stream = createReadStream(path, { start: 0, end: walked.wholeOctets - 1 });
    const settle = (failure: Error | undefined): void => {
      if (isSettled) return;
      isSettled = true;
      stream.destroy();
      if (failure === undefined) resolve();
      else reject(failure);
    };
    parse(stream)
      .on('packet', ({ header, data }) => {
        if (isSettled) return;
        packets++;
        octets += 16 + data.length;
        try {
          onRecord({
            time: { seconds: header.timestampSeconds, nanoseconds: header.timestampMicroseconds * 1_000 },
            octets: data,
            originalOctets: header.originalLength,
            linkType,
          });
        } catch (error) {
          settle(error instanceof Error ? error : new Error(String(error)));
        }
      })
      .on('error', (error) => settle(new RunError('pcap-parser', `pcap-parser refused ${path}: ${error.message}`)))
      .on('end', () => {
        const isSame = packets === walkedPackets && octets === walked.wholeOctets;
        const message = `pcap-parser read ${packets} packets in ${octets} octets of ${path}, expected ${walkedPackets} in ${walked.wholeOctets}`;
        settle(isSame ? undefined : new RunError('pcap-parser', message));
      });
  });
}
