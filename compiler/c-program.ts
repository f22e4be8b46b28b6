import { assert } from '../base/assert.ts';
import type { CoreEngine } from '../npu/execution/engine.ts';
import { decodeVerifiedProgram } from '../npu/image/decode.ts';
import type { FirmwareImage } from '../npu/image/firmware-image.ts';
import { type ProgramResult, runProgram } from '../npu/nic/run-program.ts';
import type { NicProfile } from '../npu/profile.ts';
import { createTranslatingEngine } from '../npu/translate/translating-engine.ts';
import type { FirmwareBuild } from './build-firmware.ts';
import { contextSlotsOf } from './context-slots.ts';
import { Diagnostics, type SourceFiles } from './diagnostics.ts';
import { compileToIr } from './front-end.ts';
import { DEBUG_PORT, START_FUNCTION, START_SOURCE } from './library/debug-port.ts';
import { LIBRARY_FOLDER } from './library/headers.ts';
import { type LinkOptions, linkFirmware } from './link-firmware.ts';

/** An ordinary C program: files with one `int main(void)` among them. */
export interface CSources {
  /** Every file by path, included ones too. */
  readonly files: SourceFiles;
  /** Those that are compiled, in order. */
  readonly mains: readonly string[];
  readonly includePaths?: readonly string[];
  /** As `-D name=value`. */
  readonly defines?: Readonly<Record<string, string>>;
  /** As of `ProgramSources`. */
  readonly lower?: boolean;
}

const START_FILE = `${LIBRARY_FOLDER}/start.c`;

/**
 * Compiles a C program to an image that starts in `main` and hands its value to the debug port (docs/npu-run-c.md).
 * Pure, as `buildFirmware` is; errors of the program are diagnostics.
 */
export function buildCProgram(sources: CSources, profile: NicProfile, options: LinkOptions = {}): FirmwareBuild {
  const diagnostics = new Diagnostics();
  const module = compileToIr(
    {
      files: new Map([...sources.files, [START_FILE, START_SOURCE]]),
      p4: undefined,
      rules: undefined,
      microC: [...sources.mains, START_FILE].map((path) => ({ path, owner: 'runtime' })),
      includePaths: sources.includePaths ?? [],
      defines: sources.defines ?? {},
      entry: START_FUNCTION,
      lower: sources.lower ?? false,
      contextSlots: contextSlotsOf(profile),
    },
    diagnostics,
  );
  const linked = module && linkFirmware(module, [], profile, diagnostics, options);
  if (linked === undefined) return { ok: false, diagnostics: diagnostics.list };
  return { ok: true, ...linked, warnings: diagnostics.list.filter(({ severity }) => severity === 'warning') };
}

export interface CRun {
  /** Default: as `runProgram`. */
  readonly limitCycles?: number;
  /** Default: the translating engine. */
  readonly engine?: CoreEngine;
  /** An octet that the program wrote to its standard output or standard error. */
  readonly write?: (to: 'output' | 'errors', octet: number) => void;
}

export interface CRunResult {
  /** 0 to 255, as a shell sees it; undefined when the program neither returned from `main` nor called `exit`. */
  readonly exitStatus: number | undefined;
  readonly result: ProgramResult;
}

/** Runs a C program on one context of one core. */
export function runCProgram(image: FirmwareImage, profile: NicProfile, run: CRun = {}): CRunResult {
  const decoded = decodeVerifiedProgram(image.instructions, image.contexts);
  assert(decoded.ok, 'what was encoded decodes');
  let exitStatus: number | undefined;
  const result = runProgram({
    ...image,
    instructions: decoded.value,
    profile: withPatience(profile),
    engine: run.engine ?? createTranslatingEngine(),
    ...(run.limitCycles === undefined ? {} : { limitCycles: run.limitCycles }),
    mailbox: (_, mailbox, value) => {
      if (mailbox === DEBUG_PORT.output) run.write?.('output', value & 0xff);
      if (mailbox === DEBUG_PORT.errors) run.write?.('errors', value & 0xff);
      if (mailbox === DEBUG_PORT.exitStatus) exitStatus ??= value & 0xff;
    },
  });
  return { exitStatus, result };
}

/** The limit of the run is the one that stops a program that does not end, not the NIC's watchdog of requests. */
function withPatience(profile: NicProfile): NicProfile {
  const { packet } = profile;
  return { ...profile, packet: { ...packet, watchdogCycles: Number.MAX_SAFE_INTEGER } };
}
