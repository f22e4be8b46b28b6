// `npm test`: runs every test that this machine can run and says in one line what it had to leave out. Tests that need
// a real program (tshark, memcached, GNU objdump for NFP) skip themselves when it is missing; with CI=true a missing
// program is a failure instead.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const REAL_PARTS = [
  { program: 'tshark', argument: '--version', enable: 'apt-get install tshark' },
  { program: 'memcached', argument: '-V', enable: 'apt-get install memcached' },
  { program: 'prometheus', argument: '--version', enable: 'apt-get install prometheus' },
  { program: process.env.NFP_OBJDUMP ?? 'nfp-elf-objdump', argument: '--version', enable: '.ci/build-nfp-objdump' },
];

const missing = REAL_PARTS.filter(({ program, argument }) => spawnSync(program, [argument]).error !== undefined);
const isCi = process.env.CI === 'true';
if (isCi && missing.length > 0) {
  for (const { program, enable } of missing) process.stderr.write(`CI needs ${program}: ${enable}\n`);
  process.exit(1);
}

const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const result = spawnSync(process.execPath, [vitest, 'run', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
const left = missing.map(({ program, enable }) => `${program} (${enable})`).join(', ');
process.stdout.write(missing.length === 0 ? 'Nothing was skipped.\n' : `Skipped the tests against real ${left}.\n`);
process.exit(result.status ?? 1);
