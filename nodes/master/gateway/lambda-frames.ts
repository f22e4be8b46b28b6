import { writeUint16, writeUint32 } from '../../../packet/big-endian.ts';
import { copyOctets } from '../../../packet/copy-octets.ts';
import {
  FRAGMENT_OCTETS,
  LAMBDA_BODY_OFFSET,
  LAMBDA_FLAGS,
  LAMBDA_FRAGMENT,
  LAMBDA_FRAGMENTS,
  LAMBDA_HEADER_OCTETS,
  LAMBDA_LENGTH,
  LAMBDA_REQUEST_ID,
  LAMBDA_STATUS,
  LAMBDA_WORKLOAD_ID,
} from '../../../packet/lambda.ts';
import { allocateUdpFrame, UDP_PAYLOAD_OFFSET } from '../../../packet/udp-frame.ts';

/**
 * A frame with room for the network's headers, a lambda header, and a body copied from `octets[start, end)`. Numbers
 * instead of a header record: the gateway makes two of these a request.
 */
export function lambdaFrame(
  wId: number,
  requestId: number,
  fragment: number,
  fragments: number,
  flags: number,
  status: number,
  length: number,
  octets: Uint8Array,
  start: number,
  end: number,
): Uint8Array {
  const frame = allocateUdpFrame(LAMBDA_HEADER_OCTETS + end - start);
  writeUint32(frame, UDP_PAYLOAD_OFFSET + LAMBDA_WORKLOAD_ID, wId);
  writeUint32(frame, UDP_PAYLOAD_OFFSET + LAMBDA_REQUEST_ID, requestId);
  writeUint16(frame, UDP_PAYLOAD_OFFSET + LAMBDA_FRAGMENT, fragment);
  writeUint16(frame, UDP_PAYLOAD_OFFSET + LAMBDA_FRAGMENTS, fragments);
  writeUint16(frame, UDP_PAYLOAD_OFFSET + LAMBDA_FLAGS, flags);
  writeUint16(frame, UDP_PAYLOAD_OFFSET + LAMBDA_STATUS, status);
  writeUint32(frame, UDP_PAYLOAD_OFFSET + LAMBDA_LENGTH, length);
  copyOctets(frame, LAMBDA_BODY_OFFSET, octets, start, end);
  return frame;
}

/** Octets of a message of `length` octets that one fragment carries. */
export function octetsOfFragment(length: number, fragment: number, fragments: number): number {
  return fragments === 1 ? length : Math.min(FRAGMENT_OCTETS, length - fragment * FRAGMENT_OCTETS);
}

/** A new frame with the same payload; the headers before it are written when it is sent. */
export function copyOfFrame(frame: Uint8Array): Uint8Array {
  const copy = new Uint8Array(frame.length);
  copy.set(frame.subarray(UDP_PAYLOAD_OFFSET), UDP_PAYLOAD_OFFSET);
  return copy;
}
