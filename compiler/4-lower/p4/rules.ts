import type { SourcePosition } from '../../../base/errors.ts';
import type { ActionCall, Table } from '../../2-parse/p4/tree.ts';
import type { P4Model } from '../../3-analyze/p4/model.ts';
import type { Diagnostics } from '../../diagnostics.ts';
import {
  type KeyMatch,
  keyMatch,
  type MeterRates,
  type ProfileRules,
  type ProgramRules,
  type RuleTarget,
  type TableRule,
  type TableRules,
  type TokenBucket,
  type ValueSetEntry,
  type WrittenKey,
} from './program-rules.ts';
import { RulePlaces } from './rule-places.ts';
import { keyBits } from './table-keys.ts';

/**
 * Reads a `.p4cfg`: JSON of the form `tables.<table>.rules[] {name, priority, match {field: {value, mask}}, action {type,
 * data {param: {value}}}}` and `default_rule`; action profiles, parser value sets, clone sessions, multicast groups and
 * meter rates are ours (docs/p4.md). Mistakes are reported where the name stands that they are about.
 */
export function readRules(model: P4Model, path: string, text: string, diagnostics: Diagnostics): ProgramRules {
  const places = new RulePlaces(path, text);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    diagnostics.error('p4cfg-bad-json', places.ofSyntaxError(reason), `not JSON: ${reason}`);
  }
  return new RuleReader(model, { file: path, line: 1, column: 1 }, places, diagnostics).read(record(document));
}

class RuleReader {
  private readonly model: P4Model;
  private readonly position: SourcePosition;
  private readonly places: RulePlaces;
  private readonly diagnostics: Diagnostics;

  constructor(model: P4Model, position: SourcePosition, places: RulePlaces, diagnostics: Diagnostics) {
    this.model = model;
    this.position = position;
    this.places = places;
    this.diagnostics = diagnostics;
  }

  read(document: Record<string, unknown>): ProgramRules {
    const profiles = new Map<string, ProfileRules>();
    for (const [name, entry] of Object.entries(record(document.action_profiles))) {
      const read = this.profile(name, record(entry));
      if (read !== undefined) profiles.set(name, read);
    }
    const tables = new Map<string, TableRules>();
    for (const [name, entry] of Object.entries(record(document.tables))) {
      const table = this.model.tables.get(name);
      // A warning: published rules have entries for tables of a larger program.
      if (table === undefined) this.warning('p4cfg-unknown-table', `there is no table ${name}`);
      else tables.set(name, this.table(table, record(entry), profiles));
    }
    return {
      tables,
      profiles,
      mirrors: this.mirrors(record(document.mirrors)),
      multicast: this.multicast(record(document.multicast)),
      meterRates: this.meters(record(document.meters)),
      valueSets: this.valueSets(record(document.parser_value_sets)),
    };
  }

  private error(code: string, message: string): void {
    this.diagnostics.error(code, this.places.ofNames(message), message);
  }

  private warning(code: string, message: string): void {
    this.diagnostics.warning(code, this.places.ofNames(message), message, 'its entries are left out');
  }

  private table(
    table: Table,
    { rules: listed, default_rule: fallback }: Record<string, unknown>,
    profiles: ReadonlyMap<string, ProfileRules>,
  ): TableRules {
    const rules = (Array.isArray(listed) ? listed : []).flatMap((each: unknown, index): TableRule[] => {
      const { name, priority, match, action } = record(each);
      const what = `${table.name}: rule ${typeof name === 'string' ? name : index + 1}`;
      const keys = this.keys(table, record(match), what);
      const target = this.target(table, record(action), what, profiles);
      if (target === undefined) return [];
      const rank = typeof priority === 'number' ? priority : index;
      return [{ name: what, position: this.position, handle: index, priority: rank, keys, target }];
    });
    const what = `${table.name}: default_rule`;
    const defaultAction = fallback === undefined ? undefined : this.call(table.actions, record(fallback).action, what);
    if (defaultAction !== undefined && table.hasConstantDefault) {
      this.error('p4cfg-bad-action', `${what}: the default_action of the table is constant`);
    }
    return { rules, defaultAction };
  }

  private keys(table: Table, match: Record<string, unknown>, what: string): KeyMatch[] {
    const left = new Map(Object.entries(match));
    const keys = table.reads.map((read): KeyMatch => {
      const bare = readName(read);
      const name = read.match === 'valid' && !left.has(bare) ? `${bare}.valid` : bare;
      const given = left.get(name);
      left.delete(name);
      const written = given === undefined ? undefined : writtenKey(record(given));
      if (written === null) this.error('p4cfg-bad-value', `${what}: ${name} has no value`);
      const found = keyMatch(read, keyBits(this.model, read), written ?? undefined);
      if (typeof found !== 'string') return found;
      this.error('p4cfg-bad-value', `${what}: ${name}: ${found}`);
      return { kind: 'masked', value: 0n, mask: 0n };
    });
    for (const name of left.keys()) this.error('p4cfg-bad-value', `${what}: ${name} is no key of the table`);
    return keys;
  }

  /** An action, or `{member: name}` or `{group: name}` of the table's profile. */
  private target(
    table: Table,
    action: Record<string, unknown>,
    what: string,
    profiles: ReadonlyMap<string, ProfileRules>,
  ): RuleTarget | undefined {
    const profile = profiles.get(table.actionProfile?.name ?? '');
    for (const [kind, known] of [
      ['member', profile?.members],
      ['group', profile?.groups],
    ] as const) {
      const name = action[kind];
      if (name === undefined) continue;
      if (typeof name === 'string' && known?.has(name) === true) return { kind, name };
      this.error('p4cfg-bad-action', `${what}: there is no ${kind} ${String(name)} of the table's profile`);
      return undefined;
    }
    const call = this.call(table.actions, action, what);
    return call === undefined ? undefined : { kind: 'action', call };
  }

  private call(allowed: Table['actions'], value: unknown, what: string): ActionCall | undefined {
    const { type, data } = record(value);
    const name = typeof type === 'string' && allowed.some((each) => each.name === type) ? type : undefined;
    if (name === undefined) {
      this.error('p4cfg-bad-action', `${what} has no action of the table`);
      return undefined;
    }
    const parameters = this.model.actions.get(name)?.parameters ?? [];
    const { position } = this;
    const given = parameters.map((parameter) => ({ parameter, value: number(record(record(data)[parameter]).value) }));
    const lacking = given.find((each) => each.value === undefined);
    if (lacking !== undefined) {
      this.error('p4cfg-bad-value', `${what} lacks the value of the parameter ${lacking.parameter}`);
      return undefined;
    }
    return {
      position,
      name,
      arguments: given.map((each) => ({ kind: 'number', position, value: each.value ?? 0n, bits: undefined })),
    };
  }

  private profile(name: string, entry: Record<string, unknown>): ProfileRules | undefined {
    const profile = this.model.actionProfiles.get(name);
    if (profile === undefined) {
      this.error('p4cfg-unknown-table', `there is no action profile ${name}`);
      return undefined;
    }
    const members = new Map<string, ActionCall>();
    for (const [member, action] of Object.entries(record(entry.members))) {
      const call = this.call(profile.actions, action, `${name}: member ${member}`);
      if (call !== undefined) members.set(member, call);
    }
    const groups = new Map<string, readonly string[]>();
    for (const [group, listed] of Object.entries(record(entry.groups))) {
      const names = (Array.isArray(listed) ? listed : []).map(String);
      const unknown = names.find((member) => !members.has(member));
      if (unknown !== undefined) this.error('p4cfg-bad-action', `${name}: group ${group}: no member ${unknown}`);
      else if (names.length === 0) this.error('p4cfg-bad-action', `${name}: group ${group} has no members`);
      else groups.set(group, names);
    }
    return { members, groups };
  }

  private mirrors(given: Record<string, unknown>): Map<number, number> {
    const found = new Map<number, number>();
    for (const [session, entry] of Object.entries(given)) {
      const port = number(record(entry).port ?? entry);
      if (!/^\d+$/.test(session) || port === undefined) this.error('p4cfg-bad-value', `mirrors: ${session}: no port`);
      else found.set(Number(session), Number(port));
    }
    return found;
  }

  private multicast(given: Record<string, unknown>): Map<number, { port: number; replicationId: number }[]> {
    const found = new Map<number, { port: number; replicationId: number }[]>();
    for (const [group, listed] of Object.entries(given)) {
      const replicas = (Array.isArray(listed) ? listed : []).flatMap((each: unknown) => {
        const port = number(record(each).port ?? each);
        const replicationId = number(record(each).rid ?? 0);
        if (port !== undefined && replicationId !== undefined)
          return [{ port: Number(port), replicationId: Number(replicationId) }];
        this.error('p4cfg-bad-value', `multicast: ${group}: no port`);
        return [];
      });
      found.set(Number(group), replicas);
    }
    return found;
  }

  private meters(given: Record<string, unknown>): Map<string, MeterRates[]> {
    const found = new Map<string, MeterRates[]>();
    for (const [name, listed] of Object.entries(given)) {
      if (!this.model.meters.has(name)) {
        this.error('p4cfg-unknown-table', `there is no meter ${name}`);
        continue;
      }
      const rates = (Array.isArray(listed) ? listed : []).flatMap((each: unknown): MeterRates[] => {
        const { index, committed, peak } = record(each);
        const buckets = [bucket(committed), bucket(peak)] as const;
        const [first, second] = buckets;
        const at = number(index ?? 0);
        if (first !== undefined && second !== undefined && at !== undefined)
          return [{ index: Number(at), committed: first, peak: second }];
        this.error(
          'p4cfg-bad-value',
          `meters: ${name}: expected {index, committed: {rate, burst}, peak: {rate, burst}}`,
        );
        return [];
      });
      found.set(name, rates);
    }
    return found;
  }

  private valueSets(given: Record<string, unknown>): Map<string, ValueSetEntry[]> {
    const found = new Map<string, ValueSetEntry[]>();
    for (const [name, listed] of Object.entries(given)) {
      if (!this.model.valueSets.has(name)) this.error('p4cfg-unknown-table', `there is no parser_value_set ${name}`);
      const values = (Array.isArray(listed) ? listed : []).flatMap((each: unknown): ValueSetEntry[] => {
        const value = number(record(each).value ?? each);
        if (value !== undefined) return [{ value, mask: number(record(each).mask) }];
        this.error('p4cfg-bad-value', `parser_value_sets: ${name}: an entry has no value`);
        return [];
      });
      found.set(name, values);
    }
    return found;
  }
}

/** What a rule calls a key: `instance.field`, or the header of a `valid` match. */
export function readName({ field }: Table['reads'][number]): string {
  return field.kind === 'field' ? `${field.instance}.${field.field}` : field.name;
}

/** `{value, mask}`, `{value: "a/n"}`, `{value: "a->b"}` or `{value, high}`; null: no value. */
function writtenKey({ value, mask, high }: Record<string, unknown>): WrittenKey | null {
  const [, low, separator, rest] = /^(.+?)(\/|->)(.+)$/.exec(String(value)) ?? [];
  const first = number(low ?? value);
  if (first === undefined) return null;
  const second = number(rest);
  if (separator === '/') return second === undefined ? null : { value: first, prefixBits: Number(second) };
  if (separator === '->') return second === undefined ? null : { value: first, high: second };
  return { value: first, mask: number(mask), high: number(high) };
}

function bucket(given: unknown): TokenBucket | undefined {
  const [rate, burst] = [number(record(given).rate), number(record(given).burst)];
  return rate === undefined || burst === undefined ? undefined : { rate: Number(rate), burst: Number(burst) };
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** First virtual port of the card: those to the host (docs/lambdas.md). */
const VIRTUAL_PORTS = 0x300n;

/** A number, its text, dotted octets of an IPv4 address, or a port: `p0` on the wire, `v0.1` to the host. */
function number(value: unknown): bigint | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  if (typeof value !== 'string') return undefined;
  if (/^(0[xX][0-9a-fA-F]+|[0-9]+)$/.test(value)) return BigInt(value);
  const port = /^(?:p|v0\.)(\d{1,3})$/.exec(value)?.[1];
  if (port !== undefined) return (value.startsWith('v') ? VIRTUAL_PORTS : 0n) + BigInt(port);
  const dotted = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(value)?.slice(1).map(Number);
  if (dotted === undefined || dotted.some((octet) => octet > 255)) return undefined;
  return dotted.reduce((all, octet) => (all << 8n) | BigInt(octet), 0n);
}
