import { formatRate, type NetworkGraph } from './topology-graph.ts';

/** A flowchart as Mermaid reads it. Ids have a prefix, since names such as `end` mean something there. */
export function mermaidText(graph: NetworkGraph): string {
  const lines = ['---', `title: ${graph.title}`, '---', 'flowchart TB'];
  const shapes = {
    switch: ['[', ']'],
    router: ['{{', '}}'],
    master: ['([', '])'],
    worker: ['(', ')'],
    client: ['([', '])'],
  };
  for (const { name, kind, detail } of graph.nodes) {
    const [open, close] = shapes[kind];
    lines.push(`  ${mermaidId(name)}${open}"${name}<br/>${detail}"${close}`);
  }
  for (const { ends, rateBitsPerSecond } of graph.edges) {
    lines.push(`  ${mermaidId(ends[0])} ---|${formatRate(rateBitsPerSecond)}| ${mermaidId(ends[1])}`);
  }
  return `${lines.join('\n')}\n`;
}

function mermaidId(name: string): string {
  return `n_${name.replaceAll('-', '_')}`;
}

/** An undirected graph as Graphviz reads it, with a rank for each tier. */
export function dotText(graph: NetworkGraph): string {
  const lines = [`graph "${graph.title}" {`, '  rankdir=TB; ranksep=1; node [shape=box, fontname="sans-serif"];'];
  const shapes = { switch: 'box', router: 'hexagon', master: 'oval', worker: 'box, style=rounded', client: 'oval' };
  for (const { name, kind, detail } of graph.nodes) {
    lines.push(`  "${name}" [label="${name}\\n${detail}", shape=${shapes[kind]}];`);
  }
  const tiers = new Set(graph.nodes.map(({ tier }) => tier));
  for (const tier of [...tiers].sort((a, b) => b - a)) {
    const names = graph.nodes.filter((node) => node.tier === tier).map(({ name }) => `"${name}"`);
    lines.push(`  { rank=same; ${names.join('; ')}; }`);
  }
  for (const { ends, name, rateBitsPerSecond } of graph.edges) {
    lines.push(`  "${ends[0]}" -- "${ends[1]}" [label="${formatRate(rateBitsPerSecond)}", tooltip="${name}"];`);
  }
  return `${[...lines, '}'].join('\n')}\n`;
}
