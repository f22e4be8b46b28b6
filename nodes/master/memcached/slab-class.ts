/**
 * The slab classes that memcached makes with its default options: chunks from 96 octets, each class a quarter larger and
 * a multiple of 8, the last half a megabyte (`slabs_init`). Memory is not divided into slabs here; the numbers are what
 * `me` and `stats` say of an item.
 */
const SMALLEST_CHUNK_OCTETS = 96;
const GROWTH_FACTOR = 1.25;
const CHUNK_ALIGNMENT_OCTETS = 8;
const LARGEST_CHUNK_OCTETS = 512 * 1024;
/** Class numbers are below it (`MAX_NUMBER_OF_SLAB_CLASSES`). */
export const SLAB_CLASS_LIMIT = 64;

const CHUNK_OCTETS = chunkSizes();

/** Number of the class, from 1, whose chunk an item takes; items larger than the largest chunk take several of that. */
export function slabClassOf(itemOctets: number): number {
  const index = CHUNK_OCTETS.findIndex((octets) => itemOctets <= octets);
  return index < 0 ? CHUNK_OCTETS.length : index + 1;
}

/** @param slabClass from 1 */
export function chunkOctets(slabClass: number): number {
  return CHUNK_OCTETS[slabClass - 1] as number;
}

function chunkSizes(): number[] {
  const sizes: number[] = [];
  let octets = SMALLEST_CHUNK_OCTETS;
  while (sizes.length < SLAB_CLASS_LIMIT - 2 && octets < LARGEST_CHUNK_OCTETS / GROWTH_FACTOR) {
    octets = Math.ceil(octets / CHUNK_ALIGNMENT_OCTETS) * CHUNK_ALIGNMENT_OCTETS;
    sizes.push(octets);
    octets = Math.floor(octets * GROWTH_FACTOR);
  }
  sizes.push(LARGEST_CHUNK_OCTETS);
  return sizes;
}
