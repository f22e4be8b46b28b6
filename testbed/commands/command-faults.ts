import { nearestName } from '../../topology/nearest-name.ts';

/**
 * What is wrong with the first word of a command line, in words, or undefined: yargs tells what it would rather have
 * read, and not what it read.
 */
export function commandFault(argv: readonly string[], commands: readonly string[]): string | undefined {
  const [word] = argv;
  if (word === undefined || word.startsWith('-') || commands.includes(word)) return undefined;
  const nearest = nearestName(word, commands);
  const hint = nearest === undefined ? '' : `; did you mean '${nearest}'?`;
  return `no command '${word}': expected one of ${commands.join(', ')}${hint}`;
}

/**
 * What yargs finds wrong with a command line (its English texts), as the project says such things.
 * @param flags that the command has, with their dashes
 */
export function parserFault(message: string, argv: readonly string[], flags: readonly string[]): string {
  const flat = message.split(/\s+/).join(' ').trim();
  for (const [pattern, say] of FAULTS) {
    const found = pattern.exec(flat);
    if (found !== null) return say(found.slice(1), argv, flags);
  }
  return flat;
}

/** The flags that a help text lists: `  -o, --out  File to write`. */
export function flagsOf(help: string): string[] {
  return [...help.matchAll(/^ +(?:-\w, )?(--[\w-]+)/gm)].map((match) => match[1]!);
}

type Say = (parts: readonly string[], argv: readonly string[], flags: readonly string[]) => string;

const FAULTS: readonly (readonly [RegExp, Say])[] = [
  [/^Not enough arguments following: (.+)$/, ([flag]) => `--${flag}: expected a value after it`],
  [/^Argument unexpected for: (.+)$/, ([flag]) => `--${flag}: a switch, expected no value after it`],
  [
    /^Invalid values: Argument: (\S+), Given: (.*), Choices: (.+)$/,
    ([name, given, choices], argv) =>
      `${nameOf(name!, argv)}: expected one of ${choices!.replaceAll('"', '')}, got ${given!.replaceAll('"', "'")}`,
  ],
  [
    /^Unknown arguments?: (.+)$/,
    ([names], argv, flags) => {
      const unknown = withoutCamels(names!.split(', ')).map((name) => nameOf(name, argv));
      const nearest = new Set(
        unknown.flatMap((name) => (name.startsWith('-') ? (nearestName(name, flags) ?? []) : [])),
      );
      const hint = nearest.size === 0 ? '' : `; did you mean ${[...nearest].join(', ')}?`;
      return `unknown: ${unknown.join(', ')}${hint}`;
    },
  ],
  [
    /^Not enough non-option arguments: got (\d+), need at least (\d+)$/,
    ([got, need]) => `expected ${need} ${need === '1' ? 'word' : 'words'} after the command, got ${got}`,
  ],
];

/** yargs knows every name with hyphens a second time without them. */
function withoutCamels(names: readonly string[]): string[] {
  const camels = new Set(
    names
      .filter((name) => name.includes('-'))
      .map((name) => name.replace(/-(.)/g, (_, next: string) => next.toUpperCase())),
  );
  return names.filter((name) => !camels.has(name));
}

/** With its dashes when it was given with them. */
function nameOf(name: string, argv: readonly string[]): string {
  const given = argv.find((word) => /^--?[^-]/.test(word) && word.replace(/^--?/, '').split('=')[0] === name);
  return given === undefined ? name : given.split('=')[0]!;
}
