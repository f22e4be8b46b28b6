import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { RunSummary } from '../testbed/results/report.ts';

/** For tests: the command as users start it, in processes of its own. */

const root = fileURLToPath(new URL('..', import.meta.url));
const entry = join(root, 'bin', 'testbed.js');

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
}

/** For hooks and tests that build or start processes: a machine with much else to do takes its time. */
export const PATIENCE_MS = 600_000;

/**
 * Builds dist/ if a source changed. Several test files may come at once: the first builds, the others wait. What changes
 * after the build began is the next one's.
 */
export async function ensureBuilt(): Promise<void> {
  const { build, isStale } = (await import(pathToFileURL(join(root, 'scripts', 'build.mjs')).href)) as {
    build: () => void;
    isStale: () => boolean;
  };
  const lock = join(tmpdir(), `lambda-nic-build-${Buffer.from(root).toString('hex').slice(-40)}`);
  for (;;) {
    if (!isStale()) return;
    try {
      mkdirSync(lock);
    } catch {
      if (isForgotten(lock)) rmSync(lock, { recursive: true, force: true });
      await new Promise((resolve) => setTimeout(resolve, 50));
      continue;
    }
    try {
      if (isStale()) build();
      return;
    } finally {
      if (existsSync(lock)) rmdirSync(lock);
    }
  }
}

/** A lock that is older than any build takes: who had it was ended before it could give it back. */
function isForgotten(lock: string): boolean {
  const made = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
  return made !== undefined && Date.now() - made > PATIENCE_MS / 2;
}

/** A folder of its own for one test, taken away by `dispose`. */
export function scratchFolder(): { readonly path: string; dispose(): void } {
  const path = mkdtempSync(join(tmpdir(), 'lambda-nic-test-'));
  return { path, dispose: () => rmSync(path, { recursive: true, force: true }) };
}

export function startTestbed(commandArguments: readonly string[]): Running {
  return startNode([entry, ...commandArguments], root);
}

/**
 * The command as `ensureBuilt` left it, in another folder. `bin/testbed.js` would look through all sources first, and
 * build again when somebody edits them meanwhile.
 */
export async function runBuilt(words: readonly string[], folder: string): Promise<Finished> {
  const main = pathToFileURL(join(root, 'dist', 'command', 'main.js')).href;
  const start = `import(${JSON.stringify(main)}).then(({ main }) => main(process.argv.slice(1)))`;
  return await startNode(['--enable-source-maps', '--eval', start, '--', ...words], folder).finished;
}

/** Another script than the command, in another folder. */
export async function runNode(words: readonly string[], folder: string): Promise<Finished> {
  return await startNode(words, folder).finished;
}

function startNode(words: readonly string[], folder: string): Running {
  const child = spawn(process.execPath, [...words], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  let stdout = '';
  let stderr = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const finished = new Promise<Finished>((resolve) => {
    child.once('close', (status) => resolve({ status, stdout, stderr }));
  });
  return { child, finished };
}

export async function testbed(...commandArguments: string[]): Promise<Finished> {
  return await startTestbed(commandArguments).finished;
}

/** A run that must succeed; its summary. */
export async function summaryOf(...commandArguments: string[]): Promise<RunSummary> {
  const { status, stdout, stderr } = await testbed('run', '--json', ...commandArguments);
  if (status !== 0) throw new Error(`exit status ${status}: ${stderr}${stdout}`);
  return JSON.parse(stdout) as RunSummary;
}
