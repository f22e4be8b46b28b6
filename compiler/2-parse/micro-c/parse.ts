import type { Token } from '../../1-preprocess/token.ts';
import type { Diagnostics } from '../../diagnostics.ts';
import { TokenStream } from '../token-stream.ts';
import { declaration, externalDeclaration } from './declarations.ts';
import { structDeclarator, typeName } from './declarators.ts';
import { initializer } from './initializers.ts';
import { type ParserState, TypedefScope } from './scope.ts';
import type { ExternalDeclaration, TranslationUnit } from './tree.ts';

/**
 * 6.9 translation-unit: reads a whole preprocessed Micro-C file. A construct that makes no sense is reported and left
 * out, so that the tree of the rest can still be analysed. Pragmas are kept for the analysis.
 * @param tokens as `preprocess` gives them
 */
export function parseMicroC(tokens: readonly Token[], diagnostics: Diagnostics): TranslationUnit {
  const state: ParserState = {
    tokens: new TokenStream(tokens, diagnostics),
    scope: new TypedefScope(),
    grammar: { declaration, initializer, structDeclarator, typeName },
    pragmas: [],
  };
  const declarations: ExternalDeclaration[] = [];
  while (!state.tokens.atEnd) {
    if (state.tokens.current.kind === 'pragma') {
      const { position, text } = state.tokens.next();
      state.pragmas.push({ position, text });
      continue;
    }
    if (state.tokens.accept(';')) continue;
    const found = state.tokens.recovering(() => externalDeclaration(state));
    if (found !== undefined) declarations.push(found);
    // The construct that was skipped may have left its end behind.
    else while (state.tokens.accept('}'));
  }
  return { declarations, pragmas: state.pragmas };
}
