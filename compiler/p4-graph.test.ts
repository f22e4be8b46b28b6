import { expect, test } from 'vitest';
import { Diagnostics } from './diagnostics.ts';
import { analyzeProgram } from './front-end.ts';
import { p4Graph } from './p4-graph.ts';

const PROGRAM = `
header_type kind_t { fields { kind : 8; } }
header kind_t outer;
header kind_t inner;
parser start { extract(outer); return select(outer.kind) { 1 : more; 0x80 mask 0xf0 : ingress; default : ingress; } }
parser more { extract(inner); return ingress; }
action nothing() { no_op(); }
table first { actions { nothing; } }
table second { actions { nothing; } }
control ingress {
  if (valid(inner)) {
    apply(first);
  } else {
    apply(second) { miss { apply(first); } }
  }
}
`;

function graphOf(text: string): string {
  const model = analyzeProgram(
    { files: new Map([['p.p4', text]]), includePaths: [], defines: {} },
    'p.p4',
    new Diagnostics(),
  );
  if (model === undefined) throw new Error('the program has no errors');
  return p4Graph(model);
}

test('the graph has every state with what it extracts, and the values that lead on', () => {
  const graph = graphOf(PROGRAM);
  expect(graph).toContain('"state start" [label="start\\nextract outer"];');
  expect(graph).toContain('"state start" -> "state more" [label="0x1"];');
  expect(graph).toContain('"state start" -> "state ingress" [label="0x80 mask 0xf0"];');
  expect(graph).toContain('"state start" -> "state ingress" [label="default"];');
  expect(graph).toContain('"state more" -> "state ingress";');
  expect(graph).toContain('"state ingress" -> "ingress begin";');
});

test('the graph has a control with its condition, each application of a table, and the cases', () => {
  const graph = graphOf(PROGRAM);
  expect(graph).toContain('label="control ingress";');
  expect(graph.match(/label="first"/g)).toHaveLength(2);
  expect(graph.match(/label="second"/g)).toHaveLength(1);
  expect(graph).toContain('label="miss"');
  expect(graph).toMatch(/label="valid\(inner\)"/);
});

test('the graph has as many opening braces as closing ones', () => {
  const graph = graphOf(PROGRAM);
  expect(graph.match(/\{/g)!.length).toBe(graph.match(/\}/g)!.length);
  expect(graph.startsWith('digraph program {\n')).toBe(true);
});
