import type { ControlStatement, Table } from '../../2-parse/p4/tree.ts';
import type { P4Model } from '../../3-analyze/p4/model.ts';
import { generateCall } from './actions.ts';
import { cCondition, matches } from './expressions.ts';
import { readReference } from './fields.ts';
import type { TableRule, TableRules } from './rules.ts';
import type { GeneratedText } from './text.ts';

/** `static int pif_control_<name>(void)`: not zero when the packet's way through the pipeline has ended. */
export function generateControl(
  model: P4Model,
  rules: ReadonlyMap<string, TableRules>,
  name: string,
  body: readonly ControlStatement[],
  out: GeneratedText,
): void {
  out.line(`int pif_control_${name}(void) {`);
  for (const statement of body) generateStatement(model, rules, statement, out);
  out.line('return 0;').line('}');
}

function generateStatement(
  model: P4Model,
  rules: ReadonlyMap<string, TableRules>,
  statement: ControlStatement,
  out: GeneratedText,
): void {
  out.at(statement.position);
  switch (statement.kind) {
    case 'call':
      out.line(`{ int pif_result = pif_control_${statement.control}(); if (pif_result) return pif_result; }`);
      return;
    case 'if':
      out.line(`if (${cCondition({ model }, statement.condition)}) {`);
      for (const each of statement.yes) generateStatement(model, rules, each, out);
      if (statement.no.length > 0) {
        out.line('}').line('else {');
        for (const each of statement.no) generateStatement(model, rules, each, out);
      }
      out.line('}');
      return;
    case 'apply': {
      const table = model.tables.get(statement.table) as Table;
      out.line('{');
      generateTable(
        model,
        rules.get(table.name),
        table,
        (action) => {
          const wanted = action === undefined ? ['miss'] : ['hit', action];
          for (const each of statement.cases) {
            const isDefaultCase = each.name === 'default' && !statement.cases.some((other) => other.name === action);
            if (!wanted.includes(each.name) && !(isDefaultCase && action !== undefined)) continue;
            for (const inner of each.body) generateStatement(model, rules, inner, out);
          }
        },
        out,
      );
      out.line('}');
    }
  }
}

/**
 * A table becomes a chain of conditions (the paper's match reduction, section 5.1): entries are known when compiling.
 * `after` writes what follows a hit with that action, or a miss.
 */
function generateTable(
  model: P4Model,
  rules: TableRules | undefined,
  table: Table,
  after: (action: string | undefined) => void,
  out: GeneratedText,
): void {
  let open = 0;
  const entries = [...(rules?.rules ?? [])].sort((a, b) => a.priority - b.priority);
  for (const rule of entries) {
    out.line(`if (${ruleCondition(model, table, rule)}) {`);
    generateCall(model, { ...rule.action, position: table.position }, new Map(), out);
    after(rule.action.name);
    out.line('}').line('else {');
    open++;
  }
  const fallback = rules?.defaultAction ?? table.defaultAction;
  if (fallback !== undefined) generateCall(model, { ...fallback, position: table.position }, new Map(), out);
  // A table without keys has nothing to miss.
  after(table.reads.length === 0 ? fallback?.name : undefined);
  for (; open > 0; open--) out.line('}');
}

function ruleCondition(model: P4Model, table: Table, rule: TableRule): string {
  const tests = table.reads.map((read) => {
    const name = read.field.kind === 'field' ? `${read.field.instance}.${read.field.field}` : read.field.name;
    const key = rule.keys.get(name);
    if (key === undefined) return '1';
    if (read.field.kind === 'name' || read.match === 'valid') {
      const header = read.field.kind === 'name' ? read.field.name : read.field.instance;
      return `pif_plugin_hdr_${header}_present(&pif_headers) == ${key.value === 0n ? 0 : 1}`;
    }
    return matches(readReference({ model }, read.field), key.value, key.mask ?? read.mask);
  });
  return tests.length === 0 ? '1' : tests.join(' && ');
}
