// Compiles the project into dist/ with the native TypeScript compiler, in about a second, and puts the modules of the
// command together (dist/command), since a command that reads hundreds of files is slow to start. The result replaces
// dist/ in one step, so that a testbed that starts meanwhile never sees half of it.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const stamp = join(dist, '.built');
const skipped = new Set(['node_modules', 'dist', 'results', '.git']);

/** True when a source is newer than the last build. */
export function isStale() {
  if (!existsSync(stamp)) return true;
  return newestSourceMs(root) > statSync(stamp).mtimeMs;
}

/** Builds; throws with the compiler's messages when the sources do not compile. */
export function build() {
  const startedMs = Date.now();
  // As deep as dist/, so that source maps lead to the sources from there as well.
  const fresh = join(root, `.dist-${process.pid}`);
  const compiler = join(root, 'node_modules', 'typescript-native', 'bin', 'tsc');
  if (!existsSync(compiler)) throw new Error('TypeScript is not installed: run npm ci first');
  const result = spawnSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json'), '--outDir', fresh], {
    cwd: root,
    encoding: 'utf8',
  });
  if (result.status !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    throw new Error(`${result.stdout}${result.stderr}`.trim());
  }
  bundleCommand(join(fresh, 'command'));
  mkdirSync(dist, { recursive: true });
  for (const entry of readdirSync(fresh)) {
    const target = join(dist, entry);
    const old = join(dist, `.old-${process.pid}-${entry}`);
    if (existsSync(target)) renameSync(target, old);
    renameSync(join(fresh, entry), target);
    rmSync(old, { recursive: true, force: true });
  }
  rmSync(fresh, { recursive: true, force: true });
  // The stamp carries the time at which reading the sources began: an edit during the build counts as newer.
  writeFileSync(stamp, `${startedMs}\n`);
}

/** What every command needs in one file, and what only one needs in another that is read when it is asked for. */
function bundleCommand(folder) {
  // Not loaded by the commands that only ask whether anything is stale.
  const { buildSync } = createRequire(import.meta.url)('esbuild');
  buildSync({
    absWorkingDir: root,
    entryPoints: [join('testbed', 'main.ts')],
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    logLevel: 'error',
    // Not JavaScript: they find their libraries beside themselves.
    external: ['koffi', 'raw-socket'],
    // Packages in CommonJS ask for what Node has.
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
  });
}

function newestSourceMs(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (skipped.has(entry.name) || entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) newest = Math.max(newest, newestSourceMs(path));
    else if (entry.name.endsWith('.ts') || entry.name === 'tsconfig.json' || entry.name === 'tsconfig.build.json') {
      newest = Math.max(newest, statSync(path).mtimeMs);
    }
  }
  return newest;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    build();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
