import type { SourcePosition } from './errors.ts';

/**
 * The line of a source text with a caret below the position's column, as compilers show it, or undefined where the text
 * has no such line.
 * @param text the whole file
 */
export function sourceExcerpt(text: string, position: SourcePosition): string | undefined {
  const line = text.split('\n')[position.line - 1]?.replace(/\r$/, '');
  if (line === undefined) return undefined;
  const margin = String(position.line).padStart(5);
  // Tabs stay tabs under the text, so that the caret stands below its column in every terminal.
  const indent = line.slice(0, position.column - 1).replace(/[^\t]/g, ' ');
  return `${margin} | ${line}\n${' '.repeat(margin.length)} | ${indent}^`;
}
