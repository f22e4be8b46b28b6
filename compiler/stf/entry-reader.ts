import type { SourcePosition } from '../../base/errors.ts';
import type { ActionCall, Table } from '../2-parse/p4/tree.ts';
import type { P4Model } from '../3-analyze/p4/model.ts';
import { type KeyMatch, keyMatch, type RuleTarget } from '../4-lower/p4/program-rules.ts';
import { readName } from '../4-lower/p4/rules.ts';
import { keyBits } from '../4-lower/p4/table-keys.ts';
import type { Diagnostics } from '../diagnostics.ts';
import type { StfAction, StfAdd, StfKey, StfName, StfTarget } from './statements.ts';

/** Names of something, however it is kept. */
interface ReadonlySetLike {
  has(name: string): boolean;
}

/** Reads what a test says of a table's entry: keys, action, arguments. What is wrong is reported where it stands. */
export class EntryReader {
  private readonly model: P4Model;
  private readonly diagnostics: Diagnostics;

  constructor(model: P4Model, diagnostics: Diagnostics) {
    this.model = model;
    this.diagnostics = diagnostics;
  }

  error(code: string, position: SourcePosition, message: string, hint?: string): void {
    this.diagnostics.error(code, position, message, hint);
  }

  unknown(kind: string, name: StfName, known: Iterable<string> = []): void {
    const names = [...known];
    const hint = names.length === 0 ? undefined : `there are ${names.join(', ')}`;
    this.error('stf-unknown-name', name.position, `there is no ${kind} ${name.text}`, hint);
  }

  keys(table: Table, statement: StfAdd): KeyMatch[] | undefined {
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

  /** @param profile members and groups of the table's action profile */
  target(
    table: Table,
    target: StfTarget,
    profile: { readonly members: ReadonlySetLike; readonly groups: ReadonlySetLike } | undefined,
  ): RuleTarget | undefined {
    if (target.kind === 'action') {
      const call = this.call(table.actions, target);
      return call === undefined ? undefined : { kind: 'action', call };
    }
    const known = target.kind === 'member' ? profile?.members : profile?.groups;
    if (known?.has(target.name.text) === true) return { kind: target.kind, name: target.name.text };
    this.unknown(`${target.kind} of the action profile of ${table.name}:`, target.name);
    return undefined;
  }

  call(allowed: Table['actions'], { name, arguments: given }: StfAction): ActionCall | undefined {
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
