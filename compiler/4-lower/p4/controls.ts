import type { ControlStatement, Table } from '../../2-parse/p4/tree.ts';
import type { P4Model } from '../../3-analyze/p4/model.ts';
import { cCondition } from './expressions.ts';
import type { ProgramRules } from './program-rules.ts';
import { generateTable, type TableOutcome } from './tables.ts';
import type { GeneratedText } from './text.ts';

/** `static int pif_control_<name>(void)`: not zero when the packet's way through the pipeline has ended. */
export function generateControl(
  model: P4Model,
  rules: ProgramRules,
  name: string,
  body: readonly ControlStatement[],
  out: GeneratedText,
): void {
  out.line(`int pif_control_${name}(void) {`);
  for (const statement of body) generateStatement(model, rules, statement, out);
  out.line('return 0;').line('}');
}

function generateStatement(model: P4Model, rules: ProgramRules, statement: ControlStatement, out: GeneratedText): void {
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
      const after = ({ hit, action }: TableOutcome): void => {
        const named = statement.cases.some((each) => each.name === action);
        for (const each of statement.cases) {
          const isDefaultCase = each.name === 'default' && action !== undefined && !named;
          if (each.name !== (hit ? 'hit' : 'miss') && each.name !== action && !isDefaultCase) continue;
          for (const inner of each.body) generateStatement(model, rules, inner, out);
        }
      };
      generateTable(model, rules, table, statement.cases.length === 0 ? undefined : after, out);
      out.line('}');
    }
  }
}
