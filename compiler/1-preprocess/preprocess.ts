import { formatPosition, type SourcePosition } from '../../base/errors.ts';
import type { Diagnostics, SourceFiles } from '../diagnostics.ts';
import { evaluateCondition } from './condition.ts';
import { lex } from './lex.ts';
import { type Macro, MacroExpander } from './macro.ts';
import type { Token } from './token.ts';

export interface PreprocessInput {
  /** Every file that may be included, by path. */
  readonly files: SourceFiles;
  readonly main: string;
  /** Folders that `#include <x>` looks in, and `#include "x"` after the including file's own. No trailing slash. */
  readonly includePaths: readonly string[];
  /** As `-D name=value`. */
  readonly defines: Readonly<Record<string, string>>;
  /** What `__FILE__` is in a file whose path depends on the machine, by path. */
  readonly imagePaths?: ReadonlyMap<string, string> | undefined;
}

const MAX_INCLUDE_DEPTH = 64;

/** Folder of headers that the compiler makes: nobody can open them, so messages must not look as if one could. */
export const GENERATED_FOLDER = '<generated>';

/**
 * Translation phases 1 to 4: what the parsers read. Comments, directives and macros are gone; `#pragma` lines are
 * tokens of their own. The last token is of kind `end`. Errors go to `diagnostics` and the rest is still given.
 */
export function preprocess(input: PreprocessInput, diagnostics: Diagnostics): Token[] {
  const preprocessor = new Preprocessor(input, diagnostics);
  for (const [name, value] of Object.entries(input.defines)) preprocessor.predefine(name, value);
  const text = input.files.get(input.main);
  const start = { file: input.main, line: 1, column: 1 };
  if (text === undefined) {
    diagnostics.error('pp-no-such-file', start, `${input.main} is not among the sources`);
    return [{ kind: 'end', text: '', position: start, spaceBefore: false, lineStart: true }];
  }
  preprocessor.file(input.main, text, 0);
  preprocessor.output.push(
    preprocessor.endToken ?? { kind: 'end', text: '', position: start, spaceBefore: false, lineStart: true },
  );
  return preprocessor.output;
}

/** One `#if` group that is being read. */
interface Conditional {
  readonly position: SourcePosition;
  /** The text around it counts. */
  readonly outerActive: boolean;
  active: boolean;
  /** Some branch was taken already. */
  taken: boolean;
  sawElse: boolean;
}

class Preprocessor {
  readonly output: Token[] = [];
  endToken: Token | undefined;
  private readonly input: PreprocessInput;
  private readonly diagnostics: Diagnostics;
  private readonly macros = new Map<string, Macro>();
  private readonly expander: MacroExpander;
  private readonly once = new Set<string>();

  constructor(input: PreprocessInput, diagnostics: Diagnostics) {
    this.input = input;
    this.diagnostics = diagnostics;
    this.expander = new MacroExpander(this.macros, diagnostics, input.imagePaths ?? new Map());
  }

  predefine(name: string, value: string): void {
    const body = lex('<command line>', value, this.diagnostics).slice(0, -1);
    const position = { file: '<command line>', line: 1, column: 1 };
    this.macros.set(name, { name, parameters: undefined, variadic: false, body, position });
  }

  file(path: string, text: string, depth: number): void {
    const tokens = lex(path, text, this.diagnostics);
    const conditionals: Conditional[] = [];
    let at = 0;
    while (at < tokens.length && tokens[at]?.kind !== 'end') {
      const token = tokens[at] as Token;
      const active = conditionals.at(-1)?.active ?? true;
      if (token.lineStart && token.text === '#') {
        const end = lineEnd(tokens, at + 1);
        this.directive(token, tokens.slice(at + 1, end), conditionals, path, depth);
        at = end;
      } else if (active) {
        at = this.textLine(tokens, at);
      } else {
        at = lineEnd(tokens, at + 1);
      }
    }
    for (const open of conditionals) {
      this.diagnostics.error('pp-unterminated-conditional', open.position, '#if without #endif');
    }
    this.endToken = tokens.at(-1);
  }

  /** Expands one line; the arguments of a macro may reach into the lines that follow. Answers where to go on. */
  private textLine(tokens: readonly Token[], start: number): number {
    let at = lineEnd(tokens, start + 1);
    const more = (): Token | undefined => {
      const token = tokens[at];
      if (token === undefined || token.kind === 'end' || (token.lineStart && token.text === '#')) return undefined;
      at++;
      return token;
    };
    for (const token of this.expander.expand(tokens.slice(start, at), more)) this.output.push(token);
    // `more` may have stopped in the middle of a line: the rest of that line is expanded as a line of its own.
    if (at < tokens.length && tokens[at]?.lineStart === false) return this.textLine(tokens, at);
    return at;
  }

  private directive(
    hash: Token,
    line: readonly Token[],
    conditionals: Conditional[],
    path: string,
    depth: number,
  ): void {
    const name = line[0];
    if (name === undefined) return;
    const rest = line.slice(1);
    const active = conditionals.at(-1)?.active ?? true;
    switch (name.text) {
      case 'if':
      case 'ifdef':
      case 'ifndef': {
        const holds = active && this.condition(name, rest);
        conditionals.push({
          position: hash.position,
          outerActive: active,
          active: holds,
          taken: holds,
          sawElse: false,
        });
        return;
      }
      case 'elif':
      case 'else':
      case 'endif':
        this.conditionalPart(name, rest, conditionals);
        return;
    }
    if (!active) return;
    switch (name.text) {
      case 'define':
        this.define(name, rest);
        return;
      case 'undef':
        if (this.macroName(name, rest[0])) this.macros.delete(rest[0]?.text ?? '');
        return;
      case 'include':
        this.include(name, rest, path, depth);
        return;
      case 'error':
        this.diagnostics.error('pp-error-directive', hash.position, `#error ${spell(rest)}`);
        return;
      case 'warning':
        this.diagnostics.warning('pp-warning-directive', hash.position, `#warning ${spell(rest)}`);
        return;
      case 'pragma':
        if (rest[0]?.text === 'once') this.once.add(path);
        else this.output.push({ ...hash, kind: 'pragma', text: spell(rest) });
        return;
      default:
        this.diagnostics.error('pp-unknown-directive', name.position, `#${name.text} is no directive`);
    }
  }

  private conditionalPart(name: Token, rest: readonly Token[], conditionals: Conditional[]): void {
    const current = conditionals.at(-1);
    if (current === undefined) {
      this.diagnostics.error('pp-unmatched-conditional', name.position, `#${name.text} without #if`);
      return;
    }
    if (name.text === 'endif') {
      conditionals.pop();
      return;
    }
    if (current.sawElse) {
      this.diagnostics.error('pp-unmatched-conditional', name.position, `#${name.text} after #else`);
    }
    if (name.text === 'else') {
      current.sawElse = true;
      current.active = current.outerActive && !current.taken;
    } else {
      current.active = current.outerActive && !current.taken && this.condition({ ...name, text: 'if' }, rest);
    }
    current.taken ||= current.active;
  }

  private condition(name: Token, rest: readonly Token[]): boolean {
    if (name.text !== 'if') {
      if (!this.macroName(name, rest[0])) return false;
      return this.macros.has(rest[0]?.text ?? '') === (name.text === 'ifdef');
    }
    return evaluateCondition(this.expander.expand(this.resolveDefined(rest)), name.position, this.diagnostics);
  }

  /** `defined X` and `defined(X)` before macros expand. */
  private resolveDefined(tokens: readonly Token[]): Token[] {
    const result: Token[] = [];
    for (let i = 0; i < tokens.length; i++) {
      const token = tokens[i] as Token;
      if (token.text !== 'defined') {
        result.push(token);
        continue;
      }
      const parenthesised = tokens[i + 1]?.text === '(';
      const name = tokens[i + (parenthesised ? 2 : 1)];
      const closed = !parenthesised || tokens[i + 3]?.text === ')';
      if (name?.kind !== 'identifier' || !closed) {
        this.diagnostics.error('pp-bad-condition', token.position, 'defined needs a name');
        return [{ ...token, kind: 'number', text: '0' }];
      }
      result.push({ ...token, kind: 'number', text: this.macros.has(name.text) ? '1' : '0' });
      i += parenthesised ? 3 : 1;
    }
    return result;
  }

  private macroName(directive: Token, name: Token | undefined): boolean {
    if (name?.kind === 'identifier' && name.text !== 'defined') return true;
    const position = name?.position ?? directive.position;
    this.diagnostics.error('pp-bad-macro', position, `#${directive.text} needs the name of a macro`);
    return false;
  }

  /** C99 6.10.3 */
  private define(directive: Token, rest: readonly Token[]): void {
    const name = rest[0];
    if (name === undefined || !this.macroName(directive, name)) {
      if (name === undefined) this.macroName(directive, name);
      return;
    }
    let body = rest.slice(1);
    let parameters: string[] | undefined;
    let variadic = false;
    if (body[0]?.text === '(' && !body[0].spaceBefore) {
      const close = body.findIndex((token) => token.text === ')');
      const list = readParameters(close < 0 ? undefined : body.slice(1, close));
      if (list === undefined) {
        this.diagnostics.error('pp-bad-macro', name.position, `bad parameter list of macro ${name.text}`);
        return;
      }
      parameters = list.names;
      variadic = list.variadic;
      body = body.slice(close + 1);
      const lone = body.find((token, i) => token.text === '#' && !isParameter(body[i + 1], list));
      if (lone !== undefined) {
        this.diagnostics.error('pp-bad-macro', lone.position, '# must stand before a parameter of the macro');
        return;
      }
    }
    if (body[0]?.text === '##' || body.at(-1)?.text === '##') {
      this.diagnostics.error('pp-bad-macro', name.position, '## must stand between two tokens');
      return;
    }
    const before = this.macros.get(name.text);
    if (before !== undefined && spell(before.body) !== spell(body)) {
      const text = `macro ${name.text} is defined again with another text`;
      this.diagnostics.warning(
        'pp-macro-redefined',
        name.position,
        text,
        `first at ${formatPosition(before.position)}`,
      );
    }
    this.macros.set(name.text, { name: name.text, parameters, variadic, body, position: name.position });
  }

  /** C99 6.10.2 */
  private include(directive: Token, rest: readonly Token[], from: string, depth: number): void {
    const line = rest[0]?.kind === 'string' || rest[0]?.text === '<' ? rest : this.expander.expand(rest);
    const quoted = line[0]?.kind === 'string';
    const name = quoted ? (line[0]?.text.slice(1, -1) ?? '') : spellTight(line).replace(/^<|>.*$/g, '');
    if (!quoted && (line[0]?.text !== '<' || !line.some((token) => token.text === '>'))) {
      this.diagnostics.error('pp-bad-include', directive.position, '#include needs "file" or <file>');
      return;
    }
    const folder = from.includes('/') ? from.slice(0, from.lastIndexOf('/')) : '';
    const folders = quoted ? [folder, ...this.input.includePaths] : this.input.includePaths;
    const path = folders.map((each) => joinPath(each, name)).find((each) => this.input.files.has(each));
    const position = line[0]?.position ?? directive.position;
    if (path === undefined) {
      const onDisk = folders.filter((each) => each !== GENERATED_FOLDER);
      const looked = onDisk.map((each) => (each === '' ? '.' : each)).join(', ') || 'nowhere';
      this.diagnostics.error('pp-no-such-file', position, `cannot find ${name}`, `looked in: ${looked}`);
      return;
    }
    if (depth >= MAX_INCLUDE_DEPTH) {
      this.diagnostics.error('pp-include-depth', position, `includes are nested more than ${MAX_INCLUDE_DEPTH} deep`);
      return;
    }
    if (!this.once.has(path)) this.file(path, this.input.files.get(path) ?? '', depth + 1);
  }
}

function lineEnd(tokens: readonly Token[], from: number): number {
  let at = from;
  while (at < tokens.length && tokens[at]?.lineStart === false) at++;
  return at;
}

interface ParameterList {
  readonly names: string[];
  readonly variadic: boolean;
}

function readParameters(tokens: readonly Token[] | undefined): ParameterList | undefined {
  if (tokens === undefined) return undefined;
  const names: string[] = [];
  for (let i = 0; i < tokens.length; i += 2) {
    const token = tokens[i] as Token;
    const comma = tokens[i + 1];
    if (token.text === '...' && comma === undefined) return { names, variadic: true };
    if (token.kind !== 'identifier' || names.includes(token.text)) return undefined;
    if (comma !== undefined && (comma.text !== ',' || i + 2 >= tokens.length)) return undefined;
    names.push(token.text);
  }
  return { names, variadic: false };
}

function isParameter(token: Token | undefined, list: ParameterList): boolean {
  if (token === undefined) return false;
  return list.names.includes(token.text) || (list.variadic && token.text === '__VA_ARGS__');
}

function spell(tokens: readonly Token[]): string {
  return tokens.map((token, i) => (i > 0 && token.spaceBefore ? ' ' : '') + token.text).join('');
}

function spellTight(tokens: readonly Token[]): string {
  return tokens.map((token) => token.text).join('');
}

/** `a/b` + `../c` = `a/c`. */
function joinPath(folder: string, name: string): string {
  const parts: string[] = folder === '' || folder === '.' ? [] : folder.split('/');
  for (const part of name.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}
