import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, isAbsolute, join, normalize } from 'node:path';
import { InputError } from '../../base/errors.ts';
import { messagePath } from '../../topology/load-topology.ts';

/** Sources as the compiler wants them: every file by the path that people give it, those that are included too. */
export interface SourceSet {
  readonly files: Map<string, string>;
  /** Folders of `-I`, as people name them. */
  readonly includePaths: readonly string[];
}

/** Text above this is no program for a code store of 16 K instructions. */
const MOST_SOURCE_OCTETS = 16_000_000;
const SOURCE_EXTENSIONS: readonly string[] = ['.c', '.h', '.p4', '.inc'];
const INCLUDE = /^[ \t]*#[ \t]*include(?:[ \t]*"([^"\n]+)"|[ \t]*<([^>\n]+)>|[ \t]+(\w+))/gm;

/**
 * Reads programs and what they include. A file that is not there is the compiler's to complain about, at the line that
 * includes it; one that the command line names is an error here.
 * @param mains paths of the files that are compiled, and what they are, for messages: `--c`
 * @throws InputError `unreadable-file`
 */
export function readSources(
  mains: readonly { readonly flag: string; readonly path: string }[],
  includeFolders: readonly string[],
): SourceSet {
  const includePaths = includeFolders.map((folder) => {
    if (!isFolder(folder)) throw new InputError('unreadable-file', `-I: '${folder}' is no folder that can be read`);
    return sourcePath(folder);
  });
  const files = new Map<string, string>();
  const waiting: string[] = [];
  const take = (path: string, text: string): void => {
    if (files.has(path)) return;
    files.set(path, text);
    waiting.push(path);
  };
  for (const { flag, path } of mains) take(sourcePath(path), readNamed(flag, path));
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    for (const [, quoted, angled, macro] of files.get(path)!.matchAll(INCLUDE)) {
      const folders = [dirname(path), ...includePaths];
      if (macro !== undefined) {
        // The name is a macro's: whatever it may be is among these.
        for (const folder of folders) for (const file of sourcesIn(folder)) take(file, readFileSync(file, 'utf8'));
        continue;
      }
      const name = quoted ?? angled!;
      const candidates = isAbsolute(name) ? [name] : folders.map((folder) => sourcePath(join(folder, name)));
      const found = candidates.find(isFile);
      if (found !== undefined) take(found, readFileSync(found, 'utf8'));
    }
  }
  return { files, includePaths };
}

/** The Micro-C files that a path stands for: itself, or those of a folder. @throws InputError */
export function microCFiles(flag: string, path: string): string[] {
  if (!isFolder(path)) return [sourcePath(path)];
  const found = sourcesIn(path).filter((file) => file.endsWith('.c'));
  if (found.length > 0) return found;
  throw new InputError('unreadable-file', `${flag}: expected Micro-C files (.c) in '${path}', got none`);
}

/** As diagnostics name it, and as the preprocessor joins paths: relative to the working directory where it is within. */
export function sourcePath(path: string): string {
  return normalize(messagePath(path)).replace(/\/$/, '');
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function sourcesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => SOURCE_EXTENSIONS.includes(extname(name)) && isFile(join(folder, name)))
    .sort()
    .map((name) => sourcePath(join(folder, name)));
}

function readNamed(flag: string, path: string): string {
  let octets: Buffer;
  try {
    octets = readFileSync(path);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new InputError('unreadable-file', `${flag}: '${path}' cannot be read (${reason})`);
  }
  if (octets.length > MOST_SOURCE_OCTETS || octets.includes(0)) {
    throw new InputError('unreadable-file', `${flag}: '${path}' is no source text`);
  }
  return octets.toString('utf8');
}
