import type { CacheProfile } from '../profile.ts';

/** What is in the cache of a DRAM memory: tags only, the data is always in `Memory`. Least recently used goes first. */
export class MemoryCache {
  private readonly lineOctets: number;
  private readonly ways: number;
  private readonly sets: number;
  /** Line number + 1 by set and age, youngest first; 0 = empty. Made at the first access: an idle NIC has none. */
  private lines = new Int32Array(0);
  hits = 0;
  misses = 0;

  constructor(profile: CacheProfile) {
    this.lineOctets = profile.lineOctets;
    this.ways = profile.ways;
    this.sets = profile.octets / (profile.lineOctets * profile.ways);
  }

  /** Brings every line of the range in. @returns whether all of them were there already */
  access(address: number, octets: number): boolean {
    if (this.lines.length === 0) this.lines = new Int32Array(this.sets * this.ways);
    let hit = true;
    const last = Math.floor((address + octets - 1) / this.lineOctets);
    for (let line = Math.floor(address / this.lineOctets); line <= last; line++) {
      if (this.touch(line)) this.hits++;
      else {
        this.misses++;
        hit = false;
      }
    }
    return hit;
  }

  clear(): void {
    this.lines.fill(0);
  }

  private touch(line: number): boolean {
    const { lines } = this;
    const tag = line + 1;
    const first = (line % this.sets) * this.ways;
    if (lines[first] === tag) return true;
    const last = first + this.ways - 1;
    let at = first + 1;
    while (at < last && lines[at] !== tag) at++;
    const hit = at <= last && lines[at] === tag;
    for (let i = Math.min(at, last); i > first; i--) lines[i] = lines[i - 1]!;
    lines[first] = tag;
    return hit;
  }
}
