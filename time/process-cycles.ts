/**
 * What a channel is to the rounds of the global minimum: none of their business (no cycle of processes goes through it),
 * an edge of the tree along which they gather and tell, seen from either end, or a chord that carries their marks alone.
 */
export type CycleRole = 'none' | 'to-parent' | 'to-child' | 'chord';

/**
 * Finds the cycles in the graph of processes. Channels that are bridges (no cycle goes through them) need promises only;
 * the others make up the parts of the graph that rounds are held in, each with a spanning tree of its own.
 * @param neighbours of each process, by index; symmetric, without duplicates
 * @returns the role of each channel, in the order of `neighbours`
 */
export function cycleRoles(neighbours: readonly (readonly number[])[]): CycleRole[][] {
  const cyclic = neighbours.map((peers, self) => peers.map((peer) => isOnCycle(neighbours, self, peer)));
  const roles: CycleRole[][] = cyclic.map((channels) => channels.map((onCycle) => (onCycle ? 'chord' : 'none')));
  const reached = new Set<number>();
  for (let root = 0; root < neighbours.length; root++) {
    if (reached.has(root)) continue;
    reached.add(root);
    // Breadth first: the fewer hops to the root, the sooner a round is over.
    const queue = [root];
    for (let self = queue.shift(); self !== undefined; self = queue.shift()) {
      for (const [channel, peer] of neighbours[self]!.entries()) {
        if (!cyclic[self]![channel] || reached.has(peer)) continue;
        reached.add(peer);
        queue.push(peer);
        roles[self]![channel] = 'to-child';
        roles[peer]![neighbours[peer]!.indexOf(self)] = 'to-parent';
      }
    }
  }
  return roles;
}

/** Whether there is a second way between the ends of an edge. */
function isOnCycle(neighbours: readonly (readonly number[])[], from: number, to: number): boolean {
  const reached = new Set([from]);
  const queue = [from];
  for (let self = queue.shift(); self !== undefined; self = queue.shift()) {
    for (const peer of neighbours[self]!) {
      if (self === from && peer === to) continue;
      if (peer === to) return true;
      if (reached.has(peer)) continue;
      reached.add(peer);
      queue.push(peer);
    }
  }
  return false;
}
