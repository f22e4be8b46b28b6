import { formatMac } from '../../packet/addresses.ts';

/** The station is unknown: flood. */
export const NO_PORT = -1;

const INITIAL_SLOTS = 64;

/** When an entry was seen that never ages. */
const STATIC = Number.POSITIVE_INFINITY;
const VLAN_UNIT = 0x1_0000;

export interface MacTableEntry {
  readonly mac: string;
  /** 0: the switch knows nothing of VLANs. */
  readonly vlan: number;
  readonly port: number;
  /** Undefined: the entry is static. */
  readonly learnedPs: number | undefined;
}

/**
 * Which station is behind which port (IEEE 802.1Q-2018, 8.8: filtering database), VLAN by VLAN: independent learning. Open
 * addressing on typed arrays; a MAC is its upper 16 and lower 32 bits, so a look-up reads integers and allocates nothing.
 * Ageing is lazy: an old entry counts as absent and is swept when its room is wanted.
 */
export class MacTable {
  private readonly limit: number;
  private readonly agingPs: number;
  private mask = INITIAL_SLOTS - 1;
  /** Upper 16 bits of the address, and the VLAN above them. */
  private highs = new Int32Array(INITIAL_SLOTS);
  private lows = new Int32Array(INITIAL_SLOTS);
  /** `NO_PORT` marks a free slot. */
  private ports = new Int32Array(INITIAL_SLOTS).fill(NO_PORT);
  private seenPs = new Float64Array(INITIAL_SLOTS);
  private used = 0;

  /**
   * @param limit most entries, old ones included until they are swept
   * @param agingPs an entry not seen for longer than this counts as absent
   */
  constructor(limit: number, agingPs: number) {
    this.limit = limit;
    this.agingPs = agingPs;
  }

  /** The port behind which a station was seen last, or NO_PORT. `low` may be signed or unsigned. */
  lookUp(high: number, low: number, vlan: number, nowPs: number): number {
    const slot = this.find(high + vlan * VLAN_UNIT, low | 0);
    const port = this.ports[slot] as number;
    return port !== NO_PORT && nowPs - (this.seenPs[slot] as number) <= this.agingPs ? port : NO_PORT;
  }

  /**
   * Notes that a station was seen; a station that moved is behind its new port from now on.
   * @returns false when the table is full of fresh entries
   */
  learn(high: number, low: number, vlan: number, port: number, nowPs: number): boolean {
    const key = high + vlan * VLAN_UNIT;
    let slot = this.find(key, low | 0);
    if (this.seenPs[slot] === STATIC && this.ports[slot] !== NO_PORT) return true;
    if (this.ports[slot] === NO_PORT) {
      if (this.used >= this.limit) this.rebuild(this.mask + 1, nowPs);
      if (this.used >= this.limit) return false;
      if (this.used * 2 >= this.mask) this.rebuild((this.mask + 1) * 2, nowPs);
      slot = this.find(key, low | 0);
      this.highs[slot] = key;
      this.lows[slot] = low;
      this.used++;
    }
    this.ports[slot] = port;
    this.seenPs[slot] = nowPs;
    return true;
  }

  /** Puts a station behind a port for ever, whatever frames say. @returns false when the table is full */
  addStatic(mac: number, vlan: number, port: number): boolean {
    const high = Math.floor(mac / 2 ** 32);
    return this.learn(high, mac - high * 2 ** 32, vlan, port, STATIC);
  }

  /** Fresh entries in the order of their addresses. */
  entries(nowPs: number): MacTableEntry[] {
    const entries: MacTableEntry[] = [];
    for (let slot = 0; slot <= this.mask; slot++) {
      const port = this.ports[slot] as number;
      const learnedPs = this.seenPs[slot] as number;
      if (port === NO_PORT || nowPs - learnedPs > this.agingPs) continue;
      const key = this.highs[slot] as number;
      const mac = (key & 0xffff) * 2 ** 32 + ((this.lows[slot] as number) >>> 0);
      const isStatic = learnedPs === STATIC;
      entries.push({ mac: formatMac(mac), vlan: key >>> 16, port, learnedPs: isStatic ? undefined : learnedPs });
    }
    return entries.sort((a, b) => (a.mac === b.mac ? a.vlan - b.vlan : a.mac < b.mac ? -1 : 1));
  }

  /** The slot of an address, or the free one where it would go. */
  private find(high: number, low: number): number {
    let slot = (Math.imul(low ^ Math.imul(high, 0x9e37_79b1), 0x85eb_ca6b) >>> 7) & this.mask;
    while (this.ports[slot] !== NO_PORT && (this.lows[slot] !== low || this.highs[slot] !== high)) {
      slot = (slot + 1) & this.mask;
    }
    return slot;
  }

  /** Moves the fresh entries into tables of `slots` slots and forgets the old ones. */
  private rebuild(slots: number, nowPs: number): void {
    const { highs, lows, ports, seenPs } = this;
    this.mask = slots - 1;
    this.highs = new Int32Array(slots);
    this.lows = new Int32Array(slots);
    this.ports = new Int32Array(slots).fill(NO_PORT);
    this.seenPs = new Float64Array(slots);
    this.used = 0;
    for (let old = 0; old < ports.length; old++) {
      const port = ports[old] as number;
      const learnedPs = seenPs[old] as number;
      if (port === NO_PORT || nowPs - learnedPs > this.agingPs) continue;
      const slot = this.find(highs[old] as number, lows[old] as number);
      this.highs[slot] = highs[old] as number;
      this.lows[slot] = lows[old] as number;
      this.ports[slot] = port;
      this.seenPs[slot] = learnedPs;
      this.used++;
    }
  }
}
