import { ok, type Result, wireError } from '../base/result.ts';
import { formatIpv4Address, formatMac, readMac, writeMac } from './addresses.ts';
import { readUint32, readUint64, writeUint32, writeUint64 } from './big-endian.ts';
import { emitLambda, LAMBDA_HEADER_OCTETS, type LambdaHeader, parseLambda } from './lambda.ts';

/**
 * Bodies of the messages that surround an RDMA transfer of a long message (paper section 4.2.3, D3: long messages are
 * written into NIC memory over RDMA and an event starts the lambda). A client leases a slot of a worker's memory at the
 * gateway, writes a head and the input there, and the worker writes a head and the output back.
 */

/** Client to gateway, flag LEASE_REQUEST, after the function's name. */
export interface LeaseRequest {
  readonly inputOctets: number;
  readonly outputOctets: number;
  readonly clientQpn: number;
  readonly clientStartPsn: number;
  readonly clientRkey: number;
  /** Where the result may be written in the client's registered region. */
  readonly clientAddress: bigint;
  readonly clientMac: number;
  /** FLAG_KEEP or 0. */
  readonly lambdaFlags: number;
}

export const LEASE_REQUEST_OCTETS = 40;

export function parseLeaseRequest(octets: Uint8Array, start: number, end: number): Result<LeaseRequest> {
  if (end - start < LEASE_REQUEST_OCTETS) return tooShort('lease-request', start, end, LEASE_REQUEST_OCTETS);
  return ok({
    inputOctets: readUint32(octets, start),
    outputOctets: readUint32(octets, start + 4),
    clientQpn: readUint32(octets, start + 8),
    clientStartPsn: readUint32(octets, start + 12),
    clientRkey: readUint32(octets, start + 16),
    clientAddress: readUint64(octets, start + 20),
    clientMac: readMac(octets, start + 28),
    lambdaFlags: readUint32(octets, start + 36),
  });
}

export function emitLeaseRequest(request: LeaseRequest): Uint8Array {
  const octets = new Uint8Array(LEASE_REQUEST_OCTETS);
  writeUint32(octets, 0, request.inputOctets);
  writeUint32(octets, 4, request.outputOctets);
  writeUint32(octets, 8, request.clientQpn);
  writeUint32(octets, 12, request.clientStartPsn);
  writeUint32(octets, 16, request.clientRkey);
  writeUint64(octets, 20, request.clientAddress);
  writeMac(octets, 28, request.clientMac);
  writeUint32(octets, 36, request.lambdaFlags);
  return octets;
}

/** Gateway to client, flag LEASE_ANSWER; the body is present when the header's status is OK. */
export interface LeaseAnswer {
  readonly wId: number;
  readonly workerAddress: number;
  readonly workerMac: number;
  readonly workerQpn: number;
  readonly workerStartPsn: number;
  readonly rkey: number;
  /** Start of the slot in the worker's NIC memory. */
  readonly address: bigint;
  readonly slot: number;
  /** Room for head and input. */
  readonly slotInputOctets: number;
  readonly leaseId: number;
}

export const LEASE_ANSWER_OCTETS = 48;

export function parseLeaseAnswer(octets: Uint8Array, start: number, end: number): Result<LeaseAnswer> {
  if (end - start < LEASE_ANSWER_OCTETS) return tooShort('lease-answer', start, end, LEASE_ANSWER_OCTETS);
  return ok({
    wId: readUint32(octets, start),
    workerAddress: readUint32(octets, start + 4),
    workerMac: readMac(octets, start + 8),
    workerQpn: readUint32(octets, start + 16),
    workerStartPsn: readUint32(octets, start + 20),
    rkey: readUint32(octets, start + 24),
    address: readUint64(octets, start + 28),
    slot: readUint32(octets, start + 36),
    slotInputOctets: readUint32(octets, start + 40),
    leaseId: readUint32(octets, start + 44),
  });
}

export function emitLeaseAnswer(answer: LeaseAnswer): Uint8Array {
  const octets = new Uint8Array(LEASE_ANSWER_OCTETS);
  writeUint32(octets, 0, answer.wId);
  writeUint32(octets, 4, answer.workerAddress);
  writeMac(octets, 8, answer.workerMac);
  writeUint32(octets, 16, answer.workerQpn);
  writeUint32(octets, 20, answer.workerStartPsn);
  writeUint32(octets, 24, answer.rkey);
  writeUint64(octets, 28, answer.address);
  writeUint32(octets, 36, answer.slot);
  writeUint32(octets, 40, answer.slotInputOctets);
  writeUint32(octets, 44, answer.leaseId);
  return octets;
}

/** Client to gateway, flag LEASE_RELEASE, after the function's name; answered with RESPONSE set and an empty body. */
export interface LeaseRelease {
  readonly leaseId: number;
}

export const LEASE_RELEASE_OCTETS = 4;

export function parseLeaseRelease(octets: Uint8Array, start: number, end: number): Result<LeaseRelease> {
  if (end - start < LEASE_RELEASE_OCTETS) return tooShort('lease-release', start, end, LEASE_RELEASE_OCTETS);
  return ok({ leaseId: readUint32(octets, start) });
}

export function emitLeaseRelease(release: LeaseRelease): Uint8Array {
  const octets = new Uint8Array(LEASE_RELEASE_OCTETS);
  writeUint32(octets, 0, release.leaseId);
  return octets;
}

/**
 * Head of a message in memory, before input and before output: a lambda header and 12 zero octets, so that what follows
 * starts on 32 octets.
 */
export const MESSAGE_HEAD_OCTETS = 32;

export function parseMessageHead(octets: Uint8Array, start: number, end: number): Result<LambdaHeader> {
  if (end - start < MESSAGE_HEAD_OCTETS) return tooShort('message-head', start, end, MESSAGE_HEAD_OCTETS);
  return parseLambda(octets, start, start + LAMBDA_HEADER_OCTETS);
}

export function emitMessageHead(octets: Uint8Array, start: number, header: LambdaHeader): void {
  emitLambda(octets, start, header);
  octets.fill(0, start + LAMBDA_HEADER_OCTETS, start + MESSAGE_HEAD_OCTETS);
}

/** Body of the event that the NIC's RDMA block gives to a lambda: 40-bit addresses as two words each. */
export interface MessageEvent {
  readonly inputAddress: bigint;
  readonly inputOctets: number;
  readonly outputAddress: bigint;
  readonly outputCapacityOctets: number;
}

export const MESSAGE_EVENT_OCTETS = 24;

/** `inAddressHi, inAddressLo, inLength, outAddressHi, outAddressLo, outCapacity`, a word each. */
export function parseMessageEvent(octets: Uint8Array, start: number, end: number): Result<MessageEvent> {
  if (end - start < MESSAGE_EVENT_OCTETS) return tooShort('message-event', start, end, MESSAGE_EVENT_OCTETS);
  return ok({
    inputAddress: readUint64(octets, start),
    inputOctets: readUint32(octets, start + 8),
    outputAddress: readUint64(octets, start + 12),
    outputCapacityOctets: readUint32(octets, start + 20),
  });
}

export function emitMessageEvent(event: MessageEvent): Uint8Array {
  const octets = new Uint8Array(MESSAGE_EVENT_OCTETS);
  writeUint64(octets, 0, event.inputAddress);
  writeUint32(octets, 8, event.inputOctets);
  writeUint64(octets, 12, event.outputAddress);
  writeUint32(octets, 20, event.outputCapacityOctets);
  return octets;
}

export function formatLeaseAnswer(answer: LeaseAnswer): string {
  const worker = `${formatIpv4Address(answer.workerAddress)} (${formatMac(answer.workerMac)})`;
  return `lease ${answer.leaseId} slot ${answer.slot} at ${worker} qp ${answer.workerQpn}, lambda ${answer.wId}`;
}

function tooShort<T>(what: string, start: number, end: number, expected: number): Result<T> {
  return wireError(`${what}-truncated`, `${end - start} octets, expected at least ${expected}`, end);
}
