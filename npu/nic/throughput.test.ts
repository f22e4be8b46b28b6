import { describe, expect, test } from 'vitest';
import { loadNicProfile } from '../../topology/load-topology.ts';
import { assemble } from '../assembler/assembler.ts';
import type { FirmwareRegion } from '../image/firmware-image.ts';
import type { NicProfile } from '../profile.ts';
import { MacIngress } from './mac-ingress.ts';
import { Npu } from './npu.ts';

/**
 * The published scaling: J. Krude et al., "Determination of Throughput Guarantees for Processor-based SmartNICs",
 * CoNEXT 2021, measured on an Agilio CX 2x40. None of these rates is a figure of the profile but the engine's occupancy
 * and the MAC's limit: they come out of programs that run on many cores. Each tolerance stands beside its figure.
 */
const profile = loadNicProfile('agilio-cx-2x40');
const HERTZ = (profile.clock.cycles / profile.clock.picoseconds) * 1e12;

/** The NIC with its first cores alone, spread over the islands as they are in the order of dispatch. */
function withCores(cores: number): NicProfile {
  const islands = profile.islands
    .map((island, i) => ({ ...island, cores: Math.floor(cores / 5) + (i < cores % 5 ? 1 : 0) }))
    .filter((island) => island.cores > 0);
  return { ...profile, islands, coreCount: cores };
}

const EMEM: FirmwareRegion = {
  name: 'all',
  owner: 'runtime',
  memory: 'emem',
  address: 0,
  octets: 2 ** 20,
  read: true,
  write: true,
};

function image(text: string) {
  const { instructions, errors } = assemble(text);
  expect(errors).toEqual([]);
  return { instructions, contexts: 8, entry: 0, data: [], regions: [EMEM], symbols: [], lines: [] } as const;
}

/** `gprA_1` and `gprB_2` are where a command goes: one location for all, or one for each context, over all banks. */
const SAME = '  immed[gprA_1, 0x9800, <<16]\n  immed[gprB_2, 0]\n';
const SPREAD = `  immed[gprA_1, 0x9800, <<16]
  local_csr_rd[ActCtxStatus]
  immed[gprA_2, 0]
  alu[gprA_2, gprA_2, AND, 0x7f]
  alu_shf[gprB_2, --, B, gprA_2, <<6]
`;

/** Commands a second that all contexts of `cores` cores together get served, each doing one after the other. */
function commandRate(cores: number, address: string, command: string, contexts = 8): number {
  const npu = new Npu(withCores(cores), { onSend: () => {}, onFault: () => {} });
  npu.loadProgram(
    image(`${address}again:\n  mem[${command}], ctx_swap[sig1]\n  br[again]`),
    0,
    (_, context) => context < contexts,
  );
  npu.run(4_000);
  const before = npu.counters.commands;
  npu.run(4_000 + INTERVAL_CYCLES);
  return ((npu.counters.commands - before) / INTERVAL_CYCLES) * HERTZ;
}

const INTERVAL_CYCLES = 8_000;
const READ = 'read32, $xfer_0, gprA_1, <<8, gprB_2, 1';
const ADD = 'add, $xfer_0, gprA_1, <<8, gprB_2, 1';

/** `actual` within `percent` of `published`. */
function expectNear(actual: number, published: number, percent: number): void {
  expect(actual).toBeGreaterThan(published * (1 - percent / 100));
  expect(actual).toBeLessThan(published * (1 + percent / 100));
}

describe('one location of EMEM', () => {
  test('197.4 M reads/s and 248.5 M atomic adds/s, by all cores together (within 0.5 %)', () => {
    expectNear(commandRate(50, SAME, READ), 197.4e6, 0.5);
    expectNear(commandRate(50, SAME, ADD), 248.5e6, 0.5);
  });

  test('no more cores than it takes: the rate grows with the cores, then stays', () => {
    const rates = [1, 2, 4, 6, 10, 50].map((cores) => commandRate(cores, SAME, READ));
    const [one, two, four, six, ten, fifty] = rates as [number, number, number, number, number, number];
    expectNear(two, 2 * one, 1);
    expectNear(four, 4 * one, 1);
    expectNear(six, 6 * one, 3);
    expectNear(ten, fifty, 0.5);
  });

  test('accesses that spread over the banks are served four times as fast (within 2 %)', () => {
    expectNear(commandRate(50, SPREAD, READ), 4 * 197.4e6, 2);
    expectNear(commandRate(50, SPREAD, ADD), 4 * 248.5e6, 2);
  });
});

describe('eight threads hide latency', () => {
  test('one context waits out each read; eight issue one every 25 cycles, the spacing of 40-bit commands', () => {
    const rates = [1, 2, 4, 8].map((contexts) => commandRate(1, SPREAD, READ, contexts));
    const [one, two, four, eight] = rates as [number, number, number, number];
    expectNear(two, 2 * one, 1);
    expectNear(four, 4 * one, 1);
    expectNear(eight, HERTZ / 25, 1);
  });
});

/** Receives, reads `reads` words of EMEM one after the other, sends the frame back. */
const PACKET = (address: string, reads: number): string => `${address}receive:
  mem[ctm.packet_add_thread, $xfer_0, gprA_15, 0, 4], ctx_swap[sig1]
  alu[gprA_4, --, B, $xfer_0]
  alu[gprA_5, --, B, $xfer_1]
${`  mem[${READ}], ctx_swap[sig1]\n`.repeat(reads)}
  alu[$xfer_0, --, B, gprA_4]
  alu[$xfer_1, --, B, gprA_5]
  mem[ctm.packet_complete_unicast, $xfer_0, gprA_15, 0, 2], ctx_swap[sig1]
  br[receive]
`;

/**
 * Frames a second that come out when the wires bring as many as they can: two links of 40 Gb/s, smallest frames. Counted
 * over whole rounds of all contexts, since they go nearly in step and so do the frames that leave.
 */
function packetRate(cores: number, address: string, reads: number): number {
  const sentAt: number[] = [];
  const npu = new Npu(withCores(cores), { onSend: (cycle) => sentAt.push(cycle), onFault: () => {} });
  npu.loadProgram(image(PACKET(address, reads)));
  const mac = new MacIngress(profile.mac);
  const frame = new Uint8Array(60);
  const beginPs = 2_000 * CYCLE_PS;
  const first = Math.max(2, reads === 0 ? 0 : WARM_READS / reads) * cores * 8;
  const last = first + ROUNDS * cores * 8;
  for (let i = 0; sentAt.length <= last; i++) {
    const takenPs = mac.admit(beginPs + Math.ceil(i * WIRE_PS));
    if (takenPs === undefined) continue;
    const cycle = Math.ceil(takenPs / CYCLE_PS);
    npu.run(cycle);
    npu.deliver(cycle, 0, frame);
  }
  return ((last - first) / (sentAt[last]! - sentAt[first]!)) * HERTZ;
}

const CYCLE_PS = profile.clock.picoseconds;
/** 64 octets with FCS, preamble and gap. */
const WIRE_PS = 84 * 8 * (1e12 / 80e9);
/** Until contexts that began together have spread: after so many reads each, and at least two packets. */
const WARM_READS = 24;
const ROUNDS = 4;

describe('packets', () => {
  test('the rate is proportional to the cores until the MAC takes in no more: 54.4 M frames/s (within 0.5 %)', () => {
    const [one, five, ten, fifty] = [1, 5, 10, 50].map((cores) => packetRate(cores, SAME, 0)) as [
      number,
      number,
      number,
      number,
    ];
    // Some 224 cycles a packet (within 10 %).
    expectNear(one, HERTZ / 224, 10);
    expectNear(five, 5 * one, 1);
    expectNear(ten, 10 * one, 1);
    expectNear(fifty, 54.4e6, 0.5);
  });

  test('4, 8 and 12 reads a packet of one location saturate at the same reads a second (within 2 %)', () => {
    for (const reads of [4, 8, 12]) expectNear(reads * packetRate(50, SAME, reads), 197.4e6, 2);
  });

  test('before that they scale with the cores; spread over the banks, the MAC is the limit again', () => {
    expectNear(packetRate(4, SAME, 8), 4 * packetRate(1, SAME, 8), 2);
    expectNear(packetRate(50, SPREAD, 8), 54.4e6, 0.5);
  });
});
