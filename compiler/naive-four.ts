import type { NicProfile } from '../npu/profile.ts';
import type { FirmwareSources } from './build-firmware.ts';
import type { SourceFiles } from './diagnostics.ts';
import type { LinkOptions } from './link-firmware.ts';

/** The program behind the paper's Figure 9, as written naively in `lambdas/naive-four` (frozen). */

export const NAIVE_FOUR_FOLDER = 'lambdas/naive-four';
export const NAIVE_FOUR_IDS = {
  'profile-reader': 21,
  'profile-writer': 22,
  'web-server': 23,
  'image-transformer': 24,
} as const;

/** @param files with those of the folder, by path from the project's root */
export function naiveFourSources(profile: NicProfile, files: SourceFiles, options?: LinkOptions): FirmwareSources {
  const path = (name: string): string => `${NAIVE_FOUR_FOLDER}/${name}`;
  return {
    files,
    profile,
    p4: path('match.p4'),
    rules: path('routes.p4cfg'),
    runtime: [path('main.c')],
    lambdas: Object.entries(NAIVE_FOUR_IDS).map(([name, id]) => ({ name, id, microC: [path(`${name}.c`)] })),
    includePaths: [NAIVE_FOUR_FOLDER],
    defines: { MEMCACHED_ADDRESS: 0x0a0a1469 },
    ...(options === undefined ? {} : { options }),
  };
}
