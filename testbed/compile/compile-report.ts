import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildFirmware } from '../../compiler/build-firmware.ts';
import type { Diagnostic } from '../../compiler/diagnostics.ts';
import { NAIVE_FOUR_FOLDER, naiveFourSources } from '../../compiler/naive-four.ts';
import { measureNaiveFour } from '../../compiler/naive-four-requests.ts';
import { type OptimiserReport, optimiserReport } from '../../compiler/report.ts';
import type { FirmwareImage } from '../../npu/image/firmware-image.ts';
import type { NicProfile } from '../../npu/profile.ts';
import { projectFolder } from '../../topology/load-topology.ts';
import { type CompileSettings, compileProgram, type ProgramFiles } from './compile-program.ts';

type MadeReport =
  | { readonly ok: true; readonly report: OptimiserReport }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/**
 * What each of the paper's passes saves of a program.
 * @param measure cycles of what the program is asked; absent: nobody says what to ask it, and nothing is measured
 */
export function reportOfProgram(
  given: ProgramFiles,
  settings: CompileSettings,
  measure: ((image: FirmwareImage) => number | undefined) | undefined,
): MadeReport {
  return optimiserReport(
    (disabledPasses) => compileProgram(given, { ...settings, link: { ...settings.link, disabledPasses } }).build,
    settings.link.disabledPasses ?? [],
    measure && (({ image }) => measure(image)),
  );
}

/** The same of the program behind Figure 9, which is asked, too. */
export function reportOfFigure9(profile: NicProfile, disabled: readonly string[]): MadeReport {
  const folder = join(projectFolder(), NAIVE_FOUR_FOLDER);
  const files = new Map(
    readdirSync(folder).map((name) => [`${NAIVE_FOUR_FOLDER}/${name}`, readFileSync(join(folder, name), 'utf8')]),
  );
  return optimiserReport(
    (disabledPasses) => buildFirmware(naiveFourSources(profile, files, { disabledPasses })),
    disabled,
    (build) => measureNaiveFour(profile, build.image),
  );
}
