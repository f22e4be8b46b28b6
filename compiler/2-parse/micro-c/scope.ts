import type { TokenStream } from '../token-stream.ts';
import type { Attribute, Declaration, Declarator, Expression, Initializer, TypeName } from './tree.ts';

/**
 * What a parser of C needs beside its tokens: which identifiers name types at this point (6.7.7), because `a * b;`
 * declares or multiplies depending on it.
 */
export interface ParserState {
  readonly tokens: TokenStream;
  readonly scope: TypedefScope;
  readonly grammar: Grammar;
  readonly pragmas: Pragmas;
}

/**
 * Where the grammar goes round: an expression can hold a type, a type an expression, a statement a declaration. These
 * symbols are reached through here, so that the files of the parser import one another in one direction.
 */
export interface Grammar {
  typeName(state: ParserState): TypeName;
  structDeclarator(state: ParserState): { readonly declarator: Declarator; readonly bits: Expression | undefined };
  declaration(state: ParserState): Declaration;
  initializer(state: ParserState): Initializer;
}

export type Pragmas = { readonly position: Attribute['position']; readonly text: string }[];

export class TypedefScope {
  private readonly scopes: Map<string, boolean>[] = [new Map()];

  enter(): void {
    this.scopes.push(new Map());
  }

  leave(): void {
    this.scopes.pop();
  }

  declare(name: string, isTypedef: boolean): void {
    this.scopes.at(-1)?.set(name, isTypedef);
  }

  isTypedef(name: string): boolean {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const found = this.scopes[i]?.get(name);
      if (found !== undefined) return found;
    }
    return false;
  }
}

export const BASE_TYPE_WORDS: ReadonlySet<string> = new Set(
  'void char short int long float double signed unsigned _Bool __int64 __signed__ __signed'.split(' '),
);
export const STORAGE_WORDS: ReadonlySet<string> = new Set(['typedef', 'extern', 'static', 'auto', 'register']);
export const QUALIFIER_WORDS: ReadonlySet<string> = new Set(
  (
    'const volatile restrict __restrict __restrict__ __const __volatile__ __volatile _Alignas __lmem __cls __ctm __imem __emem __mem __gpr __xread __xwrite __xrw ' +
    '__addr32 __addr40 __shared __export __import __declspec __attribute__ __align4 __align8 __align16 __align32 ' +
    '__align64 __align128'
  ).split(' '),
);
export const FUNCTION_WORDS: ReadonlySet<string> = new Set([
  'inline',
  '__inline',
  '__inline__',
  '_Noreturn',
  '__forceinline',
  '__noinline',
  '__intrinsic',
]);

const OTHER_KEYWORDS =
  'break case continue default do else enum for goto if return sizeof struct switch union while _Static_assert ' +
  'static_assert _Alignof __alignof__ typeof __typeof__ __typeof asm __asm __asm__ _Generic _Atomic _Thread_local _Complex';
export const TYPEOF_WORDS: ReadonlySet<string> = new Set(['typeof', '__typeof__', '__typeof']);
export const ASSERTION_WORDS: ReadonlySet<string> = new Set(['_Static_assert', 'static_assert']);
export const ASSEMBLY_WORDS: ReadonlySet<string> = new Set(['asm', '__asm', '__asm__']);

/** Words that cannot be names. */
export const KEYWORDS: ReadonlySet<string> = new Set([
  ...BASE_TYPE_WORDS,
  ...STORAGE_WORDS,
  ...QUALIFIER_WORDS,
  ...FUNCTION_WORDS,
  ...OTHER_KEYWORDS.split(' '),
]);

/** Specifiers of C11 and C99 that the NIC has nothing for. */
export const UNSUPPORTED_SPECIFIERS: ReadonlySet<string> = new Set(['_Atomic', '_Thread_local', '_Complex']);

/** The current token can begin declaration-specifiers (6.7). */
export function startsDeclaration(state: ParserState): boolean {
  const { kind, text } = state.tokens.current;
  if (kind !== 'identifier') return false;
  if (BASE_TYPE_WORDS.has(text) || QUALIFIER_WORDS.has(text) || STORAGE_WORDS.has(text)) return true;
  if (FUNCTION_WORDS.has(text) || text === 'struct' || text === 'union' || text === 'enum') return true;
  if (TYPEOF_WORDS.has(text) || UNSUPPORTED_SPECIFIERS.has(text)) return true;
  return state.scope.isTypedef(text) && state.tokens.peek().text !== ':';
}

/** The token after `(` begins a type-name: a cast, not an expression in parentheses. */
export function typeNameFollows(state: ParserState): boolean {
  const { kind, text } = state.tokens.peek();
  if (kind !== 'identifier') return false;
  if (BASE_TYPE_WORDS.has(text) || QUALIFIER_WORDS.has(text) || TYPEOF_WORDS.has(text)) return true;
  return text === 'struct' || text === 'union' || text === 'enum' || state.scope.isTypedef(text);
}
