import { assert } from '../../base/assert.ts';
import type { Diagnostics } from '../diagnostics.ts';
import { LineFault, LineScanner } from './scan-line.ts';
import type {
  StfAction,
  StfComparison,
  StfIndex,
  StfKey,
  StfKeyValue,
  StfName,
  StfStatement,
  StfTarget,
} from './statements.ts';

const MAX_PORT = 0xffff;
const MAX_NUMBER = 2 ** 48;

/** Reads a packet test; every line that makes no sense is an error `stf-...` with its place. */
export function parseStf(file: string, text: string, diagnostics: Diagnostics): StfStatement[] {
  const statements: StfStatement[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const scanner = new LineScanner(file, index + 1, line, diagnostics);
    if (scanner.atEnd) continue;
    try {
      const parsed = statement(scanner);
      scanner.end();
      statements.push(parsed);
    } catch (error) {
      if (!(error instanceof LineFault)) throw error;
    }
  }
  return statements;
}

function statement(s: LineScanner): StfStatement {
  const { position } = s;
  const keyword = s.expect(/\w+/, 'a statement').toLowerCase();
  switch (keyword) {
    case 'add': {
      const table = s.name('a table');
      const priority = s.looksAt(/[0-9]/) ? s.number('a priority', MAX_NUMBER) : undefined;
      const keys: StfKey[] = [];
      while (s.looksAt(/[A-Za-z_$][\w$.[\]]*\s*:/)) keys.push(key(s));
      const found = target(s);
      let handle: string | undefined;
      if (s.match(/=/) !== undefined) handle = s.name('a handle').text;
      return { kind: 'add', position, table, priority, keys, target: found, handle };
    }
    case 'setdefault':
      return { kind: 'setdefault', position, table: s.name('a table'), action: action(s) };
    case 'remove':
      return { kind: 'remove', position, what: s.name('all, a table or a handle') };
    case 'member':
      return {
        kind: 'member',
        position,
        profile: s.name('an action profile'),
        name: s.name('a name'),
        action: action(s),
      };
    case 'group': {
      const profile = s.name('an action profile');
      const name = s.name('a name');
      const members: StfName[] = [s.name('a member')];
      while (!s.atEnd) members.push(s.name('a member'));
      return { kind: 'group', position, profile, name, members };
    }
    case 'mirroring_add':
      return { kind: 'mirror', position, session: session(s), port: s.number('a port', MAX_PORT) };
    case 'mirroring_delete':
      return { kind: 'mirror', position, session: session(s), port: undefined };
    case 'mc_mgrp_create':
      return { kind: 'multicast', position, what: 'group', numbers: [s.number('a group', MAX_PORT)] };
    case 'mc_node_create': {
      const numbers = [s.number('a replication id', MAX_PORT)];
      while (!s.atEnd) numbers.push(s.number('a port', MAX_PORT));
      return { kind: 'multicast', position, what: 'node', numbers };
    }
    case 'mc_node_associate':
      return {
        kind: 'multicast',
        position,
        what: 'associate',
        numbers: [s.number('a group', MAX_PORT), s.number('a node', MAX_PORT)],
      };
    case 'meter_set_rates': {
      const meter = s.plainName('a meter');
      const at = index(s);
      const rates = [rate(s), rate(s)];
      return { kind: 'meter-rates', position, meter, index: at, rates };
    }
    case 'register_write': {
      const register = s.plainName('a register');
      const at = index(s);
      if (at.kind !== 'number') s.fail('expected the number of an instance');
      return { kind: 'register-write', position, register, index: at.value, value: s.bigNumber('a value') };
    }
    case 'packet':
      return { kind: 'packet', position, port: s.number('a port', MAX_PORT), octets: octets(s) };
    case 'expect':
      return { kind: 'expect', position, port: s.number('a port', MAX_PORT), ...pattern(s) };
    case 'no_packet':
      return { kind: 'no-packet', position };
    case 'wait':
      return { kind: 'wait', position, microseconds: s.atEnd ? 0 : s.number('microseconds', 10_000_000) };
    case 'check_counter':
    case 'check_register': {
      const name = s.plainName('a name');
      const at = index(s);
      const unit = s.match(/(packets|bytes)\b/) as 'packets' | 'bytes' | undefined;
      const what = keyword === 'check_counter' ? 'counter' : 'register';
      const base = { kind: 'check', position, what, name, index: at, unit } as const;
      if (s.atEnd) return { ...base, comparison: '>=', value: 0n };
      const comparison = s.expect(/==|!=|<=|>=|<|>/, 'a comparison') as StfComparison;
      return { ...base, comparison, value: s.bigNumber('a number') };
    }
    default:
      return s.fail(`there is no statement ${keyword}`, position, 'stf-unknown-statement');
  }
}

function session(s: LineScanner): number {
  return s.number('a session', 0xffff_ffff);
}

function key(s: LineScanner): StfKey {
  const name = s.name('a key');
  s.expect(/:/, ': between a key and its value');
  return { name, value: keyValue(s) };
}

const DIGITS: Readonly<Record<string, { readonly bits: number; readonly pattern: RegExp }>> = {
  '0x': { bits: 4, pattern: /^[0-9a-f*]+$/ },
  '0o': { bits: 3, pattern: /^[0-7*]+$/ },
  '0b': { bits: 1, pattern: /^[01*]+$/ },
};

function keyValue(s: LineScanner): StfKeyValue {
  const { position } = s;
  const found = digits(s);
  const rest = { position, ...found };
  if (s.match(/&&&/) !== undefined)
    return { ...rest, mask: s.bigNumber('a mask'), prefixBits: undefined, high: undefined };
  if (s.match(/\//) !== undefined)
    return { ...rest, mask: undefined, prefixBits: s.number('a prefix length', 2048), high: undefined };
  if (s.match(/->|\.\./) !== undefined)
    return { ...rest, mask: undefined, prefixBits: undefined, high: s.bigNumber('the end of the range') };
  return { ...rest, mask: undefined, prefixBits: undefined, high: undefined };
}

/** A number, in which digits of a base that is a power of two may be `*`. */
function digits(s: LineScanner): { value: bigint; unknown: bigint } {
  const { position } = s;
  const text = s.expect(/0[xX][0-9a-fA-F*]+|0[oO][0-7*]+|0[bB][01*]+|[0-9]+|true|false/, 'a value').toLowerCase();
  if (text === 'true' || text === 'false') return { value: text === 'true' ? 1n : 0n, unknown: 0n };
  const base = DIGITS[text.slice(0, 2)];
  if (base === undefined) return { value: BigInt(text), unknown: 0n };
  let value = 0n;
  let unknown = 0n;
  for (const digit of text.slice(2)) {
    value <<= BigInt(base.bits);
    unknown <<= BigInt(base.bits);
    if (digit === '*') unknown |= (1n << BigInt(base.bits)) - 1n;
    else value |= BigInt(Number.parseInt(digit, 16));
  }
  if (!base.pattern.test(text.slice(2))) s.fail(`${text} is no number`, position);
  return { value, unknown };
}

function action(s: LineScanner): StfAction {
  const name = s.name('an action');
  const found: StfAction['arguments'][number][] = [];
  s.expect(/\(/, '( after the action');
  while (!s.looksAt(/\)/)) {
    const named = s.looksAt(/[A-Za-z_]/) ? s.name('a parameter') : undefined;
    if (named !== undefined) s.expect(/:/, ': between a parameter and its value');
    const at = s.position;
    found.push({ name: named, value: s.bigNumber('a value'), at });
    if (s.match(/,/) === undefined) break;
  }
  s.expect(/\)/, ') after the parameters');
  return { name, arguments: found };
}

function target(s: LineScanner): StfTarget {
  const kind = s.looksAt(/member\s*\(\s*[A-Za-z_]\w*\s*\)/)
    ? 'member'
    : s.looksAt(/group\s*\(\s*[A-Za-z_]\w*\s*\)/)
      ? 'group'
      : 'action';
  if (kind === 'action') return { kind, ...action(s) };
  s.name(kind);
  s.expect(/\(/, '(');
  const name = s.plainName('a name');
  s.expect(/\)/, ')');
  return { kind, name };
}

/** `(3)`, `[3]`, `($handle)` */
function index(s: LineScanner): StfIndex {
  const open = s.expect(/[([]/, '( or [ before the index');
  const close = open === '(' ? /\)/ : /\]/;
  const found: StfIndex = s.looksAt(/[$A-Za-z_]/)
    ? { kind: 'handle', name: s.plainName('a handle') }
    : { kind: 'number', value: s.number('an index', 0xffff_ffff) };
  s.expect(close, `${open === '(' ? ')' : ']'} after the index`);
  return found;
}

function rate(s: LineScanner): { rate: number; burst: number } {
  const found = s.number('a rate per second', MAX_NUMBER);
  s.expect(/:/, ': between rate and burst');
  return { rate: found, burst: s.number('a burst', MAX_NUMBER) };
}

function octets(s: LineScanner): Uint8Array {
  const { position } = s;
  let text = '';
  while (!s.atEnd) text += s.expect(/[0-9a-fA-F]+/, 'hexadecimal digits');
  if (text.length % 2 !== 0 || text === '')
    s.fail(`expected pairs of hexadecimal digits, found ${text.length}`, position);
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function pattern(s: LineScanner): { nibbles: string | undefined; exact: boolean } {
  const { position } = s;
  let text = '';
  let exact = false;
  while (!s.atEnd && !exact) {
    if (s.match(/\$/) !== undefined) exact = true;
    else text += s.expect(/[0-9a-fA-F*]+/, 'hexadecimal digits, * or $').toLowerCase();
  }
  if (text.length % 2 !== 0) s.fail(`expected pairs of hexadecimal digits, found ${text.length}`, position);
  assert(/^[0-9a-f*]*$/.test(text), 'the scanner takes no other characters');
  return { nibbles: text === '' && !exact ? undefined : text, exact };
}
