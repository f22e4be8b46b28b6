import { staticAssertion } from './assertions.ts';
import { declarator, initDeclaratorList } from './declarators.ts';
import { ASSEMBLY_WORDS, ASSERTION_WORDS, type ParserState, startsDeclaration } from './scope.ts';
import { declarationSpecifiers } from './specifiers.ts';
import { compoundStatement } from './statements.ts';
import type {
  Declaration,
  DeclarationSpecifiers,
  Declarator,
  ExternalDeclaration,
  FunctionDefinition,
} from './tree.ts';

/** 6.9 external-declaration */
export function externalDeclaration(state: ParserState): ExternalDeclaration {
  const { tokens } = state;
  const { position } = tokens;
  if (ASSERTION_WORDS.has(tokens.current.text)) return staticAssertion(state);
  if (ASSEMBLY_WORDS.has(tokens.current.text)) {
    const hint = 'write it in C, with the functions that the compiler knows (docs/micro-c.md)';
    throw tokens.fault('parse-unsupported', 'inline assembly is not supported', hint);
  }
  if (!startsDeclaration(state)) {
    const name = tokens.current;
    const hint = name.kind === 'identifier' ? `${name.text} is not the name of a type` : undefined;
    throw tokens.fault('parse-expected-declaration', `expected a declaration, found ${tokens.describe()}`, hint);
  }
  const specifiers = declarationSpecifiers(state);
  if (tokens.accept(';')) return { kind: 'declaration', position, specifiers, declarators: [] };
  const first = declarator(state, 'named');
  if (tokens.is('{')) return functionDefinition(state, position, specifiers, first);
  if (first.derivations[0]?.kind === 'function' && startsDeclaration(state)) {
    const hint = 'write the types into the parentheses: int f(int a, int b)';
    throw tokens.fault('parse-unsupported', 'parameters declared behind the parentheses are not supported', hint);
  }
  return restOfDeclaration(state, position, specifiers, first);
}

/** 6.7 declaration inside a block */
export function declaration(state: ParserState): Declaration {
  const { tokens } = state;
  const { position } = tokens;
  const specifiers = declarationSpecifiers(state);
  if (tokens.accept(';')) return { kind: 'declaration', position, specifiers, declarators: [] };
  return restOfDeclaration(state, position, specifiers, declarator(state, 'named'));
}

function restOfDeclaration(
  state: ParserState,
  position: Declaration['position'],
  specifiers: DeclarationSpecifiers,
  first: Declarator,
): Declaration {
  const declarators = initDeclaratorList(state, specifiers, first);
  state.tokens.expect(';', 'after the declaration');
  return { kind: 'declaration', position, specifiers, declarators };
}

/** 6.9.1 function-definition */
function functionDefinition(
  state: ParserState,
  position: FunctionDefinition['position'],
  specifiers: DeclarationSpecifiers,
  head: Declarator,
): FunctionDefinition {
  const { tokens, scope } = state;
  const parameters = head.derivations[0];
  if (parameters?.kind !== 'function') {
    throw tokens.fault(
      'parse-expected-token',
      `${head.name ?? 'it'} is no function, so no { can follow`,
      'a ; is missing?',
    );
  }
  if (head.name !== undefined) scope.declare(head.name, false);
  scope.enter();
  try {
    for (const parameter of parameters.parameters) {
      if (parameter.declarator.name !== undefined) scope.declare(parameter.declarator.name, false);
    }
    return { kind: 'function', position, specifiers, declarator: head, body: compoundStatement(state) };
  } finally {
    scope.leave();
  }
}
