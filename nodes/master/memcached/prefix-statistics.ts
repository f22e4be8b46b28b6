const DELIMITER = ':';

interface PrefixCounters {
  gets: number;
  hits: number;
  sets: number;
  deletes: number;
}

/** Counts commands by what stands before the colon in their keys: `stats detail`. Keys without one are not counted. */
export class PrefixStatistics {
  private readonly counters = new Map<string, PrefixCounters>();

  noteGet(key: string, isHit: boolean): void {
    const counters = this.countersOf(key);
    if (counters === undefined) return;
    counters.gets++;
    if (isHit) counters.hits++;
  }

  noteSet(key: string): void {
    const counters = this.countersOf(key);
    if (counters !== undefined) counters.sets++;
  }

  noteDelete(key: string): void {
    const counters = this.countersOf(key);
    if (counters !== undefined) counters.deletes++;
  }

  clear(): void {
    this.counters.clear();
  }

  /** One line a prefix, in the order in which they came; the original's order is that of its hash table. */
  dump(): string {
    let text = '';
    for (const [prefix, { gets, hits, sets, deletes }] of this.counters) {
      text += `PREFIX ${prefix} get ${gets} hit ${hits} set ${sets} del ${deletes}\r\n`;
    }
    return `${text}END\r\n`;
  }

  private countersOf(key: string): PrefixCounters | undefined {
    const end = key.indexOf(DELIMITER);
    if (end < 0) return undefined;
    const prefix = key.slice(0, end);
    let counters = this.counters.get(prefix);
    if (counters === undefined) {
      counters = { gets: 0, hits: 0, sets: 0, deletes: 0 };
      this.counters.set(prefix, counters);
    }
    return counters;
  }
}
