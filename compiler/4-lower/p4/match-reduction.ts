import type { Action, ActionCall, ControlStatement, ParserState, SelectCase, Table } from '../../2-parse/p4/tree.ts';
import type { P4Model } from '../../3-analyze/p4/model.ts';
import type { ProgramRules, TableRules } from './program-rules.ts';
import { unusedHeaders } from './unused-headers.ts';

export interface Reduced {
  readonly model: P4Model;
  readonly rules: ProgramRules;
}

/**
 * The paper's match reduction (section 5.1) on the analysed program: tables that do the same for the same keys become one
 * (each lambda brought its own table of routes), and headers that nobody looks at are not extracted any more. That small
 * tables become if-else sequences is the third part of it; `withoutReduction` is what a program has without the pass.
 * @param microC text of all plugins, where headers may be named too
 */
export function reduceMatch(model: P4Model, rules: ProgramRules, microC: string, wholeProgram: boolean): Reduced {
  const merged = mergeTables(model, rules);
  // A program that is all there is may get frames of any length, and send any headers: there every header counts.
  if (wholeProgram) return merged;
  return { ...merged, model: withoutHeaders(merged.model, unusedHeaders(merged.model, microC)) };
}

/** Every table with keys is searched in memory. */
export function withoutReduction(rules: ProgramRules): ProgramRules {
  return { ...rules, entriesInCode: 0 };
}

// ------------------------------------------------------------------------------------------------------ tables

function mergeTables(model: P4Model, rules: ProgramRules): Reduced {
  const kept = new Map<string, string>();
  const replaced = new Map<string, string>();
  const cased = tablesWithCases(model);
  for (const table of model.tables.values()) {
    if (hasState(model, table) || cased.has(table.name)) continue;
    const text = textOf(model, table, rules.tables.get(table.name));
    const same = kept.get(text);
    if (same === undefined) kept.set(text, table.name);
    else replaced.set(table.name, same);
  }
  if (replaced.size === 0) return { model, rules };
  const tables = new Map([...model.tables].filter(([name]) => !replaced.has(name)));
  const controls = new Map(
    [...model.controls].map(([name, control]) => [name, { ...control, body: applying(control.body, replaced) }]),
  );
  const ruleTables = new Map([...rules.tables].filter(([name]) => !replaced.has(name)));
  return { model: { ...model, tables, controls }, rules: { ...rules, tables: ruleTables } };
}

/** Counters, meters and profiles belong to a table. */
function hasState(model: P4Model, table: Table): boolean {
  const own = [...model.counters.values(), ...model.meters.values(), ...model.registers.values()];
  return (
    table.actionProfile !== undefined || own.some((each) => JSON.stringify(each, plain).includes(`"${table.name}"`))
  );
}

/** Tables whose `apply` goes on by the name of the action that ran. */
function tablesWithCases(model: P4Model): Set<string> {
  const found = new Set<string>();
  const visit = (body: readonly ControlStatement[]): void => {
    for (const statement of body) {
      if (statement.kind === 'if') {
        visit(statement.yes);
        visit(statement.no);
      } else if (statement.kind === 'apply' && statement.cases.length > 0) {
        found.add(statement.table);
        for (const each of statement.cases) visit(each.body);
      }
    }
  };
  for (const { body } of model.controls.values()) visit(body);
  return found;
}

function applying(
  body: readonly ControlStatement[],
  replaced: ReadonlyMap<string, string>,
): readonly ControlStatement[] {
  return body.map((statement): ControlStatement => {
    if (statement.kind === 'if') {
      return { ...statement, yes: applying(statement.yes, replaced), no: applying(statement.no, replaced) };
    }
    if (statement.kind !== 'apply') return statement;
    const cases = statement.cases.map((each) => ({ ...each, body: applying(each.body, replaced) }));
    return { ...statement, table: replaced.get(statement.table) ?? statement.table, cases };
  });
}

/** What a table does: keys, entries and default with what their actions do, whatever these are called. */
function textOf(model: P4Model, table: Table, rules: TableRules | undefined): string {
  const call = (each: ActionCall | undefined): string => (each === undefined ? '' : callText(model, each, []));
  const entries = (rules?.rules ?? []).map(({ priority, handle, keys, target }) => [
    priority,
    handle,
    keys,
    target.kind === 'action' ? call(target.call) : target,
  ]);
  return JSON.stringify([table.reads, entries, call(rules?.defaultAction ?? table.defaultAction)], plain);
}

/** A call with the actions that it calls written out, parameters by number. */
function callText(model: P4Model, call: ActionCall, within: readonly Action[]): string {
  const parameters = within.at(-1)?.parameters ?? [];
  const values = call.arguments.map((argument) => {
    const number = argument.kind === 'name' ? parameters.indexOf(argument.name) : -1;
    return number < 0 ? JSON.stringify(argument, plain) : `parameter ${number}`;
  });
  const action = model.actions.get(call.name);
  if (action === undefined) return `${call.name}(${values.join()})`;
  const body = action.calls.map((each) => callText(model, each, [...within, action]));
  return `(${values.join()}){${body.join(';')}}`;
}

/** For JSON: without positions, with big numbers as text. */
function plain(key: string, value: unknown): unknown {
  if (key === 'position') return undefined;
  return typeof value === 'bigint' ? `${value}n` : value;
}

// ----------------------------------------------------------------------------------------------------- headers

/** The parser goes on past the states that only extract such a header, as their own end says. */
function withoutHeaders(model: P4Model, headers: ReadonlySet<string>): P4Model {
  if (headers.size === 0) return model;
  const past = new Map<string, string>();
  for (const state of model.states.values()) {
    // The parser has to begin somewhere.
    if (state.name === 'start') continue;
    const [only] = state.statements;
    if (state.statements.length !== 1 || only?.kind !== 'extract' || state.end.kind !== 'state') continue;
    if (headers.has(only.instance)) past.set(state.name, state.end.name);
  }
  const states = new Map<string, ParserState>();
  for (const [name, state] of model.states) {
    if (past.has(name)) continue;
    const { end } = state;
    if (end.kind === 'state') states.set(name, { ...state, end: { ...end, name: past.get(end.name) ?? end.name } });
    else if (end.kind === 'select') {
      const cases = end.cases.map((each): SelectCase => {
        const to = each.next.kind === 'state' ? past.get(each.next.name) : undefined;
        return to === undefined ? each : { ...each, next: { ...each.next, name: to } };
      });
      states.set(name, { ...state, end: { ...end, cases: withoutNeedlessCases(cases) } });
    } else states.set(name, state);
  }
  return { ...model, states };
}

/** A case that goes where `default` goes is not needed, unless a later case could take the packet elsewhere. */
function withoutNeedlessCases(cases: readonly SelectCase[]): SelectCase[] {
  const kept = [...cases];
  const fallback = kept.findIndex(({ values }) => values === undefined);
  if (fallback < 0) return kept;
  const { next } = kept[fallback]!;
  for (let i = fallback - 1; i >= 0; i--) {
    const each = kept[i]!;
    const later = kept.slice(i + 1, kept.length).filter(({ values }) => values !== undefined);
    if (each.next.kind !== next.kind || each.next.name !== next.name) continue;
    if (later.every((other) => areDisjoint(each, other))) kept.splice(i, 1);
  }
  return kept;
}

/** Some key cannot have both values. */
function areDisjoint(one: SelectCase, other: SelectCase): boolean {
  const [a, b] = [one.values ?? [], other.values ?? []];
  return a.some((value, i) => {
    const against = b[i];
    if (value.kind !== 'value' || against?.kind !== 'value' || a.length !== b.length) return false;
    return ((value.value ^ against.value) & (value.mask ?? -1n) & (against.mask ?? -1n)) !== 0n;
  });
}
