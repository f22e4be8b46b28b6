import { InputError } from '../../base/errors.ts';
import type { FirmwareData, FirmwareMemory } from '../../npu/image/firmware-image.ts';
import type { PacketArrival } from '../../npu/nic/packet-feed.ts';
import type { NicProfile } from '../../npu/profile.ts';
import { readOctets } from './npu-files.ts';

const MEMORIES: readonly FirmwareMemory[] = ['emem', 'imem', 'ctm', 'cls', 'local'];

/** `gprA_0=5,gprB_1=0x10,gprA_2=-1`. @throws InputError `command-line` */
export function parseRegisters(values: readonly string[]): Record<string, number> {
  const registers: Record<string, number> = {};
  for (const assignment of values.flatMap((value) => value.split(','))) {
    const match = /^\s*([^=\s]+)\s*=\s*(-?(?:0x[0-9a-f]+|\d+))\s*$/i.exec(assignment);
    const value = match === null ? undefined : numberOf(match[2]!);
    if (match === null || value === undefined || value < -(2 ** 31) || value >= 2 ** 32) {
      throw new InputError(
        'command-line',
        `--registers: expected NAME=VALUE with a value of 32 bits, as in gprA_0=5,gprB_1=0x10, got '${assignment}'`,
      );
    }
    registers[match[1]!] = value;
  }
  return registers;
}

/** `emem:0x100=file.bin`: the file's octets lie in the memory from that address on. @throws InputError */
export function readMemories(values: readonly string[], profile: NicProfile): FirmwareData[] {
  return values.map((value) => {
    const match = /^([a-z]+):(0x[0-9a-f]+|\d+)=(.+)$/i.exec(value);
    const memory = MEMORIES.find((name) => name === match?.[1]);
    if (match === null || memory === undefined) {
      throw new InputError(
        'command-line',
        `--memory: expected MEMORY:ADDRESS=FILE with a memory of ${MEMORIES.join(', ')}, as in emem:0x100=table.bin, ` +
          `got '${value}'`,
      );
    }
    const octets = readOctets('--memory: file', match[3]!);
    const address = numberOf(match[2]!)!;
    const size = memory === 'local' ? profile.core.localMemoryOctets : profile.memories[memory].octets;
    if (address + octets.length > size || (memory === 'local' && address % 4 !== 0)) {
      const aligned = memory === 'local' ? ', from a multiple of 4 on' : '';
      throw new InputError(
        'command-line',
        `--memory: ${octets.length} octets from 0x${address.toString(16)} on do not fit: expected them within the ` +
          `${size} octets of ${memory}${aligned}`,
      );
    }
    return { memory, address, octets };
  });
}

/** Frames, each a file of raw octets. @throws InputError */
export function readPackets(files: readonly string[], profile: NicProfile): PacketArrival[] {
  const { maximumFrameOctets } = profile.packet;
  return files.map((file) => {
    const octets = readOctets('--packet: file', file);
    if (octets.length < 14 || octets.length > maximumFrameOctets) {
      throw new InputError(
        'command-line',
        `--packet: '${file}' has ${octets.length} octets: expected a frame of 14 to ${maximumFrameOctets}, without FCS`,
      );
    }
    return { octets };
  });
}

/** The packets, so many times over. */
export function* repeated(packets: readonly PacketArrival[], times: number): Generator<PacketArrival> {
  for (let i = 0; i < times; i++) yield* packets;
}

function numberOf(text: string): number | undefined {
  const value = text.startsWith('-') ? -Number(text.slice(1)) : Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
