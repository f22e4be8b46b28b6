import { parseUnsigned32 } from './numbers.ts';
import { octetsFromText } from './octet-text.ts';
import { BAD_FORMAT, constantLine, type Reply } from './replies.ts';
import { chunkOctets, SLAB_CLASS_LIMIT, slabClassOf } from './slab-class.ts';
import type { MemcachedState } from './state.ts';
import type { Item } from './storage.ts';

type Entry = [name: string, value: string | number];

const BUCKET_OCTETS = 32;
/** As much as `stats cachedump` prints. */
const DUMP_LIMIT_OCTETS = 2 * 1024 * 1024;
const BAD_LINE = constantLine('CLIENT_ERROR bad command line');
const ILLEGAL_CLASS = constantLine('CLIENT_ERROR Illegal slab id');

/** `stats sizes`: items by size in steps of 32 octets, of those that were stored since it was switched on. */
export function sizes({ storage, sizesFromCas }: MemcachedState): Entry[] {
  if (sizesFromCas === undefined) return [['sizes_status', 'disabled']];
  const counts = new Map<number, number>();
  for (const item of storage) {
    if (item.casUnique < sizesFromCas) continue;
    const bucket = Math.ceil(item.octets / BUCKET_OCTETS) * BUCKET_OCTETS;
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => a - b).map(([octets, count]) => [`${octets}`, count]);
}

/** `stats items`: of the original's lines those that do not speak of its four queues a class. */
export function itemsBySlabClass({ storage, clock }: MemcachedState): Entry[] {
  const now = clock.currentSeconds();
  return inClasses(storage).flatMap(([slabClass, items]): Entry[] => [
    [`items:${slabClass}:number`, items.length],
    [`items:${slabClass}:age`, now - Math.min(...items.map((item) => item.usedSeconds))],
    [`items:${slabClass}:mem_requested`, items.reduce((sum, item) => sum + item.octets, 0)],
  ]);
}

/** `stats slabs`: chunk sizes of the classes that items fall into; pages there are none. */
export function slabClasses({ storage }: MemcachedState): Entry[] {
  const classes = inClasses(storage);
  const entries = classes.flatMap(([slabClass, items]): Entry[] => [
    [`${slabClass}:chunk_size`, chunkOctets(slabClass)],
    [`${slabClass}:used_chunks`, items.length],
  ]);
  return [...entries, ['active_slabs', classes.length]];
}

/** `stats cachedump CLASS LIMIT`: keys with their sizes and exptimes, the most recently used first. */
export function dumpItems({ storage, clock }: MemcachedState, words: readonly string[]): Reply {
  const [, , classWord, limitWord] = words;
  if (classWord === undefined || limitWord === undefined) return BAD_LINE;
  const slabClass = parseUnsigned32(classWord);
  const limit = parseUnsigned32(limitWord);
  if (slabClass === undefined || limit === undefined) return BAD_FORMAT;
  if (slabClass >= SLAB_CLASS_LIMIT) return ILLEGAL_CLASS;
  let text = '';
  let shown = 0;
  for (const item of storage) {
    if (slabClassOf(item.octets) !== slabClass) continue;
    if ((limit > 0 && shown === limit) || text.length > DUMP_LIMIT_OCTETS) break;
    const expiry = item.expirySeconds === 0 ? 0 : clock.unixSecondsOf(item.expirySeconds);
    text += `ITEM ${item.key} [${item.value.length} b; ${expiry} s]\r\n`;
    shown++;
  }
  return [octetsFromText(`${text}END\r\n`)];
}

function inClasses(items: Iterable<Item>): [slabClass: number, items: Item[]][] {
  const classes = new Map<number, Item[]>();
  for (const item of items) {
    const slabClass = slabClassOf(item.octets);
    const members = classes.get(slabClass);
    if (members === undefined) classes.set(slabClass, [item]);
    else members.push(item);
  }
  return [...classes].sort(([a], [b]) => a - b);
}
