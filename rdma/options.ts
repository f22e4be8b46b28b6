import { assert } from '../base/assert.ts';
import { PS_PER_MS } from '../base/units.ts';
import { PSN_MODULUS } from '../packet/psn.ts';

/** What a profile may set. Every figure has a default, so that a run's manifest can name it. */
export interface RdmaOptions {
  /** Payload octets of a full packet: 256, 512, 1,024, 2,048 or 4,096 (IBTA vol 1, 9.7.3). Default 1,024. */
  readonly pathMtu?: number;
  /** Packets that may be under way unacknowledged, one queue pair. Default 32. */
  readonly windowPackets?: number;
  /**
   * Halve the window at a sequence error, start again from one packet after a timeout, grow by one a round trip. IBTA
   * leaves the rate of a sender open; go-back-N with a fixed window into a full switch buffer mostly sends duplicates.
   * Default true.
   */
  readonly adaptiveWindow?: boolean;
  /** The acknowledge bit is set on every so many packets, besides the last of a message and of a window. Default 8. */
  readonly packetsPerAck?: number;
  /** DSCP and ECN bits of every packet, as in the IPv4 header. Default 0: best effort, and no notice of congestion. */
  readonly typeOfService?: number;
  /** First timeout of an unacknowledged packet; doubles at each retry up to 64 times. Default 4 ms. */
  readonly ackTimeoutPs?: number;
  /** Retries without progress before the queue pair fails: the 3-bit retry counter. Default 7. */
  readonly retries?: number;
  /** The same for "receiver not ready". Default 7. */
  readonly rnrRetries?: number;
  /** Wait that the responder asks for when no receive is posted, as the 5-bit code of IBTA vol 1, table 45. Default 6 (80 us). */
  readonly rnrTimerCode?: number;
  /**
   * How long a destroyed queue pair still acknowledges packets that it had taken before, whose ACK was lost: the
   * time-wait of a connection (IBTA vol 1, 12.9). Default 16 first timeouts, enough for four losses in a row.
   */
  readonly lingerPs?: number;
  /**
   * Time of one octet on the wire, ps; frames leave at that pace and the queue pairs take turns, as the send scheduler of
   * a NIC does it. Absent: whatever the window allows is transmitted at once.
   */
  readonly pacingOctetPs?: number;
  /** With pacing: frame octets handed to the port ahead of the wire. Default 8 KiB. */
  readonly pacingBacklogOctets?: number;
}

export interface RdmaSettings extends Required<Omit<RdmaOptions, 'pacingOctetPs'>> {
  readonly pacingOctetPs: number | undefined;
}

const DEFAULT_ACK_TIMEOUT_PS = 4 * PS_PER_MS;
const PATH_MTUS = [256, 512, 1_024, 2_048, 4_096];

/** Doublings of the timeout that are not exceeded. */
export const MAX_TIMEOUT_DOUBLINGS = 6;

export function settingsOf(options: RdmaOptions): RdmaSettings {
  const settings: RdmaSettings = {
    pathMtu: options.pathMtu ?? 1_024,
    windowPackets: options.windowPackets ?? 32,
    adaptiveWindow: options.adaptiveWindow ?? true,
    packetsPerAck: options.packetsPerAck ?? 8,
    typeOfService: options.typeOfService ?? 0,
    ackTimeoutPs: options.ackTimeoutPs ?? DEFAULT_ACK_TIMEOUT_PS,
    retries: options.retries ?? 7,
    rnrRetries: options.rnrRetries ?? 7,
    rnrTimerCode: options.rnrTimerCode ?? 6,
    lingerPs: options.lingerPs ?? 16 * (options.ackTimeoutPs ?? DEFAULT_ACK_TIMEOUT_PS),
    pacingOctetPs: options.pacingOctetPs,
    pacingBacklogOctets: options.pacingBacklogOctets ?? 8_192,
  };
  assert(PATH_MTUS.includes(settings.pathMtu), `path MTU ${settings.pathMtu}`);
  // Sequence numbers can tell old from new only while less than half of them are under way.
  assert(
    settings.windowPackets >= 1 && settings.windowPackets < PSN_MODULUS / 2,
    `window of ${settings.windowPackets}`,
  );
  assert(settings.packetsPerAck >= 1, 'the acknowledge bit is needed on some packets');
  assert(Number.isInteger(settings.ackTimeoutPs) && settings.ackTimeoutPs > 0, 'the timeout must be positive');
  assert(settings.retries >= 0 && settings.rnrRetries >= 0, 'retry counters start at 0');
  assert(settings.rnrTimerCode >= 0 && settings.rnrTimerCode <= 31, 'the RNR timer code has 5 bits');
  return settings;
}
