import { FCS_OCTETS, MINIMUM_FRAME_OCTETS, occupancyPs, receptionPs } from '../link/ethernet-timing.ts';
import type { SwitchQueueing } from './switch-options.ts';

export interface PausedLink {
  readonly octetPs: number;
  readonly delayPs: number;
  /** How long before its departure a frame is decided on here, and at the sender: what is decided goes. */
  readonly leadPs: number;
  readonly senderLeadPs: number;
  /** Longest frame of the link, without FCS. */
  readonly maximumFrameOctets: number;
}

/**
 * Octets that may still come after a port has decided to pause its sender (the terms of IEEE 802.1Q-2018, annex N).
 * Until nothing comes any more there pass: this port's lead and the frame that may have begun just before; the PFC
 * frame and the cable; the sender's lead, the frame that it may have begun just before its end, and the cable again.
 * A store-and-forward port learns of a frame at its last bit, so that one more may be half in.
 */
export function headroomOctets({ octetPs, delayPs, leadPs, senderLeadPs, maximumFrameOctets }: PausedLink): number {
  const pauseFramePs = receptionPs(MINIMUM_FRAME_OCTETS - FCS_OCTETS, octetPs);
  const longestPs = occupancyPs(maximumFrameOctets, octetPs);
  const windowPs = leadPs + longestPs + pauseFramePs + delayPs + senderLeadPs + longestPs + delayPs + longestPs;
  return Math.ceil(windowPs / octetPs);
}

/** Octets of a buffer that are one queue's, or one port's and priority's under flow control. */
export function ownedOctets({ queues, flowControl }: SwitchQueueing, ports: number): number {
  let octets = 0;
  for (const { reserveOctets } of queues) octets += ports * reserveOctets;
  if (flowControl === undefined) return octets;
  const { priorities, xoffOctets, headroomOctets: headrooms } = flowControl;
  for (const headroom of headrooms) octets += priorities.length * (xoffOctets + headroom);
  return octets;
}
