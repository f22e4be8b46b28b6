import { readFileSync } from 'node:fs';

/** What happens in a row, in order; texts are octets, one code unit each. */
export type Step =
  | { readonly kind: 'send'; readonly octets: string }
  /** `datagrams` are the answer over UDP where it is not `octets` in whatever datagrams. */
  | { readonly kind: 'expect'; readonly octets: string; readonly datagrams: string[] }
  | { readonly kind: 'wait'; readonly seconds: number };

export interface ConformanceRow {
  readonly name: string;
  readonly line: number;
  readonly transports: readonly ('tcp' | 'udp')[];
  readonly steps: Step[];
}

/** Reads the table; its own head says what it looks like. */
export function readConformanceTable(path: string): ConformanceRow[] {
  const rows: ConformanceRow[] = [];
  readFileSync(path, 'utf8')
    .split('\n')
    .forEach((line, index) => {
      if (line === '' || line.startsWith('#')) return;
      const at = `${path}:${index + 1}`;
      const mark = line.slice(0, 2);
      const rest = line.slice(2);
      const row = rows.at(-1);
      if (mark === '= ') {
        const [name = '', transport] = rest.split(' | ');
        const transports = transport === undefined ? (['tcp', 'udp'] as const) : [transport as 'tcp' | 'udp'];
        rows.push({ name, line: index + 1, transports, steps: [] });
        return;
      }
      if (row === undefined) throw new Error(`${at}: a step without a row`);
      const last = row.steps.at(-1);
      if (mark === '> ') row.steps.push({ kind: 'send', octets: octetsOf(rest) });
      else if (mark === '< ') row.steps.push({ kind: 'expect', octets: octetsOf(rest), datagrams: [] });
      else if (mark === '~ ') row.steps.push({ kind: 'wait', seconds: Number(rest) });
      else if (mark === 'u ' && last?.kind === 'expect') last.datagrams.push(octetsOf(rest));
      else throw new Error(`${at}: expected one of = > < u ~`);
    });
  return rows;
}

const ESCAPES: Readonly<Record<string, string>> = { r: '\r', n: '\n', t: '\t', '0': '\0', '\\': '\\' };

function octetsOf(text: string): string {
  const repeated = text.replace(/\{([^{}*]+)\*([0-9]+)\}/g, (_, part: string, times: string) => {
    return part.repeat(Number(times));
  });
  return repeated.replace(/\\(x[0-9a-f]{2}|.)/g, (_, name: string) => {
    return name.length > 1 ? String.fromCharCode(Number.parseInt(name.slice(1), 16)) : (ESCAPES[name] ?? name);
  });
}

/** Numbers that a row has names for: `{cas}` stands for what was there when the name came first. */
export class NamedNumbers {
  private readonly numbers = new Map<string, string>();

  /** What is to be sent. */
  fill(text: string): string {
    return text.replace(/\{([a-z]+)\}/g, (whole, name: string) => this.numbers.get(name) ?? whole);
  }

  /** Whether an answer is as expected; learns the numbers whose names come first. */
  match(expected: string, actual: string): boolean {
    const names: string[] = [];
    const pattern = this.fill(expected).replace(/\{([a-z]+|#|\.\.\.)\}|[\\^$.*+?()[\]{}|]/g, (found, name?: string) => {
      if (name === undefined) return `\\${found}`;
      if (name === '#') return '[0-9]+';
      if (name === '...') return '[^]*';
      if (names.includes(name)) return `\\${names.indexOf(name) + 1}`;
      names.push(name);
      return '([0-9]+)';
    });
    const match = new RegExp(`^${pattern}$`).exec(actual);
    if (match === null) return false;
    names.forEach((name, index) => {
      this.numbers.set(name, match[index + 1] as string);
    });
    return true;
  }
}
