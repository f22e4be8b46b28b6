import { assert } from '../../base/assert.ts';
import type { SourcePosition } from '../../base/errors.ts';
import type { ActionCall, Table } from '../2-parse/p4/tree.ts';
import type { P4Model } from '../3-analyze/p4/model.ts';
import {
  type KeyMatch,
  keyMatch,
  type MeterRates,
  type ProfileRules,
  type ProgramRules,
  type Replica,
  type RuleTarget,
  type TableRule,
  type TableRules,
} from '../4-lower/p4/program-rules.ts';
import { readName } from '../4-lower/p4/rules.ts';
import { keyBits } from '../4-lower/p4/table-keys.ts';
import type { Diagnostics } from '../diagnostics.ts';
import type {
  StfAction,
  StfAdd,
  StfIndex,
  StfKey,
  StfMeterRates,
  StfMulticast,
  StfName,
  StfProgress,
  StfStatement,
  StfTarget,
} from './statements.ts';

/**
 * The rules of a program when a test has come so far. What is wrong with the statements behind that is said as well.
 * @param before what a `.p4cfg` says
 */
export function applyStfRules(
  model: P4Model,
  before: ProgramRules,
  { statements, done }: StfProgress,
  diagnostics: Diagnostics,
): ProgramRules {
  const rules = new StfRules(model, before, diagnostics);
  for (const statement of statements.slice(0, done)) rules.apply(statement);
  const result = rules.result();
  for (const statement of statements.slice(done)) rules.apply(statement);
  return result;
}

/**
 * The number that an index stands for; undefined: no entry has the handle.
 * @param before entries that each table has from elsewhere
 */
export function handleNumber(
  statements: readonly StfStatement[],
  index: StfIndex,
  before: ReadonlyMap<string, number>,
): number | undefined {
  if (index.kind === 'number') return index.value;
  const wanted = bare(index.name.text);
  const counts = new Map(before);
  for (const each of statements) {
    if (each.kind !== 'add') continue;
    const count = counts.get(each.table.text) ?? 0;
    counts.set(each.table.text, count + 1);
    if (each.handle !== undefined && bare(each.handle) === wanted) return count;
  }
  return undefined;
}

/** `$A` and `A` are one handle. */
function bare(handle: string): string {
  return handle.replace(/^\$/, '');
}

class StfRules {
  private readonly model: P4Model;
  private readonly before: ProgramRules;
  private readonly diagnostics: Diagnostics;
  private readonly tables = new Map<string, TableRule[]>();
  private readonly defaults = new Map<string, ActionCall>();
  private readonly nextHandle = new Map<string, number>();
  private readonly profiles: Map<string, { members: Map<string, ActionCall>; groups: Map<string, readonly string[]> }>;
  private readonly mirrors: Map<number, number>;
  private readonly multicast: Map<number, Replica[]>;
  private readonly nodes: (readonly Replica[])[] = [];
  private readonly meterRates: Map<string, MeterRates[]>;
  private readonly done: StfStatement[] = [];
  private readonly entriesBefore: ReadonlyMap<string, number>;

  constructor(model: P4Model, before: ProgramRules, diagnostics: Diagnostics) {
    this.model = model;
    this.before = before;
    this.diagnostics = diagnostics;
    for (const [name, { rules, defaultAction }] of before.tables) {
      this.tables.set(name, [...rules]);
      this.nextHandle.set(name, rules.length);
      if (defaultAction !== undefined) this.defaults.set(name, defaultAction);
    }
    this.entriesBefore = new Map(this.nextHandle);
    this.profiles = new Map(
      [...before.profiles].map(([name, { members, groups }]) => [
        name,
        { members: new Map(members), groups: new Map(groups) },
      ]),
    );
    this.mirrors = new Map(before.mirrors);
    this.multicast = new Map([...before.multicast].map(([group, replicas]) => [group, [...replicas]]));
    this.meterRates = new Map([...before.meterRates].map(([name, rates]) => [name, [...rates]]));
  }

  result(): ProgramRules {
    const names = new Set([...this.tables.keys(), ...this.defaults.keys()]);
    const tables = new Map<string, TableRules>();
    for (const name of names) {
      tables.set(name, { rules: [...(this.tables.get(name) ?? [])], defaultAction: this.defaults.get(name) });
    }
    const profiles: ReadonlyMap<string, ProfileRules> = new Map(
      [...this.profiles].map(([name, { members, groups }]) => [
        name,
        { members: new Map(members), groups: new Map(groups) },
      ]),
    );
    return {
      tables,
      profiles,
      mirrors: new Map(this.mirrors),
      multicast: new Map([...this.multicast].map(([group, replicas]) => [group, [...replicas]])),
      meterRates: new Map(this.meterRates),
      valueSets: this.before.valueSets,
    };
  }

  apply(statement: StfStatement): void {
    this.done.push(statement);
    switch (statement.kind) {
      case 'add':
        this.add(statement);
        return;
      case 'setdefault': {
        const table = this.table(statement.table);
        const call = table && this.call(table.actions, statement.action);
        if (table?.hasConstantDefault === true) {
          this.error('stf-bad-value', statement.position, `the default_action of ${table.name} is constant`);
        } else if (table !== undefined && call !== undefined) this.defaults.set(table.name, call);
        return;
      }
      case 'remove':
        this.remove(statement.what);
        return;
      case 'member': {
        const profile = this.profile(statement.profile);
        const call = profile && this.call(profile.actions, statement.action);
        if (profile !== undefined && call !== undefined) {
          this.profileRules(profile.name).members.set(statement.name.text, call);
        }
        return;
      }
      case 'group': {
        const profile = this.profile(statement.profile);
        if (profile === undefined) return;
        const { members, groups } = this.profileRules(profile.name);
        const unknown = statement.members.find((member) => !members.has(member.text));
        if (unknown !== undefined) this.unknown('member', unknown);
        else
          groups.set(
            statement.name.text,
            statement.members.map((member) => member.text),
          );
        return;
      }
      case 'mirror':
        if (statement.port === undefined) this.mirrors.delete(statement.session);
        else this.mirrors.set(statement.session, statement.port);
        return;
      case 'multicast':
        this.replicate(statement);
        return;
      case 'meter-rates':
        this.rates(statement);
        return;
      case 'check':
        this.check(statement);
        return;
      case 'register-write':
        if (!this.model.registers.has(statement.register.text)) this.unknown('register', statement.register);
    }
  }

  private error(code: string, position: SourcePosition, message: string, hint?: string): void {
    this.diagnostics.error(code, position, message, hint);
  }

  private unknown(kind: string, name: StfName, known: Iterable<string> = []): void {
    const names = [...known];
    const hint = names.length === 0 ? undefined : `there are ${names.join(', ')}`;
    this.error('stf-unknown-name', name.position, `there is no ${kind} ${name.text}`, hint);
  }

  private table(name: StfName): Table | undefined {
    const found = this.model.tables.get(name.text);
    if (found === undefined) this.unknown('table', name, this.model.tables.keys());
    return found;
  }

  private profile(name: StfName) {
    const found = this.model.actionProfiles.get(name.text);
    if (found === undefined) this.unknown('action_profile', name, this.model.actionProfiles.keys());
    return found;
  }

  private profileRules(name: string) {
    const found = this.profiles.get(name) ?? { members: new Map<string, ActionCall>(), groups: new Map() };
    this.profiles.set(name, found);
    return found;
  }

  private add(statement: StfAdd): void {
    const table = this.table(statement.table);
    if (table === undefined) return;
    const keys = this.keys(table, statement);
    const target = this.target(table, statement.target);
    if (target === undefined || keys === undefined) return;
    const handle = this.nextHandle.get(table.name) ?? 0;
    this.nextHandle.set(table.name, handle + 1);
    const rules = this.tables.get(table.name) ?? [];
    this.tables.set(table.name, rules);
    // p4c's runner of these tests turns priorities round for bmv2: the greater number comes first.
    const priority = -(statement.priority ?? 0);
    const name = statement.handle ?? `entry ${handle}`;
    rules.push({ name, position: statement.position, handle, priority, keys, target });
  }

  private keys(table: Table, statement: StfAdd): KeyMatch[] | undefined {
    const given = new Map<number, StfKey>();
    for (const key of statement.keys) {
      const index = keyIndex(table, key.name.text);
      if (index === undefined) {
        this.unknown(`key of ${table.name}:`, key.name, table.reads.map(readName));
        return undefined;
      }
      if (given.has(index)) this.error('stf-bad-value', key.name.position, `${key.name.text} is given twice`);
      given.set(index, key);
    }
    const keys = table.reads.map((read, index): KeyMatch | undefined => {
      const key = given.get(index);
      if (key === undefined && (read.match === 'exact' || read.match === 'index')) {
        this.error('stf-bad-value', statement.position, `${readName(read)} is matched exactly and has no value`);
        return undefined;
      }
      const found = keyMatch(read, keyBits(this.model, read), key?.value);
      if (typeof found !== 'string') return found;
      this.error('stf-bad-value', key?.value.position ?? statement.position, `${readName(read)}: ${found}`);
      return undefined;
    });
    return keys.some((key) => key === undefined) ? undefined : keys.filter((key) => key !== undefined);
  }

  private target(table: Table, target: StfTarget): RuleTarget | undefined {
    if (target.kind === 'action') {
      const call = this.call(table.actions, target);
      return call === undefined ? undefined : { kind: 'action', call };
    }
    const profile = this.profiles.get(table.actionProfile?.name ?? '');
    const known = target.kind === 'member' ? profile?.members : profile?.groups;
    if (known?.has(target.name.text) === true) return { kind: target.kind, name: target.name.text };
    this.unknown(`${target.kind} of the action profile of ${table.name}:`, target.name);
    return undefined;
  }

  private call(allowed: Table['actions'], { name, arguments: given }: StfAction): ActionCall | undefined {
    if (!allowed.some((each) => each.name === name.text)) {
      this.unknown(
        'such action:',
        name,
        allowed.map((each) => each.name),
      );
      return undefined;
    }
    const parameters = this.model.actions.get(name.text)?.parameters ?? [];
    const values = parameters.map((parameter, index) =>
      given.find((each) => (each.name === undefined ? given.indexOf(each) === index : each.name.text === parameter)),
    );
    const strange = given.find((each) => !values.includes(each));
    if (strange !== undefined) {
      this.error(
        'stf-bad-value',
        strange.at,
        `${name.text} has no such parameter`,
        `its parameters: ${parameters.join(', ')}`,
      );
      return undefined;
    }
    const lacking = parameters.find((_, index) => values[index] === undefined);
    if (lacking !== undefined) {
      this.error('stf-bad-value', name.position, `${name.text} lacks a value for ${lacking}`);
      return undefined;
    }
    const { position } = name;
    return {
      position,
      name: name.text,
      arguments: values.map((each) => ({ kind: 'number', position, value: each?.value ?? 0n, bits: undefined })),
    };
  }

  /** `all`, a table, or the handle of one entry. */
  private remove(what: StfName): void {
    if (what.text.toLowerCase() === 'all') {
      this.tables.clear();
      return;
    }
    if (this.model.tables.has(what.text)) {
      this.tables.delete(what.text);
      return;
    }
    const named = this.done.find((each) => each.kind === 'add' && bare(each.handle ?? '') === bare(what.text));
    if (named?.kind !== 'add') {
      this.unknown('table or handle', what);
      return;
    }
    const rules = this.tables.get(named.table.text) ?? [];
    this.tables.set(
      named.table.text,
      rules.filter((rule) => bare(rule.name) !== bare(what.text)),
    );
  }

  private replicate({ what, numbers, position }: StfMulticast): void {
    const [first, ...others] = numbers;
    assert(first !== undefined, 'the parser reads a number');
    if (what === 'group') {
      this.multicast.set(first, []);
    } else if (what === 'node') {
      this.nodes.push(others.map((port) => ({ port, replicationId: first })));
    } else {
      const group = this.multicast.get(first);
      const node = this.nodes[others[0] ?? 0];
      if (group === undefined) this.error('stf-unknown-name', position, `there is no multicast group ${first}`);
      else if (node === undefined) this.error('stf-unknown-name', position, `there is no node ${others[0]}`);
      else group.push(...node);
    }
  }

  private rates({ meter, index, rates, position }: StfMeterRates): void {
    if (!this.model.meters.has(meter.text)) {
      this.unknown('meter', meter, this.model.meters.keys());
      return;
    }
    const cell = handleNumber(this.done, index, this.entriesBefore);
    const [committed, peak] = rates;
    assert(committed !== undefined && peak !== undefined, 'the parser reads two rates');
    if (cell === undefined) {
      this.error('stf-unknown-name', position, 'no entry has this handle');
      return;
    }
    const others = (this.meterRates.get(meter.text) ?? []).filter((each) => each.index !== cell);
    this.meterRates.set(meter.text, [...others, { index: cell, committed, peak }]);
  }

  private check(statement: Extract<StfStatement, { kind: 'check' }>): void {
    const { name, index, what, unit } = statement;
    if (what === 'register') {
      if (!this.model.registers.has(name.text)) this.unknown('register', name, this.model.registers.keys());
    } else if (name.text !== 'digest') {
      const counter = this.model.counters.get(name.text);
      if (counter === undefined) this.unknown('counter', name, this.model.counters.keys());
      else if (unit !== undefined && counter.type !== 'packets_and_bytes' && counter.type !== unit) {
        this.error('stf-bad-value', statement.position, `${name.text} counts ${counter.type}`);
      }
    }
    if (handleNumber(this.done, index, this.entriesBefore) === undefined) {
      this.error('stf-unknown-name', statement.position, 'no entry has this handle');
    }
  }
}

/** `a.b`, `b` alone when one key is called so, `a.$valid`, `a.valid`, `a$0.b` for `a[0].b`. */
function keyIndex(table: Table, written: string): number | undefined {
  const name = written.replace(/\$(\d+)/, '[$1]').replace(/\.?\$?valid\$?$/, '');
  const names = table.reads.map(readName);
  const exact = names.findIndex(
    (each, index) =>
      each === written ||
      each === written.replace(/\$(\d+)/, '[$1]') ||
      (table.reads[index]?.match === 'valid' && each === name),
  );
  if (exact >= 0) return exact;
  const ends = names.flatMap((each, index) => (each.endsWith(`.${written}`) ? [index] : []));
  return ends.length === 1 ? ends[0] : undefined;
}
