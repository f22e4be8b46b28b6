import { attributeList } from './attributes.ts';
import { assignmentExpression, constantExpression } from './expressions.ts';
import { initializer } from './initializers.ts';
import { KEYWORDS, type ParserState, startsDeclaration } from './scope.ts';
import { declarationSpecifiers, isQualifier, newQualifiers, qualifier } from './specifiers.ts';
import type { DeclarationSpecifiers, Declarator, Derivation, InitDeclarator, Parameter, TypeName } from './tree.ts';

/** 6.7 init-declarator-list, up to the `;` */
export function initDeclaratorList(
  state: ParserState,
  specifiers: DeclarationSpecifiers,
  first: Declarator,
): InitDeclarator[] {
  const found: InitDeclarator[] = [];
  let next = first;
  for (;;) {
    // 6.2.1: the name is in scope as soon as its declarator is complete, its own initializer included.
    if (next.name !== undefined) state.scope.declare(next.name, specifiers.storage === 'typedef');
    found.push({ declarator: next, initializer: state.tokens.accept('=') ? initializer(state) : undefined });
    if (!state.tokens.accept(',')) return found;
    next = declarator(state, 'named');
  }
}

type Naming = 'named' | 'abstract' | 'either';

/** 6.7.5 declarator and 6.7.6 abstract-declarator */
export function declarator(state: ParserState, naming: Naming): Declarator {
  return state.tokens.nested(() => {
    const { tokens } = state;
    const pointers: Derivation[] = [];
    while (tokens.is('*')) {
      const { position } = tokens.next();
      const qualifiers = newQualifiers();
      while (isQualifier(tokens.current)) qualifier(state, qualifiers);
      // The pointer nearest to the name is written last.
      pointers.unshift({ kind: 'pointer', position, qualifiers });
    }
    // In the NIC's dialect qualifiers may also stand right before the name: `uint32_t __xread data[4]` reaches the
    // specifiers, `* __lmem p` the pointer.
    const direct = directDeclarator(state, naming);
    const derivations = [...direct.derivations, ...pointers];
    const attributes = [...(direct.attributes ?? []), ...attributeList(state)];
    return attributes.length === 0 ? { ...direct, derivations } : { ...direct, derivations, attributes };
  });
}

/** 6.7.5 direct-declarator */
function directDeclarator(state: ParserState, naming: Naming): Declarator {
  const { tokens } = state;
  const { position, kind, text } = tokens.current;
  let inner: Declarator = { position, name: undefined, derivations: [] };
  if (kind === 'identifier' && !KEYWORDS.has(text) && naming !== 'abstract') {
    tokens.next();
    inner = { position, name: text, derivations: [] };
  } else if (tokens.is('(') && groupsDeclarator(state, naming)) {
    tokens.next();
    inner = declarator(state, naming);
    tokens.expect(')', 'after the declarator');
  } else if (naming === 'named') {
    throw tokens.fault('parse-expected-name', `expected a name to declare, found ${tokens.describe()}`);
  }
  const derivations: Derivation[] = [...inner.derivations];
  for (;;) {
    const at = tokens.position;
    if (tokens.accept('[')) {
      // 6.7.5.3: `static` and qualifiers in a parameter's brackets promise something, and change no type here.
      while (tokens.is('static') || isQualifier(tokens.current)) tokens.next();
      if (tokens.is('*') && tokens.peek().text === ']') tokens.next();
      const length = tokens.is(']') ? undefined : assignmentExpression(state);
      tokens.expect(']', 'after the length of the array');
      derivations.push({ kind: 'array', position: at, length });
    } else if (tokens.accept('(')) {
      derivations.push(parameterTypeList(state, at));
    } else {
      return { ...inner, derivations };
    }
  }
}

/** `(` starts a nested declarator, not a parameter list. */
function groupsDeclarator(state: ParserState, naming: Naming): boolean {
  if (naming === 'named') return true;
  const { text, kind } = state.tokens.peek();
  if (text === '*' || text === '(' || text === '[') return true;
  return naming === 'either' && kind === 'identifier' && !KEYWORDS.has(text) && !state.scope.isTypedef(text);
}

/** 6.7.5.3 parameter-type-list, after the `(` */
function parameterTypeList(state: ParserState, position: Derivation['position']): Derivation {
  const { tokens } = state;
  const parameters: Parameter[] = [];
  let variadic = false;
  if (tokens.is('void') && tokens.peek().text === ')') tokens.next();
  if (!tokens.is(')')) {
    do {
      if (tokens.accept('...')) {
        variadic = true;
        break;
      }
      if (!startsDeclaration(state)) {
        const oldStyle = tokens.current.kind === 'identifier' && /^[,)]$/.test(tokens.peek().text);
        const hint = oldStyle ? `parameters need their types: int ${tokens.current.text}` : undefined;
        throw tokens.fault('parse-expected-type', `expected the type of a parameter, found ${tokens.describe()}`, hint);
      }
      const at = tokens.position;
      const specifiers = declarationSpecifiers(state);
      parameters.push({ position: at, specifiers, declarator: declarator(state, 'either') });
    } while (tokens.accept(','));
  }
  tokens.expect(')', 'after the parameters');
  return { kind: 'function', position, parameters, variadic };
}

/** 6.7.6 type-name */
export function typeName(state: ParserState): TypeName {
  const { position } = state.tokens;
  const specifiers = declarationSpecifiers(state);
  return { kind: 'type-name', position, specifiers, declarator: declarator(state, 'abstract') };
}

/** 6.7.2.1 struct-declarator */
export function structDeclarator(state: ParserState): {
  declarator: Declarator;
  bits: ReturnType<typeof constantExpression> | undefined;
} {
  const { tokens } = state;
  const { position } = tokens;
  const unnamed = tokens.is(':');
  const declared = unnamed ? { position, name: undefined, derivations: [] } : declarator(state, 'named');
  const bits = tokens.accept(':') ? constantExpression(state) : undefined;
  const attributes = attributeList(state);
  return { declarator: attributes.length === 0 ? declared : { ...declared, attributes }, bits };
}
