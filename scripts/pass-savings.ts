import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FirmwareBuild } from '../compiler/build-firmware.ts';
import { buildFirmware } from '../compiler/build-firmware.ts';
import { buildLambdas, LAMBDA_IDS, type LambdaName } from '../compiler/lambda-bench.ts';
import type { LinkOptions } from '../compiler/link-firmware.ts';
import { naiveFourSources } from '../compiler/naive-four.ts';
import { PASS_NAMES } from '../compiler/pass-names.ts';
import { loadNicProfile, projectFolder } from '../topology/load-topology.ts';

/*
 * `npx tsx scripts/pass-savings.ts`: the table in docs/compiler.md of what each pass saves, as Markdown: how many more
 * instructions and predicted cycles a program has when that pass alone is left out.
 */

const profile = loadNicProfile('agilio-cx-2x10');
const folders = readdirSync(join(projectFolder(), 'lambdas'));
const paths = folders.flatMap((folder) =>
  readdirSync(join(projectFolder(), 'lambdas', folder)).map((name) => `lambdas/${folder}/${name}`),
);
const files = new Map(paths.map((path) => [path, readFileSync(join(projectFolder(), path), 'utf8')]));
const lambdas = Object.keys(LAMBDA_IDS) as LambdaName[];
const programs: readonly ((options: LinkOptions) => FirmwareBuild)[] = [
  (options) => buildLambdas(lambdas, profile, files, options),
  (options) => buildFirmware(naiveFourSources(profile, files, options)),
];

function sizes(disabledPasses: readonly string[]): number[] {
  return programs.flatMap((build) => {
    const built = build({ disabledPasses });
    if (!built.ok) throw new Error(`without ${disabledPasses.join()}: ${built.diagnostics[0]?.message}`);
    return [built.report.instructions, built.report.predictCycles()];
  });
}

function row(name: string, cells: readonly (number | string)[]): string {
  return `| ${[name, ...cells.map((cell) => cell.toLocaleString('en'))].join(' | ')} |\n`;
}

const all = sizes([]);
process.stdout.write(
  row('left out', ['shipped lambdas: instructions', 'cycles', 'naive program: instructions', 'cycles']) +
    '|---|---:|---:|---:|---:|\n' +
    row('nothing', all),
);
for (const name of PASS_NAMES) {
  const without = sizes([name]);
  process.stdout.write(
    row(
      `\`${name}\``,
      without.map((size, i) => signed(size - all[i]!)),
    ),
  );
}
process.stdout.write(
  row(
    'all of them',
    sizes(PASS_NAMES).map((size, i) => signed(size - all[i]!)),
  ),
);

function signed(difference: number): string {
  return difference === 0 ? '' : `${difference > 0 ? '+' : ''}${difference.toLocaleString('en')}`;
}
