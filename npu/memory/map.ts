import { InputError } from '../../base/errors.ts';
import type { MemoryTarget } from '../execution/commands/world.ts';
import type { FirmwareImage, FirmwareMemory, FirmwareRegion } from '../image/firmware-image.ts';
import type { NicProfile } from '../profile.ts';
import { MemoryEngine } from './engine.ts';
import { Memory } from './memory.ts';
import { RegionMap } from './regions.ts';

/** Islands of the memories that exist once, and the first one of cores: the chip's island numbers. */
const EMEM_ISLAND = 24;
const IMEM_ISLAND = 28;
const FIRST_CORE_ISLAND = 32;
/** Bits 39..32 of an address in direct-access form: 0x80 | island. CTM of core island 32 + n is 0xa0 + n. */
const DIRECT_ACCESS = 0x80;
const CTM_TOP = 0xa0;
/** In addresses of CLS: the island of the core that asks (*inferred*: what public code writes without an island). */
const OWN_ISLAND = 0;

/** Every memory outside the cores, its engines, and how each island's cores reach them. */
export class MemoryMap {
  readonly emem: Memory;
  readonly imem: Memory;
  /** By island, in the profile's order. */
  readonly ctm: readonly Memory[];
  readonly cls: readonly Memory[];
  readonly ememEngine: MemoryEngine;
  readonly imemEngine: MemoryEngine;
  readonly ctmEngines: readonly MemoryEngine[];
  readonly clsEngines: readonly MemoryEngine[];
  private readonly profile: NicProfile;

  constructor(profile: NicProfile) {
    const { emem, imem, ctm, cls } = profile.memories;
    this.profile = profile;
    this.emem = new Memory(emem.octets);
    this.imem = new Memory(imem.octets);
    this.ctm = profile.islands.map(() => new Memory(ctm.octets));
    this.cls = profile.islands.map(() => new Memory(cls.octets));
    this.ememEngine = new MemoryEngine(emem.engine, profile.ememCache);
    this.imemEngine = new MemoryEngine(imem.engine, undefined);
    this.ctmEngines = profile.islands.map(() => new MemoryEngine(ctm.engine, undefined));
    this.clsEngines = profile.islands.map(() => new MemoryEngine(cls.engine, undefined));
  }

  /** Empties all memories and engines, then puts the image's data in. @throws InputError `npu-image-...` */
  load(image: Pick<FirmwareImage, 'data'>): void {
    for (const memory of [this.emem, this.imem, ...this.ctm, ...this.cls]) memory.clear();
    for (const engine of [this.ememEngine, this.imemEngine, ...this.ctmEngines, ...this.clsEngines]) engine.reset();
    for (const { memory, address, octets } of image.data) {
      if (memory === 'local') continue;
      for (const copy of this.copies(memory)) {
        if (address + octets.length > copy.octets) {
          throw new InputError('npu-image-data', `${octets.length} octets of data at ${address} of ${memory}`);
        }
        copy.write(address, octets);
      }
    }
  }

  /**
   * The memories as cores reach them, with the rights of each owner of code.
   * @param owners names; their order is that of `MemoryTarget.rights`
   * @throws InputError `npu-image-region` when a region leaves its memory
   */
  targets(
    regions: readonly FirmwareRegion[],
    owners: readonly string[],
  ): {
    readonly ownCtm: readonly MemoryTarget[];
    readonly ownCls: readonly MemoryTarget[];
    readonly byTopOctet: readonly (readonly (MemoryTarget | undefined)[])[];
    readonly clsByIsland: readonly (readonly (MemoryTarget | undefined)[])[];
  } {
    const { profile } = this;
    const { emem, imem, ctm, cls } = profile.memories;
    const rights = (memory: FirmwareMemory, octets: number) => rightsOf(regions, owners, memory, octets);
    const ememRights = rights('emem', emem.octets);
    const imemRights = rights('imem', imem.octets);
    const ctmRights = rights('ctm', ctm.octets);
    const clsRights = rights('cls', cls.octets);
    const none = -1;
    const target = (
      name: string,
      memory: Memory,
      engine: MemoryEngine,
      rights: readonly RegionMap[],
      latency: MemoryTarget['latency'],
      bufferIsland = none,
    ): MemoryTarget => ({ name, memory, engine, rights, latency, bufferIsland });

    const ctmOf = (island: number, latency: MemoryTarget['latency']) =>
      target('ctm', this.ctm[island]!, this.ctmEngines[island]!, ctmRights, latency, island);
    const ownCtm = profile.islands.map((_, island) => ctmOf(island, ctm.latency));
    const ownCls = profile.islands.map((_, island) =>
      target('cls', this.cls[island]!, this.clsEngines[island]!, clsRights, cls.latency),
    );
    const byTopOctet = profile.islands.map((_, own) => {
      const map = new Array<MemoryTarget | undefined>(256).fill(undefined);
      map[DIRECT_ACCESS | EMEM_ISLAND] = target('emem', this.emem, this.ememEngine, ememRights, emem.latency);
      map[DIRECT_ACCESS | IMEM_ISLAND] = target('imem', this.imem, this.imemEngine, imemRights, imem.latency);
      for (const [island, { number }] of profile.islands.entries()) {
        const seen = island === own ? ownCtm[island]! : ctmOf(island, ctm.remoteLatency);
        map[CTM_TOP + number - FIRST_CORE_ISLAND] = seen;
      }
      return map;
    });
    const clsByIsland = profile.islands.map((_, own) => {
      const map = new Array<MemoryTarget | undefined>(64).fill(undefined);
      map[OWN_ISLAND] = ownCls[own];
      for (const [island, { number }] of profile.islands.entries()) {
        const engine = this.clsEngines[island]!;
        map[number] =
          island === own ? ownCls[own] : target('cls', this.cls[island]!, engine, clsRights, cls.remoteLatency);
      }
      return map;
    });
    return { ownCtm, ownCls, byTopOctet, clsByIsland };
  }

  private copies(memory: FirmwareMemory): readonly Memory[] {
    switch (memory) {
      case 'emem':
        return [this.emem];
      case 'imem':
        return [this.imem];
      case 'ctm':
        return this.ctm;
      case 'cls':
        return this.cls;
      case 'local':
        return [];
    }
  }
}

/**
 * What each owner's code may touch of one memory: its own regions and no others. A region may be there several times,
 * once for each owner that it is granted to.
 */
export function rightsOf(
  regions: readonly FirmwareRegion[],
  owners: readonly string[],
  memory: FirmwareMemory,
  memoryOctets: number,
): readonly RegionMap[] {
  const here = regions.filter((region) => region.memory === memory);
  for (const { name, address, octets } of here) {
    if (!Number.isInteger(address) || address < 0 || octets < 0 || address + octets > memoryOctets) {
      throw new InputError('npu-image-region', `region ${name}: ${octets} octets at ${address} of ${memory}`);
    }
  }
  return owners.map((owner) => {
    const own = here.filter((region) => region.owner === owner);
    return new RegionMap(
      own.map(({ address, octets, read, write }) => ({ start: address, end: address + octets, read, write })),
    );
  });
}
