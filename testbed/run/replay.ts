import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../base/errors.ts';
import { tokenOf } from '../commands/node-command.ts';
import { MANIFEST } from '../results/run-fate.ts';
import { readJournal } from '../serve/input-journal.ts';
import { JOURNAL, servedInputs } from '../serve/serve.ts';
import { EXTERNAL_JOURNAL } from './memcached-option.ts';
import { carry, inputsOf } from './run.ts';
import type { RunOptions } from './run-options.ts';

export interface ReplayOptions {
  /** Results folder of the run to repeat. */
  readonly folder: string;
  readonly transport: RunOptions['transport'];
  /** For the results of the repetition; undefined: a new one in results/. */
  readonly out: string | undefined;
}

export interface Replayed {
  readonly isSame: boolean;
  readonly digest: string;
  /** Of the run that was repeated. */
  readonly expected: string;
  readonly results: string;
}

/** What of a manifest a repetition needs. */
interface Manifest {
  readonly state: string;
  readonly digest?: string;
  readonly options: RunOptions;
  readonly firmware: { readonly sha256: string };
}

/**
 * Repeats a run from its results folder: the same options, and what came from outside from its journal.
 * @throws InputError where there is no complete run, or where its lambdas have been changed since
 */
export async function replay({ folder, transport, out }: ReplayOptions): Promise<Replayed> {
  const { options, digest: expected, firmware } = manifestOf(folder);
  const journalPath = join(folder, JOURNAL);
  const journal = existsSync(journalPath) ? readJournal(journalPath) : undefined;
  const again: RunOptions = { ...options, transport, out, overwrite: false, json: true, token: tokenOf(undefined) };
  const inputs = journal === undefined ? inputsOf(again) : servedInputs(again);
  const sha256 = Buffer.from(inputs.firmware.sha256).toString('hex');
  if (sha256 !== firmware.sha256) {
    throw new InputError(
      'sources-changed',
      `the lambdas or the compiler have changed since the run in '${folder}': expected a firmware with SHA-256 ${firmware.sha256}, got ${sha256}`,
    );
  }
  const answersFile = again.memcached === undefined ? undefined : join(folder, EXTERNAL_JOURNAL);
  const outside = { ...(journal && { journal }), ...(answersFile && { answersFile }) };
  const { digest, results } = await carry(again, inputs, outside);
  return { isSame: digest === expected, digest, expected, results };
}

function manifestOf(folder: string): Manifest & { readonly digest: string } {
  const path = join(folder, MANIFEST);
  let manifest: Partial<Manifest> | null;
  try {
    manifest = JSON.parse(readFileSync(path, 'utf8')) as Partial<Manifest> | null;
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    throw new InputError('no-run', `'${folder}' holds no run (${MANIFEST}: ${reason}): expected its results folder`);
  }
  const { state, digest, options, firmware } = manifest ?? {};
  if (digest === undefined || options === undefined || firmware === undefined) {
    throw new InputError(
      'no-complete-run',
      `the run in '${folder}' is ${state ?? 'not one of this testbed'}: expected one that came to its end`,
    );
  }
  return { ...manifest, state: state!, digest, options, firmware };
}
