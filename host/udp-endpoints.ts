import { assert } from '../base/assert.ts';
import type { UdpFrame } from '../packet/udp-frame.ts';

/**
 * A datagram has arrived. The frame has been checked (lengths, checksums, our addresses) and is immutable; its payload
 * is the view `datagram.payload`, or the octets [payloadStart, payloadEnd) of `datagram.frame`.
 */
export type DatagramHandler = (datagram: UdpFrame, interfaceIndex: number) => void;

/** A bound UDP port. */
export interface Endpoint {
  readonly port: number;
  /** Called once the processor has done the stack's work; undefined after unbinding. */
  handler: DatagramHandler | undefined;
  /** Frames of the port go to the handler as they arrive, without processor time: the NIC's hardware takes them. */
  readonly offloaded: boolean;
  /** Frame octets that wait for the processor. */
  waitingOctets: number;
}

/** The dynamic ports of a Linux host (`ip_local_port_range`). */
const FIRST_EPHEMERAL_PORT = 32_768;
const LAST_EPHEMERAL_PORT = 60_999;

/** Which UDP ports of a host are bound, and to what. */
export class UdpEndpoints {
  private readonly endpoints = new Map<number, Endpoint>();
  private nextEphemeralPort = FIRST_EPHEMERAL_PORT;

  bind(port: number, handler: DatagramHandler, offloaded: boolean): void {
    assert(Number.isInteger(port) && port >= 1 && port <= 65_535, `UDP port ${port}`);
    assert(!this.endpoints.has(port), `UDP port ${port} is bound already`);
    this.endpoints.set(port, { port, handler, offloaded, waitingOctets: 0 });
  }

  /** Datagrams that wait for the processor are dropped with it. */
  unbind(port: number): void {
    const endpoint = this.endpoints.get(port);
    if (endpoint !== undefined) endpoint.handler = undefined;
    this.endpoints.delete(port);
  }

  get(port: number): Endpoint | undefined {
    return this.endpoints.get(port);
  }

  /** An unbound port of the dynamic range, each in its turn. */
  ephemeralPort(): number {
    for (let tried = FIRST_EPHEMERAL_PORT; tried <= LAST_EPHEMERAL_PORT; tried++) {
      const port = this.nextEphemeralPort;
      this.nextEphemeralPort = port === LAST_EPHEMERAL_PORT ? FIRST_EPHEMERAL_PORT : port + 1;
      if (!this.endpoints.has(port)) return port;
    }
    assert(false, 'all dynamic UDP ports are bound');
  }
}
