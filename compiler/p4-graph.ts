import type { ControlStatement, P4Expression, ParserState, SelectValue } from './2-parse/p4/tree.ts';
import type { P4Model } from './3-analyze/p4/model.ts';

/** The parse graph and the controls of a P4 program in the DOT language of Graphviz. */
export function p4Graph(model: P4Model): string {
  const lines = ['digraph program {', '  node [fontname="monospace", shape=box];', '  edge [fontname="monospace"];'];
  lines.push('  subgraph cluster_parser {', '    label="parser";');
  for (const state of model.states.values()) lines.push(...stateLines(state).map((line) => `    ${line}`));
  lines.push('  }');
  for (const control of model.controls.values()) {
    lines.push(`  subgraph ${quote(`cluster_${control.name}`)} {`, `    label=${quote(`control ${control.name}`)};`);
    lines.push(...new ControlGraph(control.name).draw(control.body).map((line) => `    ${line}`), '  }');
  }
  for (const name of new Set([...model.states.values()].flatMap(targets))) {
    if (model.states.has(name) || !model.controls.has(name)) continue;
    lines.push(`  ${quote(`state ${name}`)} [label=${quote(name)}, shape=ellipse];`);
    lines.push(`  ${quote(`state ${name}`)} -> ${quote(`${name} begin`)};`);
  }
  lines.push('}', '');
  return lines.join('\n');
}

function targets({ end }: ParserState): string[] {
  if (end.kind === 'state') return [end.name];
  return end.kind === 'select' ? end.cases.map(({ next }) => next.name) : [];
}

function stateLines(state: ParserState): string[] {
  const name = quote(`state ${state.name}`);
  const body = state.statements.map((each) =>
    each.kind === 'extract' ? `extract ${each.instance}` : `set ${each.field.instance}.${each.field.field}`,
  );
  const lines = [`${name} [label=${quote([state.name, ...body].join('\n'))}];`];
  const { end } = state;
  if (end.kind === 'state') lines.push(`${name} -> ${quote(`state ${end.name}`)};`);
  if (end.kind === 'error') lines.push(`${name} -> ${quote(`error ${end.name}`)};`);
  if (end.kind !== 'select') return lines;
  for (const { values, next } of end.cases) {
    const label = values === undefined ? 'default' : values.map(valueText).join(', ');
    lines.push(`${name} -> ${quote(`${next.kind} ${next.name}`)} [label=${quote(label)}];`);
  }
  return lines;
}

function valueText(value: SelectValue): string {
  if (value.kind === 'value-set') return value.name;
  return hex(value.value) + (value.mask === undefined ? '' : ` mask ${hex(value.mask)}`);
}

/** One control: a node for each table and condition, an edge for what can follow. */
class ControlGraph {
  private readonly control: string;
  private readonly lines: string[] = [];
  private nodes = 0;

  constructor(control: string) {
    this.control = control;
  }

  draw(body: readonly ControlStatement[]): string[] {
    const begin = quote(`${this.control} begin`);
    const end = quote(`${this.control} end`);
    this.lines.push(`${begin} [label="begin", shape=ellipse];`, `${end} [label="end", shape=ellipse];`);
    for (const { from, label } of this.sequence(body, [{ from: begin, label: '' }])) this.edge(from, end, label);
    return this.lines;
  }

  private sequence(body: readonly ControlStatement[], before: readonly Exit[]): readonly Exit[] {
    return body.reduce((exits, statement) => this.statement(statement, exits), before);
  }

  private statement(statement: ControlStatement, before: readonly Exit[]): readonly Exit[] {
    if (statement.kind === 'if') {
      const node = this.node(expressionText(statement.condition), 'diamond', before);
      return [
        ...this.sequence(statement.yes, [{ from: node, label: 'yes' }]),
        ...this.sequence(statement.no, [{ from: node, label: 'no' }]),
      ];
    }
    if (statement.kind === 'call') return [{ from: this.node(`${statement.control}()`, 'box', before), label: '' }];
    const node = this.node(statement.table, 'box', before);
    const cases = statement.cases.flatMap(({ name, body }) => this.sequence(body, [{ from: node, label: name }]));
    return [{ from: node, label: '' }, ...cases];
  }

  private node(label: string, shape: string, before: readonly Exit[]): string {
    const name = quote(`${this.control} ${++this.nodes}`);
    this.lines.push(`${name} [label=${quote(label)}, shape=${shape}];`);
    for (const { from, label: of } of before) this.edge(from, name, of);
    return name;
  }

  private edge(from: string, to: string, label: string): void {
    this.lines.push(`${from} -> ${to}${label === '' ? '' : ` [label=${quote(label)}]`};`);
  }
}

/** Where the control goes on, and why. */
interface Exit {
  readonly from: string;
  readonly label: string;
}

function expressionText(expression: P4Expression): string {
  switch (expression.kind) {
    case 'field':
      return `${expression.instance}.${expression.field}`;
    case 'number':
      return String(expression.value);
    case 'valid':
      return `valid(${expression.instance})`;
    case 'unary':
      return `${expression.operator}${expression.operator === 'not' ? ' ' : ''}${expressionText(expression.operand)}`;
    case 'binary':
      return `${operandText(expression.left)} ${expression.operator} ${operandText(expression.right)}`;
    case 'name':
      return expression.name;
    case 'current':
      return `current(${expression.offsetBits}, ${expression.bits})`;
  }
}

function operandText(expression: P4Expression): string {
  return expression.kind === 'binary' ? `(${expressionText(expression)})` : expressionText(expression);
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n')}"`;
}
