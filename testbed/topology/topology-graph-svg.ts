import { formatRate, type GraphNode, type NetworkGraph } from './topology-graph.ts';

const MARGIN = 24;
const HEAD = 56;
const BOX = { width: 112, height: 38 };
const HOST_BOX = { width: 100, height: 32 };
/** From one host's top to the next one's, and from one column of hosts to the next. */
const HOST_STEP = { x: 132, y: 40 };
const TIER_STEP = 120;
const BLOCK_GAP = 28;
/** Hosts in a column; more make another column beside it. */
const MOST_ROWS = 12;
/** From a column's left edge to the line that its hosts hang on, and from there to their boxes. */
const TRUNK = 10;
const STUB = 14;

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Placed extends Point {
  readonly node: GraphNode;
  readonly width: number;
  readonly height: number;
}

/**
 * A picture in tiers: switches that have no hosts above, those with hosts below them, and each one's hosts in columns
 * under it, on a common line. The width of a line tells its rate; a legend has them all, so no label lies on a line.
 */
export function svgText(graph: NetworkGraph): string {
  return new Picture(graph).text();
}

class Picture {
  private readonly graph: NetworkGraph;
  private readonly placed = new Map<string, Placed>();
  /** By host: the switch under which it is. */
  private readonly parents = new Map<string, string>();
  private readonly trunks: { readonly switchName: string; readonly x: number; readonly hosts: readonly string[] }[] =
    [];
  private readonly rates: readonly number[];
  private width = 0;
  private height = 0;

  constructor(graph: NetworkGraph) {
    this.graph = graph;
    this.rates = [...new Set(graph.edges.map((edge) => edge.rateBitsPerSecond))].sort((a, b) => a - b);
    this.place();
  }

  text(): string {
    const body = [...this.lines(), ...[...this.placed.values()].map(box)];
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${this.width} ${this.height}" width="${this.width}" height="${this.height}" role="img" aria-label="Network ${this.graph.title}">`,
      STYLE,
      `<rect class="ground" width="${this.width}" height="${this.height}"/>`,
      `<text class="title" x="${MARGIN}" y="${MARGIN + 8}">${this.graph.title}</text>`,
      ...this.legend(),
      ...body,
      '</svg>',
      '',
    ].join('\n');
  }

  private place(): void {
    const { nodes, edges } = this.graph;
    const tierOf = new Map(nodes.map((node) => [node.name, node.tier]));
    for (const { ends } of edges) {
      const at = ends.findIndex((end) => tierOf.get(end) === 0);
      if (at >= 0 && !this.parents.has(ends[at]!)) this.parents.set(ends[at]!, ends[1 - at]!);
    }
    const highest = Math.max(...tierOf.values());
    const rowY = (tier: number) => HEAD + MARGIN + (highest - tier) * TIER_STEP;
    let x = MARGIN;
    let bottom = rowY(1) + BOX.height;
    for (const node of nodes.filter((candidate) => candidate.tier === 1)) {
      const hosts = nodes.filter((candidate) => this.parents.get(candidate.name) === node.name);
      const columns = Math.max(1, Math.ceil(hosts.length / MOST_ROWS));
      const rows = Math.ceil(hosts.length / columns);
      const blockWidth = columns * HOST_STEP.x - (HOST_STEP.x - HOST_BOX.width - TRUNK - STUB);
      const top = rowY(1) + BOX.height + 34;
      for (let column = 0; column < columns; column++) {
        const here = hosts.slice(column * rows, (column + 1) * rows);
        const trunkX = x + column * HOST_STEP.x + TRUNK;
        for (const [row, host] of here.entries()) {
          this.put(host, { x: trunkX + STUB, y: top + row * HOST_STEP.y }, HOST_BOX);
          bottom = Math.max(bottom, top + row * HOST_STEP.y + HOST_BOX.height);
        }
        if (here.length > 0)
          this.trunks.push({ switchName: node.name, x: trunkX, hosts: here.map(({ name }) => name) });
      }
      this.put(node, { x: x + Math.max(0, (blockWidth - BOX.width) / 2), y: rowY(1) }, BOX);
      x += Math.max(blockWidth, BOX.width) + BLOCK_GAP;
    }
    const inner = x - BLOCK_GAP - MARGIN;
    for (let tier = 2; tier <= highest; tier++) {
      const here = nodes.filter((candidate) => candidate.tier === tier);
      const step = Math.max(inner / here.length, BOX.width + BLOCK_GAP);
      for (const [index, node] of here.entries()) {
        this.put(node, { x: MARGIN + (index + 0.5) * step - BOX.width / 2, y: rowY(tier) }, BOX);
        x = Math.max(x, MARGIN + here.length * step + BLOCK_GAP);
      }
    }
    const legendWidth = MARGIN * 2 + this.rates.length * LEGEND_STEP + this.graph.title.length * 11;
    this.width = Math.ceil(Math.max(x - BLOCK_GAP + MARGIN, legendWidth));
    this.height = Math.ceil(bottom + MARGIN);
  }

  private put(node: GraphNode, at: Point, size: { readonly width: number; readonly height: number }): void {
    this.placed.set(node.name, { node, ...at, ...size });
  }

  private lines(): string[] {
    const lines: string[] = [];
    const rateTo = new Map<string, number>();
    for (const { ends, rateBitsPerSecond } of this.graph.edges) {
      const host = ends.find((end) => this.parents.has(end));
      if (host !== undefined && ends.includes(this.parents.get(host)!)) rateTo.set(host, rateBitsPerSecond);
      else lines.push(this.between(this.placed.get(ends[0])!, this.placed.get(ends[1])!, rateBitsPerSecond));
    }
    for (const { switchName, x, hosts } of this.trunks) {
      const from = this.placed.get(switchName)!;
      const knee = from.y + from.height + 14;
      const rate = Math.max(...hosts.map((host) => rateTo.get(host) ?? 0));
      const last = middle(this.placed.get(hosts.at(-1)!)!).y;
      lines.push(this.path(rate, `M${middle(from).x} ${from.y + from.height}V${knee}H${x}V${last}`));
      for (const host of hosts) {
        const at = this.placed.get(host)!;
        lines.push(this.path(rateTo.get(host) ?? rate, `M${x} ${middle(at).y}H${at.x}`));
      }
    }
    return lines;
  }

  private between(a: Placed, b: Placed, rate: number): string {
    const [upper, lower] = a.y <= b.y ? [a, b] : [b, a];
    if (upper.node.tier !== lower.node.tier) {
      const to =
        lower.node.tier === 0 ? { x: lower.x + lower.width, y: middle(lower).y } : { x: middle(lower).x, y: lower.y };
      return this.path(rate, `M${middle(upper).x} ${upper.y + upper.height}L${to.x} ${to.y}`);
    }
    // Side by side: straight to the neighbour, in a bow over whatever lies between.
    const [left, right] = a.x <= b.x ? [a, b] : [b, a];
    const isNeighbour = ![...this.placed.values()].some(
      (other) => other.node.tier === left.node.tier && other.x > left.x && other.x < right.x,
    );
    if (isNeighbour) return this.path(rate, `M${left.x + left.width} ${middle(left).y}H${right.x}`);
    const top = left.y - Math.min(44, 16 + (right.x - left.x) / 24);
    return this.path(
      rate,
      `M${middle(left).x} ${left.y}C${middle(left).x} ${top} ${middle(right).x} ${top} ${middle(right).x} ${right.y}`,
    );
  }

  private path(rate: number, d: string): string {
    return `<path class="cable" stroke-width="${this.strokeWidth(rate)}" d="${d}"/>`;
  }

  /** By the place of the rate among those that there are. */
  private strokeWidth(rate: number): number {
    return 1 + 1.25 * Math.max(0, this.rates.indexOf(rate));
  }

  private legend(): string[] {
    const y = MARGIN + 30;
    return this.rates.flatMap((rate, index) => {
      const x = MARGIN + index * LEGEND_STEP;
      return [
        this.path(rate, `M${x} ${y}H${x + 28}`),
        `<text class="legend" x="${x + 34}" y="${y + 4}">${formatRate(rate).replace(/(\D)$/, ' $1b/s')}</text>`,
      ];
    });
  }
}

const LEGEND_STEP = 110;

function middle({ x, y, width, height }: Placed): Point {
  return { x: x + width / 2, y: y + height / 2 };
}

function box({ node, x, y, width, height }: Placed): string {
  const center = x + width / 2;
  const radius = node.tier === 0 ? 8 : node.kind === 'router' ? 16 : 2;
  return [
    `<g class="${node.kind}"><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}"/>`,
    `<text x="${center}" y="${y + height / 2 - 2}">${node.name}</text>`,
    `<text class="detail" x="${center}" y="${y + height / 2 + 11}">${node.detail}</text></g>`,
  ].join('');
}

const STYLE = `<style>
  text { font: 12px system-ui, sans-serif; text-anchor: middle; fill: #1c2733; }
  .title { font-size: 18px; font-weight: 600; text-anchor: start; }
  .legend { text-anchor: start; }
  .detail { font-size: 10px; fill: #51606f; }
  .ground { fill: #ffffff; stroke: none; }
  .cable { fill: none; stroke: #7d8b99; }
  g rect { stroke: #51606f; stroke-width: 1; }
  .switch rect { fill: #e3e8ee; }
  .router rect { fill: #d5e6f7; }
  .worker rect { fill: #e4f3e2; }
  .master rect { fill: #fdeccb; }
  .client rect { fill: #f8dfe3; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e8edf2; }
    .detail { fill: #aab6c2; }
    .ground { fill: #14191f; }
    .cable { stroke: #75828f; }
    g rect { stroke: #8b98a5; }
    .switch rect { fill: #2c343d; }
    .router rect { fill: #1e3a57; }
    .worker rect { fill: #21421f; }
    .master rect { fill: #57431a; }
    .client rect { fill: #54262e; }
  }
</style>`;
