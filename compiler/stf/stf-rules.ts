import { assert } from '../../base/assert.ts';
import type { ActionCall, Table } from '../2-parse/p4/tree.ts';
import type { P4Model } from '../3-analyze/p4/model.ts';
import type {
  MeterRates,
  ProfileRules,
  ProgramRules,
  Replica,
  TableRule,
  TableRules,
} from '../4-lower/p4/program-rules.ts';
import type { Diagnostics } from '../diagnostics.ts';
import { bareHandle, handleNumber } from './entry-handles.ts';
import { EntryReader } from './entry-reader.ts';
import type { StfAdd, StfMeterRates, StfMulticast, StfName, StfProgress, StfStatement } from './statements.ts';

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

class StfRules {
  private readonly model: P4Model;
  private readonly before: ProgramRules;
  private readonly reader: EntryReader;
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
    this.reader = new EntryReader(model, diagnostics);
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
        const call = table && this.reader.call(table.actions, statement.action);
        if (table?.hasConstantDefault === true) {
          this.reader.error('stf-bad-value', statement.position, `the default_action of ${table.name} is constant`);
        } else if (table !== undefined && call !== undefined) this.defaults.set(table.name, call);
        return;
      }
      case 'remove':
        this.remove(statement.what);
        return;
      case 'member': {
        const profile = this.profile(statement.profile);
        const call = profile && this.reader.call(profile.actions, statement.action);
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
        if (unknown !== undefined) this.reader.unknown('member', unknown);
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
        if (!this.model.registers.has(statement.register.text)) this.reader.unknown('register', statement.register);
    }
  }

  private table(name: StfName): Table | undefined {
    const found = this.model.tables.get(name.text);
    if (found === undefined) this.reader.unknown('table', name, this.model.tables.keys());
    return found;
  }

  private profile(name: StfName) {
    const found = this.model.actionProfiles.get(name.text);
    if (found === undefined) this.reader.unknown('action_profile', name, this.model.actionProfiles.keys());
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
    const keys = this.reader.keys(table, statement);
    const target = this.reader.target(table, statement.target, this.profiles.get(table.actionProfile?.name ?? ''));
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
    const named = this.done.find(
      (each) => each.kind === 'add' && bareHandle(each.handle ?? '') === bareHandle(what.text),
    );
    if (named?.kind !== 'add') {
      this.reader.unknown('table or handle', what);
      return;
    }
    const rules = this.tables.get(named.table.text) ?? [];
    this.tables.set(
      named.table.text,
      rules.filter((rule) => bareHandle(rule.name) !== bareHandle(what.text)),
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
      if (group === undefined) this.reader.error('stf-unknown-name', position, `there is no multicast group ${first}`);
      else if (node === undefined) this.reader.error('stf-unknown-name', position, `there is no node ${others[0]}`);
      else group.push(...node);
    }
  }

  private rates({ meter, index, rates, position }: StfMeterRates): void {
    if (!this.model.meters.has(meter.text)) {
      this.reader.unknown('meter', meter, this.model.meters.keys());
      return;
    }
    const cell = handleNumber(this.done, index, this.entriesBefore);
    const [committed, peak] = rates;
    assert(committed !== undefined && peak !== undefined, 'the parser reads two rates');
    if (cell === undefined) {
      this.reader.error('stf-unknown-name', position, 'no entry has this handle');
      return;
    }
    const others = (this.meterRates.get(meter.text) ?? []).filter((each) => each.index !== cell);
    this.meterRates.set(meter.text, [...others, { index: cell, committed, peak }]);
  }

  private check(statement: Extract<StfStatement, { kind: 'check' }>): void {
    const { name, index, what, unit } = statement;
    if (what === 'register') {
      if (!this.model.registers.has(name.text)) this.reader.unknown('register', name, this.model.registers.keys());
    } else if (name.text !== 'digest') {
      const counter = this.model.counters.get(name.text);
      if (counter === undefined) this.reader.unknown('counter', name, this.model.counters.keys());
      else if (unit !== undefined && counter.type !== 'packets_and_bytes' && counter.type !== unit) {
        this.reader.error('stf-bad-value', statement.position, `${name.text} counts ${counter.type}`);
      }
    }
    if (handleNumber(this.done, index, this.entriesBefore) === undefined) {
      this.reader.error('stf-unknown-name', statement.position, 'no entry has this handle');
    }
  }
}
