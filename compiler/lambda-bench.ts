import type { FirmwareImage } from '../npu/image/firmware-image.ts';
import { Npu, type NpuFault } from '../npu/nic/npu.ts';
import type { NicProfile } from '../npu/profile.ts';
import { buildFirmware, type FirmwareBuild } from './build-firmware.ts';
import { formatDiagnostic, type SourceFiles } from './diagnostics.ts';
import type { LinkOptions } from './link-firmware.ts';

/** For tests: the shipped lambdas on an emulated NIC, frames in, frames out. */

export const MEMCACHED = { mac: 0x00_15_4d_00_01_01, address: 0x0a_0a_14_69 };
export const LAMBDA_IDS = {
  'web-server': 11,
  'key-value-client': 12,
  'image-transformer': 13,
  'image-mean': 14,
} as const;
export type LambdaName = keyof typeof LAMBDA_IDS;

export function buildLambdas(
  names: readonly LambdaName[],
  profile: NicProfile,
  files: SourceFiles,
  options: LinkOptions = {},
): FirmwareBuild {
  return buildFirmware({
    options,
    files,
    profile,
    p4: 'lambdas/runtime/match.p4',
    runtime: ['lambdas/runtime/main.c', 'lambdas/runtime/message.c'],
    lambdas: names.map((name) => ({ name, id: LAMBDA_IDS[name], microC: [`lambdas/${name}/${name}.c`] })),
    includePaths: ['lambdas/runtime'],
    defines: {
      MEMCACHED_ADDRESS: MEMCACHED.address,
      MEMCACHED_MAC_HI: Math.floor(MEMCACHED.mac / 2 ** 32),
      MEMCACHED_MAC_LO: MEMCACHED.mac % 2 ** 32,
    },
  });
}

export function imageOf(build: FirmwareBuild, files: SourceFiles): FirmwareImage {
  if (build.ok) return build.image;
  throw new Error(build.diagnostics.map((each) => formatDiagnostic(each, files)).join('\n'));
}

export interface SentFrame {
  readonly cycle: number;
  readonly port: number;
  readonly frame: Uint8Array;
}

/** A NIC with firmware, alone on a bench: what is delivered runs until nothing is left to do. */
export class Bench {
  readonly sent: SentFrame[] = [];
  readonly faults: NpuFault[] = [];
  readonly npu: Npu;
  private now = 0;

  constructor(profile: NicProfile, image: FirmwareImage) {
    this.npu = new Npu(profile, {
      onSend: (cycle, port, frame) => this.sent.push({ cycle, port, frame: frame.slice() }),
      onFault: (fault) => this.faults.push(fault),
    });
    this.npu.load(image);
    this.settle();
  }

  /** Delivers frames some cycles apart and gives what came out of them, with the cycles from the first one in. */
  exchange(frames: readonly Uint8Array[], port = 0, gapCycles = 1): SentFrame[] {
    const before = this.sent.length;
    const start = this.now;
    for (const frame of frames) {
      this.npu.run(this.now - 1);
      this.npu.deliver(this.now, port, frame);
      this.now += gapCycles;
    }
    this.settle();
    return this.sent.slice(before).map((each) => ({ ...each, cycle: each.cycle - start }));
  }

  /** Lets time pass in which nothing happens. */
  rest(cycles: number): void {
    this.now += cycles;
  }

  private settle(): void {
    const limit = this.now + 50_000_000;
    for (let next = this.npu.nextEventCycle(); Number.isFinite(next); next = this.npu.nextEventCycle()) {
      if (next > limit) throw new Error('the NIC does not come to rest');
      this.npu.run(next + 10_000);
      this.now = Math.max(this.now, next + 10_001);
    }
    this.now += 1000;
  }
}
