#!/usr/bin/env node
// Entry of `npx testbed` and `npm run testbed`: builds when a source has changed since the last build, then hands over.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const { build, isStale } = await import(pathToFileURL(join(root, 'scripts', 'build.mjs')).href);
if (isStale()) {
  process.stderr.write('Building ...\n');
  try {
    build();
  } catch (error) {
    if (/EACCES|EROFS|TS5033/.test(error.message)) {
      process.stderr.write(`error: the project must be built and ${join(root, 'dist')} cannot be written\n`);
      process.exit(2);
    }
    process.stderr.write(`${error.message}\nThe sources do not compile; nothing was run.\n`);
    process.exit(1);
  }
}
const main = join(root, 'dist', 'command', 'main.js');
if (!existsSync(main)) {
  process.stderr.write('dist/command/main.js is missing: run npm run build\n');
  process.exit(1);
}
const { main: run } = await import(pathToFileURL(main).href);
await run(process.argv.slice(2));
