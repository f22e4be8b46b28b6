import { formatPosition } from '../../base/errors.ts';
import type { Diagnostics, SourceFiles } from '../diagnostics.ts';
import { evaluateCondition } from './condition.ts';
import { ConditionalGroups } from './conditional-groups.ts';
import { parseStringLiteral } from './constants.ts';
import { isSameDefinition, type Macro, readDefinition, spell } from './definition.ts';
import { findInclude, foldersOf, GENERATED_FOLDER, readIncludeName } from './include.ts';
import { lex } from './lex.ts';
import { LineNumbers } from './line-numbers.ts';
import { BUILT_IN_MACROS, MacroExpander } from './macro.ts';
import { isPunctuator } from './parentheses.ts';
import { PREDEFINED } from './predefined.ts';
import type { Token } from './token.ts';

export { GENERATED_FOLDER } from './include.ts';

export interface PreprocessInput {
  /** Every file that may be included, by path. The compiler's own headers come behind them. */
  readonly files: SourceFiles;
  readonly main: string;
  /** Folders that `#include <x>` looks in, and `#include "x"` after the including file's own. No trailing slash. */
  readonly includePaths: readonly string[];
  /** As `-D name=value`; a name may have parameters: `-D 'MAX(a,b)=...'`. */
  readonly defines: Readonly<Record<string, string>>;
  /** What `__FILE__` is in a file whose path depends on the machine, by path. */
  readonly imagePaths?: ReadonlyMap<string, string> | undefined;
}

const MAX_INCLUDE_DEPTH = 64;
const COMMAND_LINE = '<command line>';

/**
 * Translation phases 1 to 4: what the parsers read. Comments, directives and macros are gone; `#pragma` lines are
 * tokens of their own. The last token is of kind `end`. Errors go to `diagnostics` and the rest is still given.
 */
export function preprocess(input: PreprocessInput, diagnostics: Diagnostics): Token[] {
  const preprocessor = new Preprocessor(input, diagnostics);
  for (const [name, value] of Object.entries(PREDEFINED)) preprocessor.predefine(name, value);
  for (const [name, value] of Object.entries(input.defines)) preprocessor.predefine(name, value);
  const text = input.files.get(input.main);
  const start = { file: input.main, line: 1, column: 1 };
  const end: Token = { kind: 'end', text: '', position: start, spaceBefore: false, lineStart: true };
  if (text === undefined) {
    diagnostics.error('pp-no-such-file', start, `${input.main} is not among the sources`);
    return [end];
  }
  preprocessor.file(input.main, text, 0);
  preprocessor.output.push(preprocessor.endToken ?? end);
  return preprocessor.output;
}

/** A file that is being read. */
interface OpenFile {
  readonly path: string;
  readonly depth: number;
  readonly tokens: readonly Token[];
  at: number;
  readonly groups: ConditionalGroups;
  readonly lines: LineNumbers;
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
    const [first, ...rest] = lex(COMMAND_LINE, `${name} ${value}`).slice(0, -1);
    this.define(undefined, first, rest);
  }

  file(path: string, text: string, depth: number): void {
    const { diagnostics } = this;
    const tokens = lex(path, text);
    const groups = new ConditionalGroups(diagnostics);
    const file: OpenFile = { path, depth, tokens, at: 0, groups, lines: new LineNumbers() };
    for (let token = tokens[0]; token !== undefined && token.kind !== 'end'; token = tokens[file.at]) {
      if (isDirective(token)) this.directive(file);
      else if (groups.active) this.textLine(file);
      else file.at = lineEnd(tokens, file.at + 1);
    }
    groups.finish();
    this.endToken = tokens.at(-1);
  }

  /** Expands one line; the arguments of a macro may reach into the lines that follow, over directives too. */
  private textLine(file: OpenFile): void {
    const { tokens, lines } = file;
    const end = lineEnd(tokens, file.at + 1);
    const line = tokens.slice(file.at, end).map((token) => lines.placed(token));
    file.at = end;
    const more = (): Token | undefined => {
      for (;;) {
        const token = tokens[file.at];
        if (token === undefined || token.kind === 'end') return undefined;
        if (isDirective(token)) this.directive(file);
        else if (!file.groups.active) file.at = lineEnd(tokens, file.at + 1);
        else {
          file.at++;
          return lines.placed(token);
        }
      }
    };
    this.write(this.expander.expand(line, more), file.path);
  }

  /** Tokens for the parsers: `_Pragma` is a pragma (6.10.9), and what is wrong with a token is said. */
  private write(tokens: readonly Token[], path: string): void {
    for (let i = 0; i < tokens.length; i++) {
      const token = tokens[i] as Token;
      if (token.text === '_Pragma' && token.kind === 'identifier') {
        const [open, literal, close] = tokens.slice(i + 1, i + 4);
        const octets = literal?.kind === 'string' ? parseStringLiteral(literal.text.replace(/^L/, '')) : undefined;
        if (octets !== undefined && isPunctuator(open, '(') && isPunctuator(close, ')')) {
          this.pragma(token, lex(token.position.file, new TextDecoder().decode(octets)).slice(0, -1), path);
          i += 3;
          continue;
        }
        this.diagnostics.error('pp-bad-pragma', token.position, '_Pragma needs one string in parentheses');
      }
      if (token.fault === undefined) this.output.push(token);
      else this.repaired(token, token.fault);
    }
  }

  /** What a token that is none leaves: nothing that the parser would have more to say about. */
  private repaired(token: Token, { code, message, hint }: NonNullable<Token['fault']>): void {
    this.diagnostics.error(code, token.position, message, hint);
    if (token.text.startsWith('"')) this.output.push({ ...token, kind: 'string', text: '""' });
    else if (token.text.startsWith("'")) this.output.push({ ...token, kind: 'character', text: "' '" });
    else if (code === 'lex-stray-character') this.output.push(token);
  }

  private directive(file: OpenFile): void {
    const { tokens, lines, groups } = file;
    const [hash, name, ...rest] = tokens
      .slice(file.at, lineEnd(tokens, file.at + 1))
      .map((token) => lines.placed(token)) as [Token, ...Token[]];
    const position = tokens[file.at]?.position ?? hash.position;
    file.at = lineEnd(tokens, file.at + 1);
    if (name === undefined) return;
    switch (name.text) {
      case 'if':
        groups.begin(hash.position, () => this.condition(name, rest, file));
        return;
      case 'ifdef':
      case 'ifndef':
        groups.begin(hash.position, () => this.isDefinedLine(name, rest) === (name.text === 'ifdef'));
        return;
      case 'elif':
        groups.next(name, () => this.condition(name, rest, file));
        return;
      case 'else':
        groups.otherwise(name);
        this.nothingMore(name, rest);
        return;
      case 'endif':
        groups.end(name);
        this.nothingMore(name, rest);
        return;
    }
    if (!groups.active) return;
    switch (name.text) {
      case 'define':
        this.define(name, rest[0], rest.slice(1));
        return;
      case 'undef':
        if (this.isMacroName(name, rest[0])) this.macros.delete(rest[0]?.text ?? '');
        this.nothingMore(name, rest.slice(1));
        return;
      case 'include':
        this.include(name, rest, file);
        return;
      case 'line':
        this.line(file, position, name, this.expander.expand(rest));
        return;
      case 'error':
        this.diagnostics.error('pp-error-directive', hash.position, `#error ${spell(rest)}`);
        return;
      case 'warning':
        this.diagnostics.warning('pp-warning-directive', hash.position, `#warning ${spell(rest)}`);
        return;
      case 'pragma':
        this.pragma(hash, rest, file.path);
        return;
    }
    // `# 12 "file"`: what another preprocessor leaves behind.
    if (name.kind === 'number') this.line(file, position, name, [name, ...rest.slice(0, 1)]);
    else this.diagnostics.error('pp-unknown-directive', name.position, `#${name.text} is no directive`);
  }

  private pragma(at: Token, rest: readonly Token[], path: string): void {
    if (rest[0]?.text === 'once') this.once.add(path);
    else this.output.push({ ...at, kind: 'pragma', text: spell(rest) });
  }

  private line(file: OpenFile, at: Token['position'], name: Token, operands: readonly Token[]): void {
    const fault = file.lines.set(at, operands);
    if (fault !== undefined) this.diagnostics.error('pp-bad-line', name.position, fault);
  }

  private nothingMore(directive: Token, rest: readonly Token[]): void {
    const [extra] = rest;
    if (extra === undefined) return;
    const text = `${extra.text} after #${directive.text} counts for nothing`;
    this.diagnostics.warning('pp-extra-tokens', extra.position, text, 'make it a comment');
  }

  private condition(name: Token, rest: readonly Token[], file: OpenFile): boolean {
    const expanded = this.resolveOperators(this.expander.expandCondition(rest), file);
    return evaluateCondition(expanded, name.position, this.diagnostics);
  }

  private isDefinedLine(directive: Token, rest: readonly Token[]): boolean | undefined {
    if (!this.isMacroName(directive, rest[0])) return undefined;
    this.nothingMore(directive, rest.slice(1));
    return this.isDefined(rest[0]?.text ?? '');
  }

  private isDefined(name: string): boolean {
    return this.macros.has(name) || BUILT_IN_MACROS.includes(name) || name === '__has_include' || name === '_Pragma';
  }

  /** `defined X`, `defined(X)` and `__has_include(<x>)` as numbers. */
  private resolveOperators(tokens: readonly Token[], file: OpenFile): Token[] {
    const result: Token[] = [];
    for (let i = 0; i < tokens.length; i++) {
      const token = tokens[i] as Token;
      const isDefined = token.text === 'defined';
      if (!isDefined && token.text !== '__has_include') {
        result.push(token);
        continue;
      }
      const parenthesised = isPunctuator(tokens[i + 1], '(');
      const start = i + (parenthesised ? 2 : 1);
      const operand = isDefined ? this.definedOperand(tokens[start]) : this.hasIncludeOperand(tokens, start, file);
      const end = start + (operand?.length ?? 0);
      if (operand === undefined || (parenthesised ? !isPunctuator(tokens[end], ')') : !isDefined)) {
        const text = isDefined ? 'defined needs a name' : '__has_include needs ("file") or (<file>)';
        this.diagnostics.error('pp-bad-condition', token.position, text);
        return [{ ...token, kind: 'number', text: '0' }];
      }
      result.push({ ...token, kind: 'number', text: operand.holds ? '1' : '0' });
      i = parenthesised ? end : end - 1;
    }
    return result;
  }

  private definedOperand(name: Token | undefined): { holds: boolean; length: number } | undefined {
    if (name?.kind !== 'identifier') return undefined;
    return { holds: this.isDefined(name.text), length: 1 };
  }

  private hasIncludeOperand(tokens: readonly Token[], start: number, file: OpenFile) {
    let rest = tokens.slice(start);
    let name = readIncludeName(rest);
    let length = name?.length;
    if (name === undefined) {
      // A macro that gives the name: all up to the closing parenthesis.
      length = rest.findIndex((token) => isPunctuator(token, ')'));
      rest = this.expander.expand(rest.slice(0, Math.max(length, 0)));
      name = readIncludeName(rest);
    }
    if (name === undefined || length === undefined) return undefined;
    const folders = foldersOf(name, file.path, this.input.includePaths);
    return { holds: findInclude(name.name, folders, this.input.files) !== undefined, length };
  }

  private isMacroName(directive: Token | undefined, name: Token | undefined): name is Token {
    const isName = name?.kind === 'identifier' && name.text !== 'defined';
    if (isName && !BUILT_IN_MACROS.includes(name.text)) return true;
    const position = name?.position ?? directive?.position ?? { file: COMMAND_LINE, line: 1, column: 1 };
    // Whether it is defined may be asked of any name.
    if (isName && (directive?.text === 'ifdef' || directive?.text === 'ifndef')) return true;
    const text = isName
      ? `${name.text} is the compiler's own`
      : `#${directive?.text ?? 'define'} needs the name of a macro`;
    this.diagnostics.error('pp-bad-macro', position, text);
    return false;
  }

  private define(directive: Token | undefined, name: Token | undefined, rest: readonly Token[]): void {
    if (!this.isMacroName(directive, name)) return;
    const macro = readDefinition(name, rest);
    if ('message' in macro) {
      this.diagnostics.error('pp-bad-macro', macro.position, macro.message);
      return;
    }
    const before = this.macros.get(macro.name);
    if (before !== undefined && !isSameDefinition(before, macro)) {
      const text = `macro ${macro.name} is defined again with another text`;
      const hint = `first at ${formatPosition(before.position)}`;
      this.diagnostics.warning('pp-macro-redefined', macro.position, text, hint);
    }
    this.macros.set(macro.name, macro);
  }

  /** C99 6.10.2 */
  private include(directive: Token, rest: readonly Token[], file: OpenFile): void {
    const isWritten = rest[0]?.kind === 'string' || isPunctuator(rest[0], '<');
    const line = isWritten ? rest : this.expander.expand(rest);
    const name = readIncludeName(line);
    if (name === undefined) {
      this.diagnostics.error('pp-bad-include', directive.position, '#include needs "file" or <file>');
      return;
    }
    this.nothingMore(directive, line.slice(name.length));
    const folders = foldersOf(name, file.path, this.input.includePaths);
    const found = findInclude(name.name, folders, this.input.files);
    const position = line[0]?.position ?? directive.position;
    if (found === undefined) {
      const onDisk = folders.filter((each) => each !== GENERATED_FOLDER);
      const looked = onDisk.map((each) => (each === '' ? '.' : each)).join(', ') || 'nowhere';
      this.diagnostics.error('pp-no-such-file', position, `cannot find ${name.name}`, `looked in: ${looked}`);
      return;
    }
    if (file.depth >= MAX_INCLUDE_DEPTH) {
      this.diagnostics.error('pp-include-depth', position, `includes are nested more than ${MAX_INCLUDE_DEPTH} deep`);
      return;
    }
    if (!this.once.has(found.path)) this.file(found.path, found.text, file.depth + 1);
  }
}

function isDirective(token: Token): boolean {
  return token.lineStart && isPunctuator(token, '#');
}

function lineEnd(tokens: readonly Token[], from: number): number {
  let at = from;
  while (at < tokens.length && tokens[at]?.lineStart === false) at++;
  return at;
}
