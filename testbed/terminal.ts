import pc from 'picocolors';

/** What is printed depends on where it goes: a terminal of some width, or a file that wants neither colours nor breaks. */
export interface Surface {
  /** Width in characters; undefined where lines may be of any length. */
  readonly columns: number | undefined;
  readonly colors: ReturnType<typeof pc.createColors>;
}

/** @param environment NO_COLOR and FORCE_COLOR as no-color.org and force-color.org say */
export function surfaceOf(
  stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>,
  environment: Readonly<Record<string, string | undefined>>,
): Surface {
  const { NO_COLOR, FORCE_COLOR, TERM } = environment;
  // Not the default of picocolors: that colours files, too, where CI is set.
  const isColored = !NO_COLOR && (FORCE_COLOR ? true : stream.isTTY === true && TERM !== 'dumb');
  const columns = stream.isTTY && stream.columns > 0 ? stream.columns : undefined;
  return { columns, colors: pc.createColors(isColored) };
}

/**
 * A text with what a terminal would obey in place of showing it made visible: control characters as their pictures
 * (U+2400 to U+2421), those that turn the direction of writing as U+FFFD. Line feeds and tabs stay, and so does the
 * number of characters, so that a caret below a line still points where it did.
 */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '\u2421' : '\ufffd';
  });
}

/** Breaks a text between words so that it fits beside a margin; the lines after the first get spaces for it. */
export function wrapped(text: string, columns: number | undefined, margin = 0): string {
  if (columns === undefined) return text;
  const width = Math.max(columns - margin, 1);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join(`\n${' '.repeat(margin)}`);
}
