import type { SourcePosition } from '../../base/errors.ts';
import { Diagnostics } from '../diagnostics.ts';
import { lex } from './lex.ts';
import type { Token } from './token.ts';

export interface Macro {
  readonly name: string;
  /** Absent for an object-like macro. */
  readonly parameters: readonly string[] | undefined;
  readonly variadic: boolean;
  readonly body: readonly Token[];
  readonly position: SourcePosition;
}

/** A program that grows past this by expansion is taken for a mistake, not compiled. */
const MAX_EXPANDED_TOKENS = 500_000;

/**
 * Macro expansion with hide sets (C99 6.10.3; the algorithm is Prosser's, which the standard's wording follows). Tokens
 * out of a macro carry the position where the macro was used, because that is where a person looks first.
 */
export class MacroExpander {
  readonly macros: Map<string, Macro>;
  private readonly diagnostics: Diagnostics;
  private readonly imagePaths: ReadonlyMap<string, string>;
  private produced = 0;
  private exhausted = false;

  /** @param imagePaths what `__FILE__` is, for files whose own path it is not */
  constructor(macros: Map<string, Macro>, diagnostics: Diagnostics, imagePaths: ReadonlyMap<string, string>) {
    this.macros = macros;
    this.diagnostics = diagnostics;
    this.imagePaths = imagePaths;
  }

  /**
   * Expands a run of tokens completely. A function-like macro whose arguments go on beyond the run takes them from
   * `more`, which gives the next token of the file or undefined at its end or at a directive.
   */
  expand(tokens: readonly Token[], more: () => Token | undefined = () => undefined): Token[] {
    // A stack with the next token on top, so that replacement lists go back in front cheaply.
    const pending = [...tokens].reverse();
    const output: Token[] = [];
    for (let token = pending.pop(); token !== undefined; token = pending.pop()) {
      const replaced = this.replace(token, pending, more);
      if (replaced === undefined) output.push(token);
      else for (let i = replaced.length - 1; i >= 0; i--) pending.push(replaced[i] as Token);
    }
    return output;
  }

  private replace(token: Token, pending: Token[], more: () => Token | undefined): Token[] | undefined {
    if (token.kind !== 'identifier' || this.exhausted) return undefined;
    if (token.text === '__LINE__') return [{ ...token, kind: 'number', text: String(token.position.line) }];
    if (token.text === '__FILE__') {
      const { file } = token.position;
      return [{ ...token, kind: 'string', text: JSON.stringify(this.imagePaths.get(file) ?? file) }];
    }
    const macro = this.macros.get(token.text);
    if (macro === undefined || token.hidden?.has(token.text) === true) return undefined;
    const hidden = new Set(token.hidden);
    hidden.add(macro.name);
    if (macro.parameters === undefined) return this.substitute(macro, [], token, hidden);
    const call = this.readArguments(macro, macro.parameters, token, pending, more);
    if (call === undefined) return undefined;
    return this.substitute(macro, call, token, hidden);
  }

  /** The arguments after a macro name, or undefined when no `(` follows (then the name is an ordinary identifier). */
  private readArguments(
    macro: Macro,
    parameters: readonly string[],
    name: Token,
    pending: Token[],
    more: () => Token | undefined,
  ): Token[][] | undefined {
    const next = (): Token | undefined => pending.pop() ?? more();
    const open = next();
    if (open === undefined) return undefined;
    if (open.text !== '(') {
      pending.push(open);
      return undefined;
    }
    const found: Token[][] = [[]];
    let depth = 0;
    for (;;) {
      const token = next();
      if (token === undefined) {
        this.diagnostics.error(
          'pp-unterminated-arguments',
          name.position,
          `arguments of macro ${macro.name} do not end`,
        );
        return undefined;
      }
      if (token.text === ')' && token.kind === 'punctuator' && depth === 0) break;
      if (token.text === '(') depth++;
      if (token.text === ')') depth--;
      const inRest = macro.variadic && found.length > parameters.length;
      if (token.text === ',' && depth === 0 && !inRest) found.push([]);
      else found.at(-1)?.push(token);
    }
    if (parameters.length === 0 && !macro.variadic && found.length === 1 && found[0]?.length === 0) return [];
    const enough = macro.variadic ? found.length >= parameters.length : found.length === parameters.length;
    if (!enough) {
      const text = `macro ${macro.name} takes ${parameters.length} arguments, ${found.length} given`;
      this.diagnostics.error('pp-argument-count', name.position, text);
      while (found.length < parameters.length) found.push([]);
    }
    if (macro.variadic && found.length === parameters.length) found.push([]);
    return found;
  }

  /** C99 6.10.3.1 to 6.10.3.3: arguments, `#`, `##`. */
  private substitute(macro: Macro, call: Token[][], use: Token, hidden: ReadonlySet<string>): Token[] {
    const names = macro.variadic ? [...(macro.parameters ?? []), '__VA_ARGS__'] : (macro.parameters ?? []);
    const argumentOf = (token: Token | undefined): Token[] | undefined => {
      if (token?.kind !== 'identifier' || macro.parameters === undefined) return undefined;
      const index = names.indexOf(token.text);
      return index < 0 ? undefined : (call[index] ?? []);
    };
    const result: Token[] = [];
    const body = macro.body;
    for (let i = 0; i < body.length; i++) {
      const token = body[i] as Token;
      const argument = argumentOf(token);
      const pastes = body[i + 1]?.text === '##';
      if (token.text === '#' && macro.parameters !== undefined) {
        result.push(stringify(argumentOf(body[i + 1]) ?? [], token));
        i++;
      } else if (token.text === '##' && i > 0) {
        const right = body[i + 1] as Token;
        const tokens = argumentOf(right) ?? [right];
        this.paste(result, tokens, use);
        i++;
      } else if (argument === undefined) {
        result.push(token);
      } else {
        // An operand of ## is not expanded first; an empty one leaves a placemarker for ## to meet.
        const tokens = pastes ? argument : this.expand(argument);
        if (tokens.length === 0 && pastes) result.push(placemarker(token));
        tokens.forEach((each, index) => {
          result.push(index === 0 ? { ...each, spaceBefore: token.spaceBefore } : each);
        });
      }
    }
    const finished = result.filter((token) => !isPlacemarker(token));
    this.produced += finished.length;
    if (this.produced > MAX_EXPANDED_TOKENS && !this.exhausted) {
      this.exhausted = true;
      this.diagnostics.error('pp-expansion-too-large', use.position, 'macro expansion gives more than 500,000 tokens');
    }
    return finished.map((token) => ({
      ...token,
      position: use.position,
      hidden: token.hidden === undefined ? hidden : new Set([...hidden, ...token.hidden]),
    }));
  }

  private paste(result: Token[], right: readonly Token[], use: Token): void {
    const left = result.pop();
    const [first, ...rest] = right;
    if (first === undefined) {
      if (left !== undefined) result.push(left);
      return;
    }
    const leftText = left === undefined || isPlacemarker(left) ? '' : left.text;
    const pasted = lex(use.position.file, leftText + first.text, new Diagnostics());
    if (pasted.length !== 2) {
      const text = `pasting ${leftText} and ${first.text} gives no single token`;
      this.diagnostics.error('pp-invalid-paste', use.position, text);
      if (left !== undefined) result.push(left);
      result.push(first, ...rest);
      return;
    }
    const token = pasted[0] as Token;
    result.push(
      { ...token, position: use.position, spaceBefore: left?.spaceBefore ?? false, lineStart: false },
      ...rest,
    );
  }
}

function stringify(tokens: readonly Token[], at: Token): Token {
  const text = tokens
    .map((token, index) => {
      const escaped = /string|character/.test(token.kind) ? token.text.replace(/[\\"]/g, '\\$&') : token.text;
      return (index > 0 && (token.spaceBefore || token.lineStart) ? ' ' : '') + escaped;
    })
    .join('');
  return { ...at, kind: 'string', text: `"${text}"` };
}

function placemarker(token: Token): Token {
  return { ...token, kind: 'other', text: '' };
}

function isPlacemarker(token: Token): boolean {
  return token.kind === 'other' && token.text === '';
}
