import type { FirmwareLambda } from '../../npu/image/firmware-image.ts';
import { readUint16, readUint32 } from '../../packet/big-endian.ts';
import { ETHER_TYPE_IPV4, ETHERNET_HEADER_OCTETS, ETHERNET_TYPE } from '../../packet/ethernet.ts';
import { IPV4_HEADER_OCTETS, IPV4_PROTOCOL, PROTOCOL_UDP } from '../../packet/ipv4.ts';
import {
  FLAG_RESPONSE,
  LAMBDA_FLAGS,
  LAMBDA_FRAGMENT,
  LAMBDA_HEADER_OCTETS,
  LAMBDA_WORKLOAD_ID,
} from '../../packet/lambda.ts';
import { PORT_LAMBDA, PORT_ROCE, UDP_DESTINATION_PORT } from '../../packet/udp.ts';
import { UDP_PAYLOAD_OFFSET } from '../../packet/udp-frame.ts';

const IHL_5 = 0x45;
const UDP_PORT_AT = ETHERNET_HEADER_OCTETS + IPV4_HEADER_OCTETS + UDP_DESTINATION_PORT;

/** The UDP destination port of a plain IPv4 frame (no options), or -1. What the NIC's hardware classifier looks at. */
function udpPortOf(frame: Uint8Array): number {
  const plain =
    frame.length >= UDP_PAYLOAD_OFFSET &&
    readUint16(frame, ETHERNET_TYPE) === ETHER_TYPE_IPV4 &&
    frame[ETHERNET_HEADER_OCTETS] === IHL_5 &&
    frame[ETHERNET_HEADER_OCTETS + IPV4_PROTOCOL] === PROTOCOL_UDP;
  return plain ? readUint16(frame, UDP_PORT_AT) : -1;
}

/** Goes to the RDMA block. */
export function isRoceFrame(frame: Uint8Array): boolean {
  return udpPortOf(frame) === PORT_ROCE;
}

/**
 * Id of the lambda that a frame asks for, at its place behind a plain UDP header; undefined for every other frame,
 * answers included.
 */
export function lambdaIdOf(frame: Uint8Array): number | undefined {
  if (udpPortOf(frame) !== PORT_LAMBDA || frame.length < UDP_PAYLOAD_OFFSET + LAMBDA_HEADER_OCTETS) return undefined;
  if ((readUint16(frame, UDP_PAYLOAD_OFFSET + LAMBDA_FLAGS) & FLAG_RESPONSE) !== 0) return undefined;
  return readUint32(frame, UDP_PAYLOAD_OFFSET + LAMBDA_WORKLOAD_ID);
}

/** Requests that reached the NPU, by lambda; a request of several fragments counts at its first. */
export class RequestCounters {
  readonly byLambda: Record<string, number> = {};
  private names = new Map<number, string>();

  /** The lambdas of the firmware that is loaded now. */
  lambdas(lambdas: readonly FirmwareLambda[]): void {
    this.names = new Map(lambdas.map(({ id, name }) => [id, name]));
    for (const { name } of lambdas) this.byLambda[name] ??= 0;
  }

  count(frame: Uint8Array): void {
    const id = lambdaIdOf(frame);
    if (id === undefined || readUint16(frame, UDP_PAYLOAD_OFFSET + LAMBDA_FRAGMENT) !== 0) return;
    const name = this.names.get(id);
    if (name !== undefined) this.byLambda[name]!++;
  }
}
