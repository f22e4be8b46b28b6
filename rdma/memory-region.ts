import { assert } from '../base/assert.ts';

/** The memory behind a region; offsets count from the start of the region. The caller has checked the bounds. */
export interface RegionMemory {
  read(offset: number, length: number): Uint8Array;
  write(offset: number, octets: Uint8Array): void;
}

/** What a remote node may do in the region. */
export interface RegionRights {
  readonly remoteWrite: boolean;
  readonly remoteRead: boolean;
}

export interface RegionRequest {
  readonly memory: RegionMemory;
  /** Virtual address of the first octet, as remote nodes name it. */
  readonly address: bigint;
  /** Octets, 1 to 2^31. */
  readonly length: number;
  readonly rights: RegionRights;
  /** Only queue pairs of the same domain may use the key (IBTA vol 1, 10.2.3). Default 0. */
  readonly protectionDomain?: number;
}

export interface MemoryRegion extends RegionRequest {
  /** The key that a remote node must show, 32 bits. */
  readonly rkey: number;
  readonly protectionDomain: number;
}

/** Longest message and region: 2^31 octets (IBTA vol 1, 9.7.3: maximum message size). */
export const MAX_MESSAGE_OCTETS = 2 ** 31;

const KEY_INDEX_LIMIT = 2 ** 24;

/** The memory regions of one NIC by key. A key is an index and one octet that changes, so that an old key stays dead. */
export class RegionTable {
  private readonly regions = new Map<number, MemoryRegion>();
  private registered = 0;

  register(request: RegionRequest): MemoryRegion {
    const { length, address } = request;
    assert(Number.isInteger(length) && length >= 1 && length <= MAX_MESSAGE_OCTETS, `region of ${length} octets`);
    assert(address >= 0n && address + BigInt(length) <= 2n ** 64n, 'region outside the 64-bit address space');
    this.registered++;
    assert(this.registered < KEY_INDEX_LIMIT, 'more than 16 million regions were registered');
    const variant = Math.imul(this.registered, 0x9d) & 0xff;
    const rkey = this.registered * 256 + variant;
    const region = { ...request, rkey, protectionDomain: request.protectionDomain ?? 0 };
    this.regions.set(rkey, region);
    return region;
  }

  /** Takes the key back; a message in the middle of such a region is refused from its next packet on. */
  deregister(rkey: number): void {
    this.regions.delete(rkey);
  }

  has(region: MemoryRegion): boolean {
    return this.regions.get(region.rkey) === region;
  }

  /** The region, when key, domain, right and every octet of [address, address + length) allow a remote write. */
  writable(rkey: number, address: bigint, length: number, protectionDomain: number): MemoryRegion | undefined {
    const region = this.regions.get(rkey);
    if (region === undefined || !region.rights.remoteWrite) return undefined;
    if (region.protectionDomain !== protectionDomain) return undefined;
    if (address < region.address) return undefined;
    if (address + BigInt(length) > region.address + BigInt(region.length)) return undefined;
    return region;
  }
}
