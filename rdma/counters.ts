import type { RequesterCounters } from './requester.ts';
import type { ResponderCounters } from './responder.ts';

/** What one RDMA engine has seen and done, all queue pairs together. */
export interface RdmaCounters extends RequesterCounters, ResponderCounters {
  framesReceived: number;
  /** Dropped: not RoCEv2, malformed, or with a wrong ICRC. */
  framesMalformed: number;
  /** Dropped: another MAC, address, partition; a queue pair that does not exist, has another peer or is not ready; a response of a kind that is not known. */
  framesMisdirected: number;
  /** With the mark of congestion experienced (RFC 3168). They are counted, and change nothing: there is no DCQCN. */
  ecnMarkedPackets: number;
  acksSent: number;
  naksSent: number;
  queuePairErrors: number;
}

export function newCounters(): RdmaCounters {
  return {
    framesReceived: 0,
    framesMalformed: 0,
    framesMisdirected: 0,
    ecnMarkedPackets: 0,
    packetsSent: 0,
    packetsRetransmitted: 0,
    timeouts: 0,
    naksReceived: 0,
    rnrNaksReceived: 0,
    staleAcks: 0,
    packetsAccepted: 0,
    duplicates: 0,
    outOfSequence: 0,
    accessErrors: 0,
    invalidRequests: 0,
    rnrNaksSent: 0,
    immediates: 0,
    messagesReceived: 0,
    octetsReceived: 0,
    acksSent: 0,
    naksSent: 0,
    queuePairErrors: 0,
  };
}
