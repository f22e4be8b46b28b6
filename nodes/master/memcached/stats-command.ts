import { dumpItems, itemsBySlabClass, sizes, slabClasses } from './item-statistics.ts';
import { octetsFromText } from './octet-text.ts';
import { constantLine, ERROR, OK, RESET, type Reply } from './replies.ts';
import { MEMCACHED_VERSION, type MemcachedState } from './state.ts';
import { newStatistics } from './statistics.ts';

const SIZES_ENABLED = constantLine('STAT sizes_status enabled');
const SIZES_DISABLED = constantLine('STAT sizes_status disabled');
const DETAIL_USAGE = constantLine('CLIENT_ERROR usage: stats detail on|off|dump');

/**
 * `stats` and its sub-commands; names and order as memcached prints them. What describes the process
 * (pid, processor time, connections, slabs, crawlers) has no counterpart here and is left out rather than invented.
 */
export function statsReply(state: MemcachedState, words: readonly string[]): Reply {
  switch (words[1]) {
    case undefined:
      return statLines(generalStatistics(state));
    case 'settings':
      return statLines([
        ['maxbytes', state.storage.memoryLimitOctets],
        ['verbosity', state.verbosity],
        ['evictions', 'on'],
        ['cas_enabled', 'yes'],
        ['item_size_max', state.storage.maximumItemOctets],
        ['flush_enabled', 'yes'],
      ]);
    case 'reset':
      resetStatistics(state);
      return RESET;
    case 'detail':
      return detail(state, words[2]);
    case 'sizes':
      return statLines(sizes(state));
    case 'sizes_enable':
      state.sizesFromCas = state.storage.drawCasUnique();
      return SIZES_ENABLED;
    case 'sizes_disable':
      state.sizesFromCas = undefined;
      return SIZES_DISABLED;
    case 'cachedump':
      return dumpItems(state, words);
    case 'items':
      return statLines(itemsBySlabClass(state));
    case 'slabs':
      return statLines(slabClasses(state));
    default:
      return ERROR;
  }
}

/** The counters as name and value, also for the node's report. */
export function generalStatistics(state: MemcachedState): [name: string, value: string | number][] {
  const s = state.statistics;
  return [
    ['uptime', state.clock.uptimeSeconds()],
    ['time', state.clock.unixSeconds()],
    ['version', MEMCACHED_VERSION],
    ['pointer_size', 64],
    ['cmd_get', s.cmd_get],
    ['cmd_set', s.cmd_set],
    ['cmd_flush', s.cmd_flush],
    ['cmd_touch', s.cmd_touch],
    ['cmd_meta', s.cmd_meta],
    ['get_hits', s.get_hits],
    ['get_misses', s.get_misses],
    ['get_expired', s.get_expired],
    ['get_flushed', s.get_flushed],
    ['delete_misses', s.delete_misses],
    ['delete_hits', s.delete_hits],
    ['incr_misses', s.incr_misses],
    ['incr_hits', s.incr_hits],
    ['decr_misses', s.decr_misses],
    ['decr_hits', s.decr_hits],
    ['cas_misses', s.cas_misses],
    ['cas_hits', s.cas_hits],
    ['cas_badval', s.cas_badval],
    ['touch_hits', s.touch_hits],
    ['touch_misses', s.touch_misses],
    ['store_too_large', s.store_too_large],
    ['store_no_memory', s.store_no_memory],
    ['bytes_read', s.bytes_read],
    ['bytes_written', s.bytes_written],
    ['limit_maxbytes', state.storage.memoryLimitOctets],
    ['bytes', state.storage.octets],
    ['curr_items', state.storage.itemCount],
    ['total_items', s.total_items],
    ['evictions', s.evictions],
  ];
}

function detail(state: MemcachedState, what: string | undefined): Reply {
  switch (what) {
    case 'on':
      state.prefixes = state.allPrefixes;
      return OK;
    case 'off':
      state.prefixes = undefined;
      return OK;
    case 'dump':
      return [octetsFromText(state.allPrefixes.dump())];
    default:
      return DETAIL_USAGE;
  }
}

function resetStatistics(state: MemcachedState): void {
  state.allPrefixes.clear();
  Object.assign(state.statistics, newStatistics());
}

function statLines(entries: readonly (readonly [string, string | number])[]): Reply {
  let text = '';
  for (const [name, value] of entries) text += `STAT ${name} ${value}\r\n`;
  return [octetsFromText(`${text}END\r\n`)];
}
