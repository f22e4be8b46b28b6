import type { Diagnostics } from '../diagnostics.ts';
import type { Macro } from './definition.ts';
import { lex } from './lex.ts';
import { isPunctuator } from './parentheses.ts';
import { substitute } from './substitute.ts';
import type { Token } from './token.ts';

/** A program that grows past this by expansion is taken for a mistake, not compiled. */
const MAX_EXPANDED_TOKENS = 500_000;

/** Operators of conditions whose operand is not expanded (C99 6.10.1p4, C23 6.10.1). */
const CONDITION_OPERATORS: readonly string[] = ['defined', '__has_include'];

/** What a translation does not vary with: the same sources give the same octets. */
const FIXED: Readonly<Record<string, string>> = { __DATE__: '"Jan  1 1970"', __TIME__: '"00:00:00"' };

/** Names that the expander knows beside those of `#define`. */
export const BUILT_IN_MACROS: readonly string[] = ['__LINE__', '__FILE__', '__COUNTER__', ...Object.keys(FIXED)];

/**
 * Macro expansion with hide sets (C99 6.10.3; the algorithm is Prosser's, which the standard's wording follows). Tokens
 * out of a macro carry the position where the macro was used, because that is where a person looks first.
 */
export class MacroExpander {
  readonly macros: Map<string, Macro>;
  private readonly diagnostics: Diagnostics;
  private readonly imagePaths: ReadonlyMap<string, string>;
  private produced = 0;
  private counter = 0;
  private exhausted = false;

  /** @param imagePaths what `__FILE__` is, for files whose own path it is not */
  constructor(macros: Map<string, Macro>, diagnostics: Diagnostics, imagePaths: ReadonlyMap<string, string>) {
    this.macros = macros;
    this.diagnostics = diagnostics;
    this.imagePaths = imagePaths;
  }

  /**
   * Expands a run of tokens completely. A function-like macro whose arguments go on beyond the run takes them from
   * `more`, which gives the next token of the file or undefined at its end.
   */
  expand(tokens: readonly Token[], more: () => Token | undefined = () => undefined): Token[] {
    return this.expandAll(tokens, more, false);
  }

  /** As `expand`, for the line of a `#if`: the operands of `defined` and `__has_include` stay. */
  expandCondition(tokens: readonly Token[]): Token[] {
    return this.expandAll(tokens, () => undefined, true);
  }

  private expandAll(tokens: readonly Token[], more: () => Token | undefined, isCondition: boolean): Token[] {
    // A stack with the next token on top, so that replacement lists go back in front cheaply.
    const pending = [...tokens].reverse();
    const output: Token[] = [];
    /** White space before a use that came to nothing: it goes before what follows. */
    let spaceOwed = false;
    for (let token = pending.pop(); token !== undefined; token = pending.pop()) {
      if (isCondition && CONDITION_OPERATORS.includes(token.text)) {
        output.push(token, ...takeOperand(pending));
        continue;
      }
      const replaced = this.replace(token, pending, more);
      if (replaced === undefined) {
        output.push(spaceOwed ? { ...token, spaceBefore: true } : token);
        spaceOwed = false;
      } else if (replaced.length === 0) {
        spaceOwed ||= token.spaceBefore || token.lineStart;
      } else {
        for (let i = replaced.length - 1; i > 0; i--) pending.push(replaced[i] as Token);
        const { spaceBefore, lineStart } = token;
        pending.push({ ...(replaced[0] as Token), spaceBefore, lineStart });
      }
    }
    return output;
  }

  private replace(token: Token, pending: Token[], more: () => Token | undefined): readonly Token[] | undefined {
    if (token.kind !== 'identifier' || this.exhausted) return undefined;
    const macro = this.macros.get(token.text);
    if (macro === undefined) return this.builtIn(token);
    if (token.hidden?.has(token.text) === true) return undefined;
    if (macro.parameters === undefined) return this.replacement(macro, [], token, token.hidden);
    const call = this.readArguments(macro, macro.parameters, token, pending, more);
    if (call === undefined) return undefined;
    // What the name and the closing parenthesis both come out of is still being replaced.
    const hidden = [...(token.hidden ?? [])].filter((name) => call.close.hidden?.has(name) === true);
    return this.replacement(macro, call.arguments, token, hidden);
  }

  private builtIn(token: Token): readonly Token[] | undefined {
    if (!BUILT_IN_MACROS.includes(token.text)) return undefined;
    if (token.text === '__LINE__') return [{ ...token, kind: 'number', text: String(token.position.line) }];
    if (token.text === '__COUNTER__') return [{ ...token, kind: 'number', text: String(this.counter++) }];
    const { file } = token.position;
    const text = FIXED[token.text] ?? JSON.stringify(this.imagePaths.get(file) ?? file);
    return [{ ...token, kind: 'string', text }];
  }

  /** The arguments after a macro name, or undefined when no `(` follows (then the name is an ordinary identifier). */
  private readArguments(
    macro: Macro,
    parameters: readonly string[],
    name: Token,
    pending: Token[],
    more: () => Token | undefined,
  ): { readonly arguments: Token[][]; readonly close: Token } | undefined {
    const next = (): Token | undefined => pending.pop() ?? more();
    const open = next();
    if (open === undefined) return undefined;
    if (!isPunctuator(open, '(')) {
      pending.push(open);
      return undefined;
    }
    const found: Token[][] = [[]];
    let depth = 0;
    let close: Token;
    for (;;) {
      const token = next();
      if (token === undefined) {
        const text = `arguments of macro ${macro.name} do not end`;
        this.diagnostics.error('pp-unterminated-arguments', name.position, text);
        return undefined;
      }
      if (isPunctuator(token, ')') && depth === 0) {
        close = token;
        break;
      }
      if (isPunctuator(token, '(')) depth++;
      if (isPunctuator(token, ')')) depth--;
      const inRest = macro.variadic && found.length >= parameters.length;
      if (isPunctuator(token, ',') && depth === 0 && !inRest) found.push([]);
      else found.at(-1)?.push(token);
    }
    const none = found.length === 1 && found[0]?.length === 0;
    if (none && parameters.length === (macro.variadic ? 1 : 0)) return { arguments: [], close };
    // Variable arguments may be left out with their comma (GNU, C23).
    const isLeftOut = macro.variadic && found.length === parameters.length - 1;
    if (found.length !== parameters.length && !isLeftOut) {
      const least = macro.variadic ? `at least ${parameters.length - 1}` : String(parameters.length);
      const text = `macro ${macro.name} takes ${least} arguments, ${none ? 0 : found.length} given`;
      const { file, line, column } = macro.position;
      this.diagnostics.error('pp-argument-count', name.position, text, `defined at ${file}:${line}:${column}`);
      while (found.length < parameters.length) found.push([]);
    }
    return { arguments: found, close };
  }

  /** The replacement of one use: positions and hide sets of what `substitute` gives. */
  private replacement(
    macro: Macro,
    call: readonly Token[][],
    use: Token,
    outer: Iterable<string> | undefined,
  ): readonly Token[] {
    const tokens = substitute(macro, call, {
      expand: (argument) => this.expand(argument),
      paste: (left, right) => this.paste(left, right, use),
    });
    this.produced += tokens.length;
    if (this.produced > MAX_EXPANDED_TOKENS && !this.exhausted) {
      this.exhausted = true;
      this.diagnostics.error('pp-expansion-too-large', use.position, 'macro expansion gives more than 500,000 tokens');
    }
    const hidden = new Set(outer);
    hidden.add(macro.name);
    return tokens.map((token) => ({
      ...token,
      position: use.position,
      lineStart: false,
      spaceBefore: token.spaceBefore || token.lineStart,
      hidden: token.hidden === undefined ? hidden : new Set([...hidden, ...token.hidden]),
    }));
  }

  /** 6.10.3.3: two tokens as one, or undefined when they make none. */
  private paste(left: Token, right: Token, use: Token): Token | undefined {
    const [pasted, end] = lex(use.position.file, left.text + right.text);
    if (pasted === undefined || end?.kind !== 'end' || pasted.fault !== undefined) {
      const text = `pasting ${left.text} and ${right.text} gives no single token`;
      this.diagnostics.error('pp-invalid-paste', use.position, text);
      return undefined;
    }
    return { ...pasted, position: use.position, spaceBefore: left.spaceBefore, lineStart: false };
  }
}

/** `X`, `(X)`, or all of a balanced `( ... )` from the top of the stack. */
function takeOperand(pending: Token[]): Token[] {
  const taken: Token[] = [];
  let depth = 0;
  do {
    const token = pending.pop();
    if (token === undefined) break;
    if (isPunctuator(token, '(')) depth++;
    if (isPunctuator(token, ')')) depth--;
    taken.push(token);
  } while (depth > 0);
  return taken;
}
