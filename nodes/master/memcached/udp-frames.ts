import { readUint16, writeUint16 } from '../../../packet/big-endian.ts';
import {
  MEMCACHED_DATAGRAMS,
  MEMCACHED_FRAME_HEADER_OCTETS,
  MEMCACHED_REQUEST_ID,
  MEMCACHED_SEQUENCE,
} from '../../../packet/memcached-frame.ts';
import type { Reply } from './replies.ts';

/** The largest datagram of an answer, header included (memcached's UDP_MAX_PAYLOAD_SIZE). */
const ANSWER_DATAGRAM_OCTETS = 1400;
const ANSWER_PAYLOAD_OCTETS = ANSWER_DATAGRAM_OCTETS - MEMCACHED_FRAME_HEADER_OCTETS;

export interface DatagramRequest {
  readonly requestId: number;
  /** A stream of commands of its own. */
  readonly octets: Uint8Array;
}

/**
 * Takes the frame header off a request.
 * @returns undefined when it is none: too short, or one of several datagrams, which memcached refuses
 */
export function requestIn(datagram: Uint8Array): DatagramRequest | undefined {
  if (datagram.length < MEMCACHED_FRAME_HEADER_OCTETS) return undefined;
  if (readUint16(datagram, MEMCACHED_DATAGRAMS) !== 1) return undefined;
  return {
    requestId: readUint16(datagram, MEMCACHED_REQUEST_ID),
    octets: datagram.subarray(MEMCACHED_FRAME_HEADER_OCTETS),
  };
}

/**
 * The datagrams of an answer. Each part is numbered on its own: a retrieval of several keys comes as several series, each
 * from 0. A miss adds nothing, but when it is the answer's first part memcached sends a header that says "0 of 0".
 */
export function answerDatagrams(requestId: number, reply: Reply): Uint8Array[] {
  const datagrams: Uint8Array[] = [];
  for (let part = 0; part < reply.length; part++) {
    const octets = reply[part] as Uint8Array;
    const total = Math.ceil(octets.length / ANSWER_PAYLOAD_OCTETS);
    if (total === 0 && part === 0) datagrams.push(datagramOf(requestId, 0, 0, octets));
    for (let sequence = 0; sequence < total; sequence++) {
      const start = sequence * ANSWER_PAYLOAD_OCTETS;
      datagrams.push(datagramOf(requestId, sequence, total, octets.subarray(start, start + ANSWER_PAYLOAD_OCTETS)));
    }
  }
  return datagrams;
}

function datagramOf(requestId: number, sequence: number, total: number, payload: Uint8Array): Uint8Array {
  const datagram = new Uint8Array(MEMCACHED_FRAME_HEADER_OCTETS + payload.length);
  writeUint16(datagram, MEMCACHED_REQUEST_ID, requestId);
  writeUint16(datagram, MEMCACHED_SEQUENCE, sequence);
  writeUint16(datagram, MEMCACHED_DATAGRAMS, total);
  datagram.set(payload, MEMCACHED_FRAME_HEADER_OCTETS);
  return datagram;
}
