import type { Reply } from './replies.ts';
import { AsciiSession } from './session.ts';
import type { MemcachedState } from './state.ts';

/**
 * The frame header of memcached over UDP (`protocol.txt`, "UDP protocol"), big-endian: request id u16, sequence number
 * u16, total number of datagrams u16, reserved u16.
 */
export const FRAME_HEADER_OCTETS = 8;
const TOTAL_OFFSET = 4;

/** The largest datagram of an answer, header included (memcached's UDP_MAX_PAYLOAD_SIZE). */
export const ANSWER_DATAGRAM_OCTETS = 1400;
const ANSWER_PAYLOAD_OCTETS = ANSWER_DATAGRAM_OCTETS - FRAME_HEADER_OCTETS;

/**
 * Executes the commands of one datagram at a time. Unlike the original, which keeps half a command until any other
 * datagram of any client completes it, a datagram here is a stream of its own: half a command is not answered.
 */
export class MemcachedUdp {
  private readonly state: MemcachedState;
  private readonly session: AsciiSession;
  private requestId = 0;

  constructor(state: MemcachedState) {
    this.state = state;
    this.session = new AsciiSession(state);
  }

  /**
   * Takes a request datagram; its commands run by `step`.
   * @returns false when it is none: too short, or one of several (memcached refuses requests of several datagrams)
   */
  begin(datagram: Uint8Array): boolean {
    if (datagram.length < FRAME_HEADER_OCTETS) return false;
    if (u16(datagram, TOTAL_OFFSET) !== 1) return false;
    this.requestId = u16(datagram, 0);
    this.state.statistics.bytes_read += datagram.length - FRAME_HEADER_OCTETS;
    this.session.restart(datagram.subarray(FRAME_HEADER_OCTETS));
    return true;
  }

  /**
   * Executes the next command and hands the datagrams of its answer to `send`.
   * @returns false when no command was left
   */
  step(send: (datagram: Uint8Array) => void): boolean {
    const reply = this.session.step();
    if (reply === 'more' || reply === 'close') return false;
    this.answer(reply, send);
    return true;
  }

  /** Whether octets are left that may be another command. */
  get hasMore(): boolean {
    return this.session.hasInput;
  }

  /**
   * Each part of an answer is numbered on its own: a retrieval of several keys comes as several series, each from 0.
   * A miss adds nothing, but when it is the answer's first part memcached sends a header that says "0 of 0".
   */
  private answer(reply: Reply, send: (datagram: Uint8Array) => void): void {
    for (let part = 0; part < reply.length; part++) {
      const octets = reply[part] as Uint8Array;
      const total = Math.ceil(octets.length / ANSWER_PAYLOAD_OCTETS);
      if (total === 0) {
        if (part === 0) send(this.datagram(0, 0, octets));
        continue;
      }
      for (let sequence = 0; sequence < total; sequence++) {
        const start = sequence * ANSWER_PAYLOAD_OCTETS;
        send(this.datagram(sequence, total, octets.subarray(start, start + ANSWER_PAYLOAD_OCTETS)));
      }
    }
  }

  private datagram(sequence: number, total: number, payload: Uint8Array): Uint8Array {
    const datagram = new Uint8Array(FRAME_HEADER_OCTETS + payload.length);
    writeU16(datagram, 0, this.requestId);
    writeU16(datagram, 2, sequence);
    writeU16(datagram, 4, total);
    datagram.set(payload, FRAME_HEADER_OCTETS);
    this.state.statistics.bytes_written += payload.length;
    return datagram;
  }
}

function u16(octets: Uint8Array, offset: number): number {
  return ((octets[offset] as number) << 8) | (octets[offset + 1] as number);
}

function writeU16(octets: Uint8Array, offset: number, value: number): void {
  octets[offset] = value >>> 8;
  octets[offset + 1] = value;
}
