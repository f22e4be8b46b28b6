import type { SourcePosition } from '../../../base/errors.ts';

/** Words of the form itself, which complaints use for other things. */
const KEYS: ReadonlySet<string> = new Set([
  'tables',
  'rules',
  'rule',
  'name',
  'priority',
  'match',
  'value',
  'mask',
  'action',
  'type',
  'data',
  'port',
]);

/** V8 shows so much of the text before the token that it does not take. */
const CHARACTERS_BEFORE_TOKEN = 10;

/** Where in a rules file something that is wrong with it stands. */
export class RulePlaces {
  private readonly file: string;
  private readonly text: string;

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
  }

  /**
   * Place of the innermost name in a complaint such as `ports: rule out: egress_port has no value`: each of its names is
   * looked for behind the last.
   */
  ofNames(complaint: string): SourcePosition {
    const path = complaint.split(/ (?:lacks|has) /)[0]!;
    let offset = 0;
    for (const name of path.split(/[\s:,]+/)) {
      // Numbers count rules that have no name; the file has others of them.
      const found = /^\d+$/.test(name) || KEYS.has(name) ? -1 : this.text.indexOf(`"${name}"`, offset);
      if (found >= 0) offset = found;
    }
    return this.at(offset);
  }

  /** Place that the message of `JSON.parse` names, by number or by the text around it; else the end of the text. */
  ofSyntaxError(message: string): SourcePosition {
    const [, offset] = /at position (\d+)/.exec(message) ?? [];
    if (offset !== undefined) return this.at(Number(offset));
    const [, around] = /, (?:\.\.\.)?"([\s\S]*)"(?:\.\.\.)? is not valid JSON$/.exec(message) ?? [];
    const start = around === undefined ? -1 : this.text.indexOf(around);
    const [, token] = /^Unexpected token '?([\s\S])/.exec(message) ?? [];
    if (start < 0 || token === undefined) return this.at(this.text.trimEnd().length);
    // As many characters are shown before the token as behind it, where there are so many.
    return this.at(this.text.indexOf(token, start + (start > 0 ? CHARACTERS_BEFORE_TOKEN : 0)));
  }

  private at(offset: number): SourcePosition {
    const before = this.text.slice(0, offset).split('\n');
    return { file: this.file, line: before.length, column: before.at(-1)!.length + 1 };
  }
}
