import type { SourceFiles } from '../diagnostics.ts';
import { LIBRARY_FOLDER, LIBRARY_HEADERS } from '../library/headers.ts';
import { isPunctuator } from './parentheses.ts';
import type { Token } from './token.ts';

/** Folder of headers that the compiler makes: nobody can open them, so messages must not look as if one could. */
export const GENERATED_FOLDER = '<generated>';

/** What stands after `#include` and in `__has_include`. */
export interface IncludeName {
  readonly name: string;
  /** `"x"`: looked for beside the file first. */
  readonly quoted: boolean;
  /** Tokens that it takes. */
  readonly length: number;
}

/** C99 6.10.2: `"x"` or `<x>`; undefined: neither. */
export function readIncludeName(tokens: readonly Token[]): IncludeName | undefined {
  const [first] = tokens;
  if (first?.kind === 'string' && first.text.startsWith('"')) {
    return { name: first.text.slice(1, -1), quoted: true, length: 1 };
  }
  const close = tokens.findIndex((token) => isPunctuator(token, '>'));
  if (!isPunctuator(first, '<') || close < 0) return undefined;
  const name = tokens
    .slice(1, close)
    .map((token, i) => (i > 0 && token.spaceBefore ? ' ' : '') + token.text)
    .join('');
  return { name, quoted: false, length: close + 1 };
}

/** Where an included file is looked for, in order. @param from path of the file that includes it */
export function foldersOf({ quoted }: IncludeName, from: string, includePaths: readonly string[]): string[] {
  const own = from.includes('/') ? from.slice(0, from.lastIndexOf('/')) : '';
  return quoted ? [own, ...includePaths] : [...includePaths];
}

/** Path and text of a file; those of the program go before the compiler's own. */
export function findInclude(
  name: string,
  folders: readonly string[],
  files: SourceFiles,
): { readonly path: string; readonly text: string } | undefined {
  for (const folder of folders) {
    const path = name.startsWith('/') ? name : joinPath(folder, name);
    const text = files.get(path);
    if (text !== undefined) return { path, text };
  }
  const path = joinPath(LIBRARY_FOLDER, name);
  const text = LIBRARY_HEADERS.get(path);
  return text === undefined ? undefined : { path, text };
}

/** `a/b` + `../c` = `a/c`. */
function joinPath(folder: string, name: string): string {
  const root = folder.startsWith('/') ? '/' : '';
  const parts: string[] = folder === '' || folder === '.' ? [] : folder.split('/').filter((part) => part !== '');
  for (const part of name.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return root + parts.join('/');
}
