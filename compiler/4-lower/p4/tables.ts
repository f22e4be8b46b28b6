import type { ActionCall, Table } from '../../2-parse/p4/tree.ts';
import type { P4Model } from '../../3-analyze/p4/model.ts';
import { generateCall, parameterBits } from './actions.ts';
import { calculationCall } from './calculation-names.ts';
import { countEntry, meterEntry } from './direct-objects.ts';
import { inMatchOrder, type ProgramRules, type RuleTarget, type TableRule } from './program-rules.ts';
import { type KeyPart, matchCondition, reaches, type TableKey, tableKeys, wordText } from './table-keys.ts';
import { becomesData, hashText, type TableData, tableData } from './table-rows.ts';
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

function maskStride({ masks }: TableData): number {
  return 2 ** Math.ceil(Math.log2(masks[0]?.length ?? 1));
}

/** Targets of a table's entries, each once: actions with their data, groups of a profile. */
interface Targets {
  readonly targets: readonly RuleTarget[];
  readonly contents: readonly { readonly target: number; readonly data: readonly number[] }[];
}

function targetsOf(model: P4Model, rules: ProgramRules, table: Table, entries: readonly TableRule[]): Targets {
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
function resolved(rules: ProgramRules, table: Table, target: RuleTarget): RuleTarget {
  if (target.kind !== 'member') return target;
  const call = rules.profiles.get(table.actionProfile?.name ?? '')?.members.get(target.name);
  return call === undefined ? target : { kind: 'action', call };
}

/** Words of each value of an action's data: two, or as many as a wider field that it is stored in has. */
function parameterWords(model: P4Model, call: ActionCall): number[] {
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

function dataOf(model: P4Model, rules: ProgramRules, table: Table): TableData | undefined {
  const keys = tableKeys(model, table);
  const entries = inMatchOrder(table, rules.tables.get(table.name)?.rules ?? []);
  if (!becomesData(keys, table, entries, rules.entriesInCode)) return undefined;
  return tableData(table, keys, entries, targetsOf(model, rules, table, entries).contents);
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
      if (data.kind === 'hashed') this.hashed(data);
      else this.ranges(data);
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
    if (call !== undefined) this.call(call);
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

  private hashed(data: TableData): void {
    const { out, table } = this;
    const { layout, masks } = data;
    const several = masks.length > 1;
    const parts = this.keys.flatMap(({ parts: each }) => each);
    out.line('unsigned int pif_best = 0;').line('unsigned int pif_row = 0;');
    for (const [index, part] of parts.entries()) out.line(`unsigned int pif_key_${index} = ${part.text};`);
    if (several) {
      const stride = maskStride(data);
      out.line('unsigned int pif_mask;');
      out.line(`for (pif_mask = 0; pif_mask < ${masks.length}; pif_mask++) {`);
      out.line(`__xread unsigned int pif_bits[${parts.length + 1}];`);
      out.line(`mem_read32(pif_bits, &pif_masks_${table.name}[pif_mask * ${stride}], ${(parts.length + 1) * 4});`);
      // Rows of this mask and of all behind it come after the best one.
      out.line(`if (pif_best != 0 && pif_best <= pif_bits[${parts.length}]) {`).line('break;').line('}');
    } else {
      out.line('{');
    }
    for (const index of parts.keys()) {
      const mask = several ? `pif_bits[${index}]` : wordText(masks[0]?.[index] ?? 0);
      out.line(`unsigned int pif_part_${index} = pif_key_${index} & ${mask};`);
    }
    for (const line of hashText(parts.map((_, index) => `pif_part_${index}`))) out.line(line);
    out.line(`unsigned int pif_slot = (pif_hash & ${data.rowCount - 1}) * ${layout.words};`);
    out.line('for (;;) {');
    out.line(`__xread unsigned int pif_words[${layout.handleAt}];`);
    out.line(`mem_read32(pif_words, &pif_rows_${table.name}[pif_slot], ${layout.handleAt * 4});`);
    out.line('if (pif_words[0] == 0) {').line('break;').line('}');
    const same = [
      ...(several ? ['pif_words[1] == pif_mask'] : []),
      ...parts.map((_, index) => `pif_words[${layout.keyAt + index}] == pif_part_${index}`),
    ];
    out.line(`if (${same.join(' && ')}) {`);
    out.line('if (pif_best == 0 || pif_words[0] < pif_best) {');
    out.line('pif_best = pif_words[0];').line('pif_row = pif_slot;').line('}').line('break;').line('}');
    out.line(`pif_slot = (pif_slot + ${layout.words}) & ${data.rows.length - 1};`);
    out.line('}').line('}');
  }

  /** In order: the first row that matches is the best. */
  private ranges(data: TableData): void {
    const { out, table } = this;
    const { layout } = data;
    const parts = this.keys.flatMap(({ parts: each }) => each);
    out.line('unsigned int pif_best = 0;').line('unsigned int pif_row;');
    for (const [index, part] of parts.entries()) out.line(`unsigned int pif_key_${index} = ${part.text};`);
    out.line(`for (pif_row = 0; pif_row < ${data.rows.length}; pif_row += ${layout.words}) {`);
    out.line(`__xread unsigned int pif_words[${layout.handleAt}];`);
    out.line(`mem_read32(pif_words, &pif_rows_${table.name}[pif_row], ${layout.handleAt * 4});`);
    let at = 0;
    const tests = this.keys.flatMap((key, index): string[] => {
      const local: TableKey = {
        bits: key.bits,
        parts: key.parts.map(({ bits }, part): KeyPart => ({ text: `pif_key_${at + part}`, bits })),
      };
      const words = (from: number): string[] =>
        local.parts.map((_, part) => `pif_words[${layout.keyAt + from + at + part}]`);
      const [first, second] = [words(0), words(parts.length)];
      at += key.parts.length;
      if (table.reads[index]?.match === 'range') return [reaches(local, '>', first), reaches(local, '<', second)];
      return local.parts.map(({ text }, part) => `(${text} & ${second[part]}) == ${first[part]}`);
    });
    out
      .line(`if (${tests.join(' && ')}) {`)
      .line('pif_best = 1;')
      .line('break;')
      .line('}');
    out.line('}');
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
