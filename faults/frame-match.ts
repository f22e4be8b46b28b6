import { parseLambda } from '../packet/lambda.ts';
import { parseRoce } from '../packet/roce.ts';
import { PORT_LAMBDA, PORT_ROCE } from '../packet/udp.ts';
import { parseUdpFrame } from '../packet/udp-frame.ts';
import type { FrameMatch } from './fault.ts';

/**
 * Whether a fault means this frame.
 * @param number of the frame in its direction, from 1
 */
export function matches(match: FrameMatch, number: number, frame: Uint8Array): boolean {
  if (match.kind === 'frame') return number === match.number;
  const udp = parseUdpFrame(frame);
  if (!udp.ok) return false;
  const { srcPort, dstPort, payloadStart, payloadEnd } = udp.value;
  if (match.kind === 'psn') {
    if (dstPort !== PORT_ROCE) return false;
    const roce = parseRoce(udp.value);
    return roce.ok && roce.value.psn === match.psn;
  }
  if (dstPort !== PORT_LAMBDA && srcPort !== PORT_LAMBDA) return false;
  const lambda = parseLambda(frame, payloadStart, payloadEnd);
  return lambda.ok && lambda.value.wId === match.wId;
}
