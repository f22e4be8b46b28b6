/**
 * Who acts next: a winner tree over a fixed number of actors, each with one cycle. Ties go to the lower index. Setting
 * an actor's cycle takes one comparison a level.
 */
export class CycleQueue {
  private readonly leaves: number;
  /** Tree of cycles, root at 1; leaf of actor i at leaves + i. */
  private readonly cycles: Float64Array;
  /** The actor that the cycle of a node belongs to. */
  private readonly winners: Int32Array;

  constructor(actors: number) {
    let leaves = 1;
    while (leaves < actors) leaves *= 2;
    this.leaves = leaves;
    this.cycles = new Float64Array(2 * leaves).fill(Number.POSITIVE_INFINITY);
    this.winners = new Int32Array(2 * leaves);
    for (let i = 0; i < leaves; i++) this.winners[leaves + i] = i;
    for (let node = leaves - 1; node >= 1; node--) this.winners[node] = this.winners[2 * node]!;
  }

  /** The earliest cycle of all; Infinity when nobody has one. */
  get earliest(): number {
    return this.cycles[1]!;
  }

  /** Whose it is. */
  get first(): number {
    return this.winners[1]!;
  }

  set(actor: number, cycle: number): void {
    const { cycles, winners } = this;
    let node = this.leaves + actor;
    cycles[node] = cycle;
    while (node > 1) {
      const left = node & ~1;
      const winner = cycles[left]! <= cycles[left + 1]! ? left : left + 1;
      node >>>= 1;
      cycles[node] = cycles[winner]!;
      winners[node] = winners[winner]!;
    }
  }
}
