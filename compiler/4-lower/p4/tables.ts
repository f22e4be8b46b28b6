import type { ActionCall, Table } from '../../2-parse/p4/tree.ts';
import type { P4Model } from '../../3-analyze/p4/model.ts';
import { generateCall } from './actions.ts';
import { calculationCall } from './calculation-names.ts';
import { countEntry, meterEntry, NO_ENTRY, noteEntry } from './direct-objects.ts';
import { inMatchOrder, type ProgramRules, type RuleTarget, type TableRule } from './program-rules.ts';
import { dataOf, parameterWords, resolved, targetsOf } from './table-contents.ts';
import { matchCondition, type TableKey, tableKeys } from './table-keys.ts';
import type { TableData } from './table-rows.ts';
import { generateHashSearch, generateOrderedSearch } from './table-search.ts';
import type { GeneratedText } from './text.ts';
import type { CValue } from './values.ts';

/** What a table did with a packet. */
export interface TableOutcome {
  readonly hit: boolean;
  /** The action that ran. */
  readonly action: string | undefined;
}

/** Writes what follows an outcome. */
export type AfterTable = (outcome: TableOutcome) => void;

/**
 * `apply(table)` in a control. Few entries become a chain of conditions (the paper's match reduction, section 5.1), many
 * become rows in memory that are searched; both do the same.
 * @param after absent: nothing follows
 */
export function generateTable(
  model: P4Model,
  rules: ProgramRules,
  table: Table,
  after: AfterTable | undefined,
  out: GeneratedText,
): void {
  new TableText(model, rules, table, after, out).write();
}

class TableText {
  private readonly model: P4Model;
  private readonly rules: ProgramRules;
  private readonly table: Table;
  private readonly after: AfterTable | undefined;
  private readonly out: GeneratedText;
  private readonly keys: readonly TableKey[];
  private readonly entries: readonly TableRule[];
  private readonly outcomes = new Map<string, TableOutcome>();

  constructor(model: P4Model, rules: ProgramRules, table: Table, after: AfterTable | undefined, out: GeneratedText) {
    this.model = model;
    this.rules = rules;
    this.table = table;
    this.after = after;
    this.out = out;
    this.keys = tableKeys(model, table);
    this.entries = inMatchOrder(table, rules.tables.get(table.name)?.rules ?? []);
  }

  write(): void {
    const { out, after, entries } = this;
    if (entries.length === 0) {
      const outcome = this.fallback();
      after?.(outcome);
      return;
    }
    if (after !== undefined) out.line('unsigned int pif_outcome = 0;');
    const data = dataOf(this.model, this.rules, this.table);
    if (data === undefined) this.chain();
    else {
      if (data.kind === 'hashed') generateHashSearch(this.table, this.keys, data, this.out);
      else generateOrderedSearch(this.table, this.keys, data, this.out);
      this.found(data);
    }
    if (after === undefined) return;
    for (const [index, outcome] of [...this.outcomes.values()].entries()) {
      out.line(`if (pif_outcome == ${index}) {`);
      after(outcome);
      out.line('}');
    }
  }

  /** What happens without a match. A table without keys has nothing to miss. */
  private fallback(): TableOutcome {
    const call = this.rules.tables.get(this.table.name)?.defaultAction ?? this.table.defaultAction;
    if (call !== undefined) {
      noteEntry(this.model, this.table, NO_ENTRY, this.out);
      this.call(call);
    }
    return { hit: this.table.reads.length === 0 && call !== undefined, action: call?.name };
  }

  private chain(): void {
    const { out } = this;
    out.line('do {');
    let always = false;
    for (const entry of this.entries) {
      const tests = this.keys
        .map((key, index) => {
          const match = entry.keys[index];
          return match === undefined ? undefined : matchCondition(key, match);
        })
        .filter((test) => test !== undefined);
      out.line(`if (${tests.length === 0 ? '1' : tests.join(' && ')}) {`);
      this.target(entry.target, String(entry.handle), undefined);
      out.line('break;').line('}');
      always ||= tests.length === 0;
    }
    if (!always) this.note(this.fallback());
    out.line('} while (0);');
  }

  /** What the row that was found says, or what happens without one. */
  private found(data: TableData): void {
    const { out, table } = this;
    const { layout } = data;
    const { targets } = targetsOf(this.model, this.rules, table, this.entries);
    out.line('if (pif_best != 0) {');
    const words = layout.words - layout.handleAt;
    out.line(`__xread unsigned int pif_content[${words}];`);
    out.line(`mem_read32(pif_content, &pif_rows_${table.name}[pif_row + ${layout.handleAt}], ${words * 4});`);
    for (const [number, target] of targets.entries()) {
      out.line(`${number === 0 ? '' : 'else '}if (pif_content[1] == ${number}) {`);
      this.target(target, 'pif_content[0]', 'pif_content');
      out.line('}');
    }
    out.line('}').line('else {');
    this.note(this.fallback());
    out.line('}');
  }

  /** An entry's action, or one of its group's. @param words transfer registers with handle, target and action data */
  private target(given: RuleTarget, handle: string, words: string | undefined): void {
    const { out, model, table } = this;
    const target = resolved(this.rules, table, given);
    noteEntry(model, table, handle, out);
    countEntry(model, table, handle, out);
    meterEntry(model, table, handle, out);
    if (target.kind === 'action') {
      this.call(target.call, words);
      this.note({ hit: true, action: target.call.name });
      return;
    }
    const profile = model.actionProfiles.get(table.actionProfile?.name ?? '');
    const members = this.rules.profiles.get(profile?.name ?? '')?.groups.get(target.name) ?? [];
    const selector = model.actionSelectors.get(profile?.selector?.name ?? '');
    const hash = selector === undefined ? '0' : calculationCall(selector.key.name);
    out.line(`unsigned int pif_choice = (unsigned int)${hash} % ${Math.max(members.length, 1)}u;`);
    for (const [index, name] of members.entries()) {
      out.line(`${index === 0 ? '' : 'else '}if (pif_choice == ${index}) {`);
      const call = this.rules.profiles.get(profile?.name ?? '')?.members.get(name);
      if (call !== undefined) {
        this.call(call);
        this.note({ hit: true, action: call.name });
      }
      out.line('}');
    }
  }

  private call(call: ActionCall, words?: string): void {
    const { model, out, table } = this;
    const placed = { ...call, position: table.position };
    if (words === undefined) {
      generateCall(model, placed, new Map(), out);
      return;
    }
    const values = new Map<string, CValue>();
    const counts = parameterWords(model, call);
    // Handle and target stand before the data.
    let at = 2;
    const named = call.arguments.map((argument, index) => {
      const name = `pif_data_${index}`;
      const count = counts[index] ?? 2;
      const own = Array.from({ length: count }, (_, word) => `${words}[${at + word}]`);
      at += count;
      const text = `(((unsigned long long)${own.at(-2)} << 32) | ${own.at(-1)})`;
      values.set(name, { text, bits: count * 32, ...(count > 2 ? { words: own } : {}) });
      return { kind: 'name' as const, position: argument.position, name };
    });
    generateCall(model, { ...placed, arguments: named }, values, out);
  }

  private note(outcome: TableOutcome): void {
    if (this.after === undefined) return;
    const name = `${outcome.hit} ${outcome.action}`;
    if (!this.outcomes.has(name)) this.outcomes.set(name, outcome);
    this.out.line(`pif_outcome = ${[...this.outcomes.keys()].indexOf(name)};`);
  }
}
