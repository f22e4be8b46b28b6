import type { Token } from '../../1-preprocess/token.ts';
import { staticAssertion } from './assertions.ts';
import { attributeList } from './attributes.ts';
import { assignmentExpression, constantExpression, expression } from './expressions.ts';
import {
  ASSERTION_WORDS,
  BASE_TYPE_WORDS,
  FUNCTION_WORDS,
  type ParserState,
  QUALIFIER_WORDS,
  STORAGE_WORDS,
  startsDeclaration,
  TYPEOF_WORDS,
  typeNameFollows,
  UNSUPPORTED_SPECIFIERS,
} from './scope.ts';
import type {
  Attribute,
  DeclarationSpecifiers,
  Declarator,
  Enumerator,
  Expression,
  MemberDeclaration,
  MemoryQualifier,
  Qualifiers,
  StorageClass,
  TypeSpecifier,
} from './tree.ts';

export function newQualifiers(): Qualifiers {
  return {
    const: false,
    volatile: false,
    memory: undefined,
    addressBits: undefined,
    scope: undefined,
    align: undefined,
  };
}

/** 6.7 declaration-specifiers: storage class, qualifiers and type in any order. */
export function declarationSpecifiers(state: ParserState): DeclarationSpecifiers {
  const { tokens, scope } = state;
  const { position } = tokens;
  const qualifiers = newQualifiers();
  const attributes: Attribute[] = [];
  const words: string[] = [];
  let storage: StorageClass | undefined;
  let inline: 'inline' | 'noinline' | undefined;
  let type: TypeSpecifier | undefined;
  for (;;) {
    const token = tokens.current;
    if (token.kind !== 'identifier') break;
    if (STORAGE_WORDS.has(token.text)) {
      if (storage !== undefined) {
        tokens.diagnostics.error('parse-two-storage-classes', token.position, `${token.text} after ${storage}`);
      }
      storage = tokens.next().text as StorageClass;
    } else if (FUNCTION_WORDS.has(token.text)) {
      inline = tokens.next().text === '__noinline' ? 'noinline' : 'inline';
    } else if (token.text === '__attribute__') {
      attributes.push(...attributeList(state));
    } else if (UNSUPPORTED_SPECIFIERS.has(token.text)) {
      const hint =
        token.text === '_Atomic' ? 'use the atomic commands: mem_test_add and the like' : 'leave the word away';
      throw tokens.fault('parse-unsupported', `${token.text} is not supported`, hint);
    } else if (isQualifier(token)) {
      if (qualifier(state, qualifiers) === 'noinline') inline = 'noinline';
    } else if (BASE_TYPE_WORDS.has(token.text) && type === undefined) {
      words.push(tokens.next().text.replace(/^__signed(__)?$/, 'signed'));
    } else if (TYPEOF_WORDS.has(token.text) && noType()) {
      type = typeofSpecifier(state);
    } else if ((token.text === 'struct' || token.text === 'union') && noType()) {
      type = structOrUnionSpecifier(state);
    } else if (token.text === 'enum' && noType()) {
      type = enumSpecifier(state);
    } else if (noType() && scope.isTypedef(token.text)) {
      type = { kind: 'typedef-name', position: token.position, name: tokens.next().text };
    } else {
      break;
    }
  }
  function noType(): boolean {
    return type === undefined && words.length === 0;
  }
  if (type === undefined && words.length === 0) {
    const hint = tokens.current.kind === 'identifier' ? `${tokens.current.text} is not the name of a type` : undefined;
    throw tokens.fault('parse-expected-type', `expected a type, found ${tokens.describe()}`, hint);
  }
  return { position, storage, inline, qualifiers, type: type ?? { kind: 'builtin', position, words }, attributes };
}

/** C23 6.7.3.6 */
function typeofSpecifier(state: ParserState): TypeSpecifier {
  const { tokens } = state;
  const { position, text } = tokens.next();
  const isType = typeNameFollows(state);
  tokens.expect('(', `after ${text}`);
  const of = isType ? state.grammar.typeName(state) : expression(state);
  tokens.expect(')', `after ${text}`);
  return { kind: 'typeof', position, of };
}

export function isQualifier(token: Token): boolean {
  return token.kind === 'identifier' && QUALIFIER_WORDS.has(token.text);
}

const MEMORY_WORDS: ReadonlyMap<string, MemoryQualifier> = new Map([
  ...(['lmem', 'cls', 'ctm', 'imem', 'emem', 'mem', 'gpr', 'xread', 'xwrite', 'xrw'] as const).map(
    (name) => [`__${name}`, name] as const,
  ),
  // Spellings inside __declspec( ).
  ['local_mem', 'lmem'],
  ['gp_reg', 'gpr'],
  ['read_reg', 'xread'],
  ['write_reg', 'xwrite'],
  ['read_write_reg', 'xrw'],
  ...(['cls', 'ctm', 'imem', 'emem', 'mem'] as const).map((name) => [name, name] as const),
]);

/** One qualifier of the language or of the NIC; answers `noinline` for the one that is about functions. */
export function qualifier(state: ParserState, into: Qualifiers): 'noinline' | undefined {
  const { tokens } = state;
  const word = tokens.current.text;
  if (word === '__declspec') return declspec(state, into);
  if (word === '_Alignas') {
    alignas(state, into);
    return undefined;
  }
  applyWord(state, word, into);
  tokens.next();
  return undefined;
}

/** C11 6.7.5 */
function alignas(state: ParserState, into: Qualifiers): void {
  const { tokens } = state;
  const { position } = tokens.next();
  const isType = typeNameFollows(state);
  tokens.expect('(', 'after _Alignas');
  into.align = isType ? { kind: 'alignof', position, of: state.grammar.typeName(state) } : constantExpression(state);
  tokens.expect(')', 'after _Alignas');
}

function applyWord(state: ParserState, word: string, into: Qualifiers): void {
  const { tokens } = state;
  const memory = MEMORY_WORDS.get(word);
  if (memory !== undefined) {
    if (into.memory !== undefined && into.memory !== memory) {
      const text = `${word} after __${into.memory}: an object lies in one memory`;
      tokens.diagnostics.error('parse-two-memories', tokens.position, text);
    }
    into.memory = memory;
  } else if (word === 'const') into.const = true;
  else if (word === '__const') into.const = true;
  else if (/^(__)?volatile(__)?$/.test(word)) into.volatile = true;
  else if (word === '__addr32' || word === 'addr32') into.addressBits = 32;
  else if (word === '__addr40' || word === 'addr40') into.addressBits = 40;
  else if (/^_*(shared|export|import)$/.test(word))
    into.scope = word.replace(/_/g, '') as 'shared' | 'export' | 'import';
  else if (/^__align\d+$/.test(word)) {
    into.align = { kind: 'integer', position: tokens.position, text: word.replace('__align', '') };
  }
}

/** `__declspec(emem export aligned(64))`, words with or without commas between them. */
function declspec(state: ParserState, into: Qualifiers): 'noinline' | undefined {
  const { tokens } = state;
  let found: 'noinline' | undefined;
  tokens.next();
  tokens.expect('(', 'after __declspec');
  while (!tokens.is(')')) {
    const word = tokens.current;
    if (word.text === 'aligned' || word.text === 'align') {
      tokens.next();
      tokens.expect('(', 'after aligned');
      into.align = assignmentExpression(state);
      tokens.expect(')', 'after the alignment');
    } else if (word.text === 'scope') {
      tokens.next();
      tokens.expect('(', 'after scope');
      const scope = tokens.expectIdentifier('a scope').text;
      into.scope = scope === 'global' || scope === 'island' ? 'export' : 'shared';
      tokens.expect(')', 'after the scope');
    } else if (word.text === 'noinline') {
      tokens.next();
      found = 'noinline';
    } else if (MEMORY_WORDS.has(word.text) || /^(shared|export|import|addr32|addr40)$/.test(word.text)) {
      applyWord(state, word.text, into);
      tokens.next();
    } else {
      throw tokens.fault('parse-unknown-declspec', `${tokens.describe()} is no attribute of __declspec`);
    }
    tokens.accept(',');
  }
  tokens.next();
  return found;
}

/** 6.7.2.1 struct-or-union-specifier */
function structOrUnionSpecifier(state: ParserState): TypeSpecifier {
  const { tokens } = state;
  const { position, text } = tokens.next();
  let packed = false;
  if (tokens.is('__packed')) packed = tokens.next() !== undefined;
  const attributes = attributeList(state);
  const tag = tokens.current.kind === 'identifier' ? tokens.next().text : undefined;
  if (!tokens.is('{')) {
    if (tag === undefined)
      throw tokens.fault('parse-expected-name', `expected a tag or { after ${text}, found ${tokens.describe()}`);
    return { kind: 'record', position, union: text === 'union', tag, members: undefined, packed, align: undefined };
  }
  tokens.next();
  const members: MemberDeclaration[] = [];
  while (!tokens.is('}') && !tokens.atEnd) {
    const member = tokens.recovering(() => structDeclaration(state));
    if (member !== undefined) members.push(member);
  }
  tokens.expect('}', `after the members of the ${text}`);
  attributes.push(...attributeList(state));
  packed ||= attributes.some(({ name }) => name === 'packed');
  const align = attributes.find(({ name }) => name === 'aligned')?.arguments[0];
  return { kind: 'record', position, union: text === 'union', tag, members, packed, align };
}

/** 6.7.2.1 struct-declaration */
function structDeclaration(state: ParserState): MemberDeclaration {
  const { tokens } = state;
  const { position } = tokens;
  if (ASSERTION_WORDS.has(tokens.current.text)) {
    const assertion = staticAssertion(state);
    const type = { kind: 'builtin', position, words: ['int'] } as const;
    const qualifiers = newQualifiers();
    const specifiers = { position, storage: undefined, inline: undefined, qualifiers, type, attributes: [] };
    return { position, specifiers, declarators: [], assertion };
  }
  if (!startsDeclaration(state)) {
    throw tokens.fault('parse-expected-type', `expected the type of a member, found ${tokens.describe()}`);
  }
  const specifiers = declarationSpecifiers(state);
  const declarators: {
    readonly declarator: Declarator;
    readonly bits: Expression | undefined;
  }[] = [];
  if (!tokens.is(';')) {
    do declarators.push(state.grammar.structDeclarator(state));
    while (tokens.accept(','));
  }
  tokens.expect(';', 'after the member');
  return { position, specifiers, declarators, assertion: undefined };
}

/** 6.7.2.2 enum-specifier */
function enumSpecifier(state: ParserState): TypeSpecifier {
  const { tokens } = state;
  const { position } = tokens.next();
  const tag = tokens.current.kind === 'identifier' ? tokens.next().text : undefined;
  if (!tokens.accept('{')) {
    if (tag === undefined)
      throw tokens.fault('parse-expected-name', `expected a tag or { after enum, found ${tokens.describe()}`);
    return { kind: 'enum', position, tag, enumerators: undefined };
  }
  const enumerators: Enumerator[] = [];
  while (!tokens.is('}')) {
    const name = tokens.expectIdentifier('the name of an enumeration constant');
    state.scope.declare(name.text, false);
    enumerators.push({
      position: name.position,
      name: name.text,
      value: tokens.accept('=') ? constantExpression(state) : undefined,
    });
    if (!tokens.accept(',')) break;
  }
  tokens.expect('}', 'after the enumeration constants');
  return { kind: 'enum', position, tag, enumerators };
}
