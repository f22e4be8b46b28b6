import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { type NicProfile, parseNicProfile } from '../npu/profile.ts';

/** For tests of pure folders: files of the project, which those folders take as data. */

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The lambdas and their runtime, by path from the root. */
export function shippedSources(): Map<string, string> {
  const files = new Map<string, string>();
  for (const folder of readdirSync(`${ROOT}/lambdas`)) {
    for (const file of readdirSync(`${ROOT}/lambdas/${folder}`)) {
      files.set(`lambdas/${folder}/${file}`, readFileSync(`${ROOT}/lambdas/${folder}/${file}`, 'utf8'));
    }
  }
  return files;
}

/** The NIC of the paper. */
export function shippedProfile(): NicProfile {
  return parseNicProfile(parse(readFileSync(`${ROOT}/topology/profiles/nics/agilio-cx-2x10.yaml`, 'utf8')));
}
