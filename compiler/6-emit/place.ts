import { assert } from '../../base/assert.ts';
import {
  type FirmwareData,
  type FirmwareRegion,
  type FirmwareSymbol,
  RUNTIME_OWNER,
} from '../../npu/image/firmware-image.ts';
import type { NicProfile } from '../../npu/profile.ts';
import type { Diagnostics } from '../diagnostics.ts';
import type { IrModule, MemoryName, MemoryObject } from '../ir.ts';
import { HIGH_OCTET, type Placement } from './placement.ts';
import { isMovable, type PlacementEstimate, stratify } from './stratify.ts';

export interface PlacedObjects {
  readonly places: ReadonlyMap<string, Placement>;
  readonly data: readonly FirmwareData[];
  readonly regions: readonly FirmwareRegion[];
  readonly symbols: readonly FirmwareSymbol[];
  readonly usedOctets: Readonly<Record<MemoryName, number>>;
  /** Why each object lies where it does, in the order of the module. */
  readonly estimates: readonly PlacementEstimate[];
}

/** Program globals of EMEM end here; the RDMA slots and the host's own lie above. */
export const EMEM_PROGRAM_OCTETS = 64 * 1024 * 1024;

/** Left free at the start of a memory, so that no object's address is a null pointer, nor that of what lies before it. */
const FREE_OCTETS = 64;

interface Pool {
  next: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Gives every memory object its memory (`stratify.ts`, where the program leaves it open) and address.
 * @param lambdas whose code may touch what the runtime exports, beside their own objects: a granted region is there once
 *   more for each of them
 */
export function placeObjects(
  module: IrModule,
  lambdas: readonly string[],
  profile: NicProfile,
  diagnostics: Diagnostics,
  options: { readonly stratify: boolean } = { stratify: true },
): PlacedObjects {
  const { memories, memoryPlan } = profile;
  const pool = (start: number, end: number): Pool => ({ start, next: start, end });
  const pools: Record<MemoryName, Pool> = {
    emem: pool(FREE_OCTETS, Math.min(EMEM_PROGRAM_OCTETS, memoryPlan.rdmaSlotBase)),
    imem: pool(FREE_OCTETS, memories.imem.octets),
    ctm: pool(memoryPlan.ctmProgramOctetAddress, memories.ctm.octets),
    cls: pool(FREE_OCTETS, memories.cls.octets),
  };
  const places = new Map<string, Placement>();
  const data: FirmwareData[] = [];
  const regions: FirmwareRegion[] = [];
  const symbols: FirmwareSymbol[] = [];
  const taken: { memory: MemoryName; start: number; end: number }[] = [];

  const grant = (region: FirmwareRegion, exported: boolean): void => {
    regions.push(region);
    if (exported && region.owner === RUNTIME_OWNER) for (const owner of lambdas) regions.push({ ...region, owner });
  };
  const settle = (object: MemoryObject, memory: MemoryName, address: number): void => {
    places.set(object.name, { memory, address });
    taken.push({ memory, start: address, end: address + object.octets });
    // The engines read whole words, so the last word of an object belongs to it as far as rights go.
    const octets = Math.ceil(object.octets / 4) * 4;
    const { name, owner } = object;
    grant({ name, owner, memory, address, octets, read: true, write: !object.readOnly }, object.exported);
    symbols.push({ name, owner, memory, address, size: object.octets });
    if (object.initial.length > 0) data.push({ memory, address, octets: object.initial });
  };

  const objects = [...module.objects.values()];
  const estimates = stratify(module, profile, roomFor(objects, pools), options.stratify);
  for (const object of objects) {
    if (object.fixedAddress === undefined) continue;
    const memory = object.memory === 'auto' ? 'emem' : object.memory;
    const limit = memories[memory].octets;
    if (object.fixedAddress + object.octets > limit) {
      complain(diagnostics, object, 'link-memory-exceeded', `${object.name} ends beyond the ${memory.toUpperCase()}`);
    } else settle(object, memory, object.fixedAddress);
  }
  for (const object of objects) {
    if (object.fixedAddress !== undefined) continue;
    const { memory } = estimates.get(object.name)!;
    const found = findSpace(object, memory, pools[memory], taken);
    if (found === undefined) {
      const { start, next, end } = pools[memory];
      complain(
        diagnostics,
        object,
        'link-memory-exceeded',
        `${object.name} of ${object.octets} octets does not fit into ${memory.toUpperCase()}: ${next - start} of ${end - start} octets are taken`,
      );
      // A place all the same, so that the rest of the program can be checked.
      places.set(object.name, { memory, address: start });
    } else {
      settle(object, memory, found);
      pools[memory].next = found + object.octets;
    }
  }
  for (const { exported, ...region } of module.reserved) grant(region, exported);
  for (const object of objects) {
    if (object.addresses === undefined) continue;
    const initial = new Uint8Array(object.octets);
    initial.set(object.initial);
    const view = new DataView(initial.buffer);
    for (const { octet, object: name, offset, octets } of object.addresses) {
      const target = places.get(name);
      assert(target !== undefined, `${object.name} points to ${name}, which has no place`);
      if (octets === 8) view.setUint32(octet, HIGH_OCTET[target.memory]);
      view.setUint32(octet + octets - 4, target.address + offset);
    }
    const place = places.get(object.name);
    assert(place !== undefined, `${object.name} has a place`);
    const known = data.findIndex(({ memory, address }) => memory === place.memory && address === place.address);
    if (known >= 0) data.splice(known, 1);
    data.push({ memory: place.memory, address: place.address, octets: initial });
  }
  const used = (memory: MemoryName) => pools[memory].next - pools[memory].start;
  const usedOctets = { emem: used('emem'), imem: used('imem'), ctm: used('ctm'), cls: used('cls') };
  return { places, data, regions, symbols, usedOctets, estimates: [...estimates.values()] };
}

/** What the objects that stay where the program put them leave of each memory. */
function roomFor(
  objects: readonly MemoryObject[],
  pools: Readonly<Record<MemoryName, Pool>>,
): Record<MemoryName, number> {
  const room = (memory: MemoryName): number => {
    const own = objects.filter((object) => object.memory === memory && !isMovable(object));
    return own.reduce((left, { octets, align }) => left - octets - align, pools[memory].end - pools[memory].start);
  };
  return { emem: room('emem'), imem: room('imem'), ctm: room('ctm'), cls: room('cls') };
}

function findSpace(
  object: MemoryObject,
  memory: MemoryName,
  pool: Pool,
  taken: readonly { memory: MemoryName; start: number; end: number }[],
): number | undefined {
  const align = Math.max(object.align, 4);
  let address = Math.ceil(pool.next / align) * align;
  for (;;) {
    const blocking = taken.find(
      (other) => other.memory === memory && other.start < address + object.octets && other.end > address,
    );
    if (blocking === undefined) break;
    address = Math.ceil(blocking.end / align) * align;
  }
  return address + object.octets <= pool.end ? address : undefined;
}

function complain(diagnostics: Diagnostics, object: MemoryObject, code: string, message: string): void {
  diagnostics.error(code, object.position ?? { file: object.owner, line: 1, column: 1 }, message);
}
