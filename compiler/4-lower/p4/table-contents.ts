import type { ActionCall, Table } from '../../2-parse/p4/tree.ts';
import type { P4Model } from '../../3-analyze/p4/model.ts';
import { parameterBits } from './actions.ts';
import { inMatchOrder, type ProgramRules, type RuleTarget, type TableRule } from './program-rules.ts';
import { tableKeys, wordText } from './table-keys.ts';
import { becomesData, type TableData, tableData } from './table-rows.ts';
import type { GeneratedText } from './text.ts';

/** Read-only rows of the tables that are data, declared before all functions. */
export function generateTableRows(model: P4Model, rules: ProgramRules, out: GeneratedText): void {
  for (const table of model.tables.values()) {
    const data = dataOf(model, rules, table);
    if (data === undefined) continue;
    out.at(table.position).line(`static const unsigned int pif_rows_${table.name}[${data.rows.length}] = {`);
    const { words } = data.layout;
    for (let at = 0; at < data.rows.length; at += words) {
      out.line(
        `${data.rows
          .slice(at, at + words)
          .map(String)
          .join('u, ')}u,`,
      );
    }
    out.line('};');
    if (data.masks.length < 2) continue;
    const stride = maskStride(data);
    out.line(`static const unsigned int pif_masks_${table.name}[${data.masks.length * stride}] = {`);
    for (const mask of data.masks) {
      const padded = [...mask, ...new Array<number>(stride - mask.length).fill(0)];
      out.line(`${padded.map(wordText).join(', ')},`);
    }
    out.line('};');
  }
}

/** Words from one mask to the next. */
export function maskStride({ masks }: TableData): number {
  return 2 ** Math.ceil(Math.log2(masks[0]?.length ?? 1));
}

/** Targets of a table's entries, each once: actions with their data, groups of a profile. */
export interface Targets {
  readonly targets: readonly RuleTarget[];
  readonly contents: readonly { readonly target: number; readonly data: readonly number[] }[];
}

export function targetsOf(model: P4Model, rules: ProgramRules, table: Table, entries: readonly TableRule[]): Targets {
  const targets = new Map<string, RuleTarget>();
  const contents = entries.map(({ target: given }) => {
    const target = resolved(rules, table, given);
    const name = target.kind === 'action' ? `action ${target.call.name}` : `group ${target.name}`;
    if (!targets.has(name)) targets.set(name, target);
    const data = target.kind === 'action' ? dataWords(model, target.call) : [];
    return { target: [...targets.keys()].indexOf(name), data };
  });
  return { targets: [...targets.values()], contents };
}

/** A member stands for its action. */
export function resolved(rules: ProgramRules, table: Table, target: RuleTarget): RuleTarget {
  if (target.kind !== 'member') return target;
  const call = rules.profiles.get(table.actionProfile?.name ?? '')?.members.get(target.name);
  return call === undefined ? target : { kind: 'action', call };
}

/** Words of each value of an action's data: two, or as many as a wider field that it is stored in has. */
export function parameterWords(model: P4Model, call: ActionCall): number[] {
  const action = model.actions.get(call.name);
  return action === undefined ? [] : parameterBits(model, action).map((bits) => Math.ceil(bits / 32));
}

function dataWords(model: P4Model, call: ActionCall): number[] {
  const counts = parameterWords(model, call);
  return call.arguments.flatMap((argument, index) => {
    const count = counts[index] ?? 2;
    const value = argument.kind === 'number' ? BigInt.asUintN(count * 32, argument.value) : 0n;
    return Array.from({ length: count }, (_, word) =>
      Number((value >> BigInt((count - 1 - word) * 32)) & 0xffff_ffffn),
    );
  });
}

/** A table's rows in memory; undefined: its entries become code. */
export function dataOf(model: P4Model, rules: ProgramRules, table: Table): TableData | undefined {
  const keys = tableKeys(model, table);
  const entries = inMatchOrder(table, rules.tables.get(table.name)?.rules ?? []);
  if (!becomesData(keys, table, entries, rules.entriesInCode)) return undefined;
  return tableData(table, keys, entries, targetsOf(model, rules, table, entries).contents);
}
