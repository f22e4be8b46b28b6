import { assert } from '../../base/assert.ts';
import { decodeVerifiedProgram } from '../../npu/image/decode.ts';
import type { FirmwareImage, FirmwareSymbol } from '../../npu/image/firmware-image.ts';
import { Npu, type NpuFault } from '../../npu/nic/npu.ts';
import type { NicProfile } from '../../npu/profile.ts';

export interface SentFrame {
  readonly port: number;
  readonly octets: Uint8Array;
}

/** Cycles that one packet may take, all its clones included. */
const MOST_CYCLES = 4_000_000;
/** Read-only data of the program, which a new image brings itself, and packets that are on their way. */
const NOT_KEPT = /^pif_(rows|masks|rates)_|^pif_(waiting|replicas)$/;

/**
 * One core of a NIC, packets one after the other. A program can be replaced by the same one with other rules: what its
 * objects in the NIC's memories hold stays.
 */
export class TestBench {
  private readonly profile: NicProfile;
  private readonly npu: Npu;
  private image: FirmwareImage | undefined;
  private sent: SentFrame[] = [];
  private faults: NpuFault[] = [];
  private cycle = 0;

  constructor(profile: NicProfile) {
    const { packet } = profile;
    this.profile = { ...profile, packet: { ...packet, watchdogCycles: Math.min(packet.watchdogCycles, MOST_CYCLES) } };
    this.npu = new Npu(this.profile, {
      onSend: (_, port, frame) => this.sent.push({ port, octets: frame.slice() }),
      onFault: (fault) => this.faults.push(fault),
    });
  }

  load(image: FirmwareImage): void {
    const kept = this.image === undefined ? [] : this.contents(this.image);
    const decoded = decodeVerifiedProgram(image.instructions, image.contexts);
    assert(decoded.ok, 'the compiler makes programs that can be loaded');
    this.npu.loadProgram({ ...image, instructions: decoded.value }, this.cycle, (core) => core.index === 0);
    this.image = image;
    for (const { symbol, octets } of kept) {
      const now = image.symbols.find((each) => isSame(each, symbol));
      if (now === undefined) continue;
      for (const memory of this.memories(now.memory)) {
        memory.write(now.address, octets.subarray(0, Math.min(now.size, octets.length)));
      }
    }
    this.settle();
  }

  /** What leaves the NIC on account of a packet. */
  exchange(
    port: number,
    octets: Uint8Array,
  ): { readonly sent: readonly SentFrame[]; readonly faults: readonly NpuFault[] } {
    this.sent = [];
    this.faults = [];
    const taken = this.npu.deliver(this.cycle, port, octets);
    assert(taken, 'a core without work takes a packet');
    this.settle();
    return { sent: this.sent, faults: this.faults };
  }

  /** Lets time pass. */
  rest(microseconds: number): void {
    const { cycles, picoseconds } = this.profile.clock;
    this.cycle += Math.ceil((microseconds * 1e6 * cycles) / picoseconds);
  }

  /** Octets of an object of the program; undefined: the program never uses it, so it is not there. */
  read(name: string): Uint8Array | undefined {
    const symbol = this.image?.symbols.find((each) => each.name === name && each.memory !== 'code');
    if (symbol === undefined) return undefined;
    return this.memories(symbol.memory)[0]?.read(symbol.address, symbol.size);
  }

  write(name: string, offsetOctets: number, octets: Uint8Array): void {
    const symbol = this.image?.symbols.find((each) => each.name === name && each.memory !== 'code');
    if (symbol === undefined) return;
    for (const memory of this.memories(symbol.memory)) memory.write(symbol.address + offsetOctets, octets);
  }

  private contents({ symbols }: FirmwareImage): { symbol: FirmwareSymbol; octets: Uint8Array }[] {
    return symbols.flatMap((symbol) => {
      const [memory] = this.memories(symbol.memory);
      if (memory === undefined || NOT_KEPT.test(symbol.name)) return [];
      return [{ symbol, octets: memory.read(symbol.address, symbol.size) }];
    });
  }

  /** All copies of a memory; none for code and local memory. */
  private memories(name: FirmwareSymbol['memory']) {
    if (name === 'emem' || name === 'imem') return [this.npu.memory(name)];
    if (name === 'ctm' || name === 'cls') {
      return this.profile.islands.map((_, island) => this.npu.islandMemory(name, island));
    }
    return [];
  }

  private settle(): void {
    const limit = this.cycle + 2 * MOST_CYCLES;
    for (let next = this.npu.nextEventCycle(); next <= limit; next = this.npu.nextEventCycle()) {
      this.npu.run(next + 10_000);
      this.cycle = Math.max(this.cycle, next + 10_001);
    }
  }
}

function isSame(a: FirmwareSymbol, b: FirmwareSymbol): boolean {
  return a.name === b.name && a.owner === b.owner && a.memory !== 'code';
}
