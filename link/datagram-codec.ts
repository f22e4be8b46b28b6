import { ok, type Result, wireError } from '../base/result.ts';
import type { ChannelMessage, FrameInTransit, RoundNews } from '../time/channel.ts';
import { MAXIMUM_FRAME_OCTETS } from './ethernet-timing.ts';

/*
 * One datagram between two processes of a run; little-endian, loopback only, never captured.
 *
 *    0  u32  run id: strays of another run are ignored
 *    4  u32  sequence number of this datagram (of the next one, when it only acknowledges)
 *    8  u32  next sequence number expected from the peer
 *   12  u8   bit 0: it carries a message (else it only acknowledges); bit 1: it is sent again; bit 2: news of rounds
 *   13  u8   bits 7..4: datagrams that came twice, modulo 2^4; bits 3..0: losses that the sender found, modulo 2^4
 *   14  u16  frames that follow
 *   16  f64  promise, ps
 *   24  f64  need, ps
 *   32  f64  frames counted
 *   40       news of rounds (time/global-minimum.ts), 40 octets where bit 2 says so: u32 round, u32 closed round,
 *            f64 outcome, f64 want of the outcome, f64 branch, f64 want of the branch
 *            frames: f64 first bit in ps, u16 link, u16 length, octets
 */
const RUN_ID = 0;
const SEQUENCE = 4;
const EXPECTED = 8;
const KIND = 12;
const COUNTS = 13;
const FRAMES = 14;
const PROMISE = 16;
const NEED = 24;
const COUNTED = 32;
export const HEADER_OCTETS = 40;
const ROUND_NEWS_OCTETS = 40;
const FRAME_HEADER_OCTETS = 12;
const NEWS_BIT = 4;

/** A datagram stays below the 64 KiB that UDP allows, with room to spare for its header. */
export const MAXIMUM_DATAGRAM_OCTETS = 60_000;

/** What the counts of repeated and of lost datagrams are modulo of. */
export const COUNT_MODULUS = 2 ** 4;

export interface DatagramHeader {
  readonly runId: number;
  readonly sequence: number;
  readonly expected: number;
  readonly carriesMessage: boolean;
  readonly isResent: boolean;
  /** Datagrams of the peer that came twice, modulo `COUNT_MODULUS`. */
  readonly repeated: number;
  /** Losses that the sender found, modulo `COUNT_MODULUS`. */
  readonly losses: number;
}

export interface Datagram extends DatagramHeader {
  readonly message: ChannelMessage;
  readonly frames: readonly FrameInTransit[];
}

/** Octets of a message's datagram before its frames. */
export function messageHeaderOctets(message: ChannelMessage): number {
  return message.round === undefined ? HEADER_OCTETS : HEADER_OCTETS + ROUND_NEWS_OCTETS;
}

export function frameOctetsInDatagram(frame: Uint8Array): number {
  return FRAME_HEADER_OCTETS + frame.length;
}

/** Writes a message with `frames[from, to)`; returns the octets used of `target`. */
export function encodeMessage(
  target: Buffer,
  header: DatagramHeader,
  message: ChannelMessage,
  frames: readonly FrameInTransit[],
  from: number,
  to: number,
): number {
  encodeHeader(target, header);
  target.writeUInt16LE(to - from, FRAMES);
  target.writeDoubleLE(message.promisePs, PROMISE);
  target.writeDoubleLE(message.needPs, NEED);
  target.writeDoubleLE(message.counted, COUNTED);
  let offset = HEADER_OCTETS;
  if (message.round !== undefined) {
    target[KIND]! |= NEWS_BIT;
    encodeRoundNews(target, message.round);
    offset += ROUND_NEWS_OCTETS;
  }
  for (let i = from; i < to; i++) {
    const { firstBitPs, link, frame } = frames[i] as FrameInTransit;
    target.writeDoubleLE(firstBitPs, offset);
    target.writeUInt16LE(link, offset + 8);
    target.writeUInt16LE(frame.length, offset + 10);
    target.set(frame, offset + FRAME_HEADER_OCTETS);
    offset += FRAME_HEADER_OCTETS + frame.length;
  }
  return offset;
}

/** Writes a datagram that only acknowledges; returns its length. */
export function encodeAcknowledgement(target: Buffer, header: DatagramHeader): number {
  encodeHeader(target, header);
  target.fill(0, FRAMES, HEADER_OCTETS);
  return HEADER_OCTETS;
}

/** Brings the header of a message that is sent again up to date. */
export function renewHeader(octets: Buffer, header: DatagramHeader): void {
  const news = octets[KIND]! & NEWS_BIT;
  encodeHeader(octets, header);
  octets[KIND]! |= news;
}

/** Reads what a peer sent. Frames are views into the datagram. */
export function decodeDatagram(octets: Buffer): Result<Datagram> {
  if (octets.length < HEADER_OCTETS) {
    return wireError('datagram-truncated', `${octets.length} octets, expected at least ${HEADER_OCTETS}`, 0);
  }
  const kind = octets.readUInt8(KIND);
  const frameCount = octets.readUInt16LE(FRAMES);
  const frames: FrameInTransit[] = [];
  const hasNews = (kind & NEWS_BIT) !== 0;
  let offset = hasNews ? HEADER_OCTETS + ROUND_NEWS_OCTETS : HEADER_OCTETS;
  if (octets.length < offset) {
    return wireError('datagram-truncated', `${octets.length} octets, expected at least ${offset}`, 0);
  }
  for (let i = 0; i < frameCount; i++) {
    if (offset + FRAME_HEADER_OCTETS > octets.length) return truncatedFrame(i, offset);
    const length = octets.readUInt16LE(offset + 10);
    const end = offset + FRAME_HEADER_OCTETS + length;
    if (end > octets.length || length > MAXIMUM_FRAME_OCTETS) return truncatedFrame(i, offset);
    frames.push({
      firstBitPs: octets.readDoubleLE(offset),
      link: octets.readUInt16LE(offset + 8),
      frame: octets.subarray(offset + FRAME_HEADER_OCTETS, end),
    });
    offset = end;
  }
  const counts = octets.readUInt8(COUNTS);
  return ok({
    runId: octets.readUInt32LE(RUN_ID),
    sequence: octets.readUInt32LE(SEQUENCE),
    expected: octets.readUInt32LE(EXPECTED),
    carriesMessage: (kind & 1) === 1,
    isResent: (kind & 2) !== 0,
    repeated: counts >>> 4,
    losses: counts & 15,
    message: {
      promisePs: octets.readDoubleLE(PROMISE),
      needPs: octets.readDoubleLE(NEED),
      counted: octets.readDoubleLE(COUNTED),
      ...(hasNews ? { round: decodeRoundNews(octets) } : {}),
    },
    frames,
  });
}

function encodeRoundNews(target: Buffer, news: RoundNews): void {
  target.writeUInt32LE(news.round, HEADER_OCTETS);
  target.writeUInt32LE(news.closedRound, HEADER_OCTETS + 4);
  target.writeDoubleLE(news.outcomePs, HEADER_OCTETS + 8);
  target.writeDoubleLE(news.outcomeWantPs, HEADER_OCTETS + 16);
  target.writeDoubleLE(news.branchPs, HEADER_OCTETS + 24);
  target.writeDoubleLE(news.branchWantPs, HEADER_OCTETS + 32);
}

function decodeRoundNews(octets: Buffer): RoundNews {
  return {
    round: octets.readUInt32LE(HEADER_OCTETS),
    closedRound: octets.readUInt32LE(HEADER_OCTETS + 4),
    outcomePs: octets.readDoubleLE(HEADER_OCTETS + 8),
    outcomeWantPs: octets.readDoubleLE(HEADER_OCTETS + 16),
    branchPs: octets.readDoubleLE(HEADER_OCTETS + 24),
    branchWantPs: octets.readDoubleLE(HEADER_OCTETS + 32),
  };
}

function encodeHeader(target: Buffer, header: DatagramHeader): void {
  target.writeUInt32LE(header.runId, RUN_ID);
  target.writeUInt32LE(header.sequence, SEQUENCE);
  target.writeUInt32LE(header.expected, EXPECTED);
  target.writeUInt8((header.carriesMessage ? 1 : 0) | (header.isResent ? 2 : 0), KIND);
  target.writeUInt8((header.repeated << 4) | header.losses, COUNTS);
}

function truncatedFrame(index: number, offset: number): Result<Datagram> {
  return wireError('datagram-frame-truncated', `frame ${index} runs past the end of the datagram`, offset);
}
