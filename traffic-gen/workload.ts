/**
 * What a client asks and how it judges the answer. A workload knows nothing of time, frames and retries: it makes one
 * request after the other and is told how each ended.
 */
export interface Workload {
  readonly name: string;
  /** Lambdas asked, in turn. */
  readonly lambdas: readonly string[];
  /** The next request. Called when the arrival process wants one. */
  next(): WorkRequest;
  /** A small valid request to each lambda, to find out whether it is deployed. */
  probe(lambda: string): WorkRequest;
}

/**
 * How a message reaches the NIC; decided by its size (docs/traffic-gen.md). A `datagram` is a request without a header of
 * ours, to a program of the user's.
 */
export type Transport = 'plain' | 'fragments' | 'rdma' | 'datagram';

export interface WorkRequest {
  readonly lambda: string;
  readonly transport: Transport;
  /** The whole message, not to be changed any more. */
  readonly body: Uint8Array;
  /** Longest answer that can be right. */
  readonly answerOctets: number;
  /** With RDMA: leave the result in NIC memory and ask this lambda about it. */
  readonly followUp?: FollowUp;
  /** What is wrong with an answer (`octet 3: expected 0x41, got 0x42`), or undefined when it is right. */
  check(status: number, answer: Uint8Array): string | undefined;
  /** Called once at the end, whatever it was. `clean`: answered at the first attempt. */
  settled?(clean: boolean): void;
}

/** A second lambda that reads the first one's result where it lies. */
export interface FollowUp {
  readonly lambda: string;
  readonly answerOctets: number;
  check(status: number, answer: Uint8Array): string | undefined;
}

/** @param plainLimitOctets @param fragmentLimitOctets largest bodies for the two ways that are not RDMA */
export function transportFor(octets: number, plainLimitOctets: number, fragmentLimitOctets: number): Transport {
  if (octets <= plainLimitOctets) return 'plain';
  return octets <= fragmentLimitOctets ? 'fragments' : 'rdma';
}

/** The first difference between an answer and what it should be, or undefined. */
export function firstDifference(expected: Uint8Array, got: Uint8Array): string | undefined {
  if (expected.length !== got.length) return `length: expected ${expected.length} octets, got ${got.length}`;
  for (let offset = 0; offset < expected.length; offset++) {
    if (expected[offset] !== got[offset]) {
      return `octet ${offset}: expected ${hex(expected[offset]!)}, got ${hex(got[offset]!)}`;
    }
  }
  return undefined;
}

function hex(octet: number): string {
  return `0x${octet.toString(16).padStart(2, '0')}`;
}
