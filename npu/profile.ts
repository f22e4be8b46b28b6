import { z } from 'zod';

/**
 * What a SmartNIC is made of and what everything on it costs: data, never code. The shipped files are
 * `topology/profiles/nics/*.yaml`, where each figure has its source beside it. All cycles are core clock cycles; engine
 * occupancy is in 1/100 cycle because the published throughputs are not whole cycles; outside the clock domain (MAC,
 * PCIe, RDMA block) durations are integer picoseconds.
 */

const cycles = z.int().min(0).max(1_000_000_000);
const positiveCycles = z.int().min(1).max(1_000_000_000);
const centiCycles = z.int().min(1).max(100_000_000);
const picoseconds = z.int().min(0).max(1_000_000_000_000_000);
const positivePicoseconds = z.int().min(1).max(1_000_000_000_000_000);
const count = z.int().min(1);
const powerOfTwo = z.int().min(1).refine(isPowerOfTwo, 'a power of two');

const latencySchema = z.strictObject({
  /** One word, from the cycle of the command to the cycle in which its signal is seen, with an idle engine. */
  readCycles: positiveCycles,
  writeCycles: positiveCycles,
  /** An atomic command that returns data (test_add, test_set, swap, atomic read). */
  atomicReadCycles: positiveCycles,
  /** An atomic command that returns nothing (add, incr, set, clr, atomic write). */
  atomicWriteCycles: positiveCycles,
});

const engineSchema = z.strictObject({
  /** Independent engines; consecutive blocks of `interleaveOctets` go to consecutive banks. */
  banks: powerOfTwo,
  interleaveOctets: powerOfTwo,
  /** How long one command of one beat keeps its bank busy. */
  readCentiCycles: centiCycles,
  writeCentiCycles: centiCycles,
  atomicCentiCycles: centiCycles,
  /** Octets moved a beat, and what each beat after the first adds to the occupancy and to the latency. */
  beatOctets: powerOfTwo,
  beatCentiCycles: centiCycles,
});

const memorySchema = z.strictObject({ octets: powerOfTwo, latency: latencySchema, engine: engineSchema });

const islandMemorySchema = z.strictObject({
  octets: powerOfTwo,
  latency: latencySchema,
  /** Seen from a core of another island. */
  remoteLatency: latencySchema,
  engine: engineSchema,
});

const cacheSchema = z.strictObject({
  octets: z.int().min(64),
  lineOctets: powerOfTwo,
  ways: count,
  /** What a miss adds to the latency of the command. */
  readMissCycles: cycles,
  writeMissCycles: cycles,
  atomicMissCycles: cycles,
});

const classifierSchema = z.strictObject({
  /** From a frame's arrival to its lambda being known. */
  latencyCycles: positiveCycles,
  /** Least distance of two frames that come out. */
  spacingCycles: positiveCycles,
});

const nicProfileSchema = z.strictObject({
  name: z.string().min(1),
  description: z.string().min(1),
  clock: z.strictObject({
    /** A whole number (633) or a fraction as text ("2000/3"). */
    megahertz: z.union([z.int().min(1).max(100_000), z.string().regex(/^[1-9]\d{0,4}\/[1-9]\d{0,2}$/)]),
  }),
  islands: z
    .array(z.strictObject({ number: z.int().min(32).max(63), cores: z.int().min(1).max(12) }))
    .min(1)
    .max(7),
  core: z.strictObject({
    contexts: z.union([z.literal(4), z.literal(8)]),
    /** What two neighbouring cores that share their code stores have, and so what a program may have. */
    codeStoreInstructions: z.int().min(1).max(65_536),
    /** What a core without a neighbour to share with has; absent: as much. */
    codeStoreOwnInstructions: z.int().min(1).max(65_536).optional(),
    localMemoryOctets: z.literal(4096),
    localMemoryPointers: z.union([z.literal(2), z.literal(4)]),
  }),
  costs: z.strictObject({
    instructionCycles: positiveCycles,
    /** Taken, with the condition codes set by the instruction just before; or a branch that tests a register. */
    branchTakenCycles: positiveCycles,
    /** Taken, with older condition codes, or without condition. */
    branchTakenEarlyCycles: positiveCycles,
    /** What giving the pipeline to the next context costs beyond the instruction that does it. */
    contextSwapCycles: cycles,
    /** Least distance of two memory commands with `ctx_swap` on one core, after one with a 32-bit or 40-bit address. */
    blockingSpacing32Cycles: cycles,
    blockingSpacing40Cycles: cycles,
    /** From writing an ActLMAddr CSR to the first instruction that may use the pointer. */
    localMemoryPointerCycles: cycles,
    /** From the last crc instruction to reading the remainder. */
    crcRemainderCycles: cycles,
    timestampTickCycles: positiveCycles,
  }),
  memories: z.strictObject({
    cls: islandMemorySchema,
    ctm: islandMemorySchema,
    imem: memorySchema,
    emem: memorySchema,
  }),
  ememCache: cacheSchema,
  packet: z.strictObject({
    bufferOctets: powerOfTwo,
    /** Offset of a frame's first octet in its buffer. */
    frameOffsetOctets: z.int().min(0),
    maximumFrameOctets: z.int().min(60).max(9216),
    /** From a frame's assignment to the wake-up of the context. */
    dispatchCycles: positiveCycles,
    /**
     * Core cycles of the receive and send library of the vendor's firmware that no instruction of ours stands for:
     * after the wake-up, and before the send command is issued.
     */
    receiveCoreCycles: cycles,
    sendCoreCycles: cycles,
    /** From the send command, with which the frame leaves, to its signal. */
    sendCycles: positiveCycles,
    /** Frames that wait for a context; a frame that finds the queue full is dropped. */
    queueFrames: count,
    /** Core cycles that one request may use before it is stopped as a runaway. */
    watchdogCycles: positiveCycles,
    /** What finds a frame's lambda before a context has it; without one the NIC cannot do weighted fair queueing. */
    classifier: classifierSchema.optional(),
  }),
  mac: z.strictObject({
    /** Last bit on the wire to the frame at the dispatcher. */
    ingressPs: positivePicoseconds,
    /** End of the send command to the frame in the MAC's egress queue. */
    egressPs: positivePicoseconds,
    /** Most frames a second that all ports together take in; absent: as many as the wires bring. */
    ingressFramesPerSecond: z.int().min(1).max(1_000_000_000_000).optional(),
    /** Frames that wait in the MAC for that; more are lost. Absent: as many as come. */
    ingressQueueFrames: count.optional(),
  }),
  pcie: z.strictObject({ bitsPerSecond: count }),
  firmwareLoad: z.strictObject({
    /** Reset of the chip and its islands, once a load. */
    fixedPs: picoseconds,
    /** Writing one instruction into the code store of one core. */
    instructionPs: picoseconds,
    /** Writing one octet of initialised data. */
    dataOctetPs: picoseconds,
  }),
  rdma: z.strictObject({
    /** Frame at the block to its effect (memory written, acknowledgement ready). */
    receivePs: positivePicoseconds,
    /** Least distance of two frames through the block, in or out. */
    framePs: positivePicoseconds,
    /** Message complete to its event at the dispatcher. */
    eventPs: positivePicoseconds,
    /** Result handed over by a context to the first frame of the write-back. */
    writeBackPs: positivePicoseconds,
  }),
  memoryPlan: z.strictObject({
    /** In CTM: packet buffers from 0; program data from here. */
    ctmProgramOctetAddress: z.int().min(0),
    /** In EMEM. */
    rdmaSlotBase: z.int().min(0),
    rdmaSlots: count,
    rdmaSlotOctets: powerOfTwo,
    /** Head and input lie before it, output from it to the end of the slot. */
    rdmaOutputOffset: z.int().min(32),
  }),
});

type RawProfile = z.infer<typeof nicProfileSchema>;

/** `cycles` core clock cycles take exactly `picoseconds`, both integers without a common factor. */
export interface ClockRatio {
  readonly cycles: number;
  readonly picoseconds: number;
}

/** A checked NIC profile. */
export interface NicProfile extends Omit<DeepReadonly<RawProfile>, 'clock'> {
  readonly clock: ClockRatio;
  /** Sum over the islands. */
  readonly coreCount: number;
}

export type MemoryLatency = DeepReadonly<z.infer<typeof latencySchema>>;
export type EngineProfile = DeepReadonly<z.infer<typeof engineSchema>>;
export type MemoryProfile = DeepReadonly<z.infer<typeof memorySchema>>;
export type IslandMemoryProfile = DeepReadonly<z.infer<typeof islandMemorySchema>>;
export type MemoryPlanProfile = NicProfile['memoryPlan'];
export type ClassifierProfile = DeepReadonly<z.infer<typeof classifierSchema>>;
export type MacProfile = NicProfile['mac'];
export type CacheProfile = DeepReadonly<z.infer<typeof cacheSchema>>;

type DeepReadonly<T> = T extends readonly (infer U)[]
  ? readonly DeepReadonly<U>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

/**
 * Checks a parsed YAML or JSON document and returns the profile.
 * @throws z.ZodError with the path of every figure that is missing, of the wrong kind, or contradicts another; whoever
 *   read the file turns the paths into `file:line:column`
 */
export function parseNicProfile(document: unknown): NicProfile {
  const { clock, ...figures } = nicProfileChecked.parse(document);
  return {
    ...figures,
    clock: clockRatio(clock.megahertz),
    coreCount: figures.islands.reduce((sum, island) => sum + island.cores, 0),
  };
}

/** The schema alone, for a JSON Schema of the profile files. */
export const nicProfileChecked = nicProfileSchema.superRefine((profile, context) => {
  const complain = (path: (string | number)[], message: string): void => {
    context.addIssue({ code: 'custom', path, message });
  };
  const { packet, memories, memoryPlan, ememCache, core, islands } = profile;
  const numbers = islands.map((island) => island.number);
  for (const [index, number] of numbers.entries()) {
    if (numbers.indexOf(number) !== index) complain(['islands', index, 'number'], `island ${number} is named twice`);
  }
  const mostCores = Math.max(...islands.map((island) => island.cores));
  const buffersOctets = packet.bufferOctets * mostCores * core.contexts;
  if (buffersOctets > memoryPlan.ctmProgramOctetAddress) {
    complain(['memoryPlan', 'ctmProgramOctetAddress'], `packet buffers of an island take ${buffersOctets} octets`);
  }
  if (memoryPlan.ctmProgramOctetAddress > memories.ctm.octets) {
    complain(['memoryPlan', 'ctmProgramOctetAddress'], `the CTM has ${memories.ctm.octets} octets`);
  }
  if (packet.frameOffsetOctets + packet.maximumFrameOctets > packet.bufferOctets) {
    complain(['packet', 'bufferOctets'], 'offset and longest frame do not fit into a buffer');
  }
  if (memoryPlan.rdmaSlotBase + memoryPlan.rdmaSlots * memoryPlan.rdmaSlotOctets > memories.emem.octets) {
    complain(['memoryPlan', 'rdmaSlots'], `the slots end beyond the EMEM of ${memories.emem.octets} octets`);
  }
  if (memoryPlan.rdmaOutputOffset >= memoryPlan.rdmaSlotOctets) {
    complain(['memoryPlan', 'rdmaOutputOffset'], `a slot has ${memoryPlan.rdmaSlotOctets} octets`);
  }
  const { codeStoreInstructions: shared, codeStoreOwnInstructions: own } = core;
  if (own !== undefined && own > shared) {
    complain(['core', 'codeStoreOwnInstructions'], `two cores that share have ${shared}`);
  }
  if (ememCache.octets % (ememCache.lineOctets * ememCache.ways) !== 0) {
    complain(['ememCache', 'octets'], 'not a multiple of line octets times ways');
  }
});

function clockRatio(megahertz: number | string): ClockRatio {
  const [numerator, denominator] = typeof megahertz === 'number' ? [megahertz, 1] : megahertz.split('/').map(Number);
  const cyclesIn = numerator as number;
  const psIn = 1_000_000 * (denominator as number);
  const divisor = greatestCommonDivisor(cyclesIn, psIn);
  return { cycles: cyclesIn / divisor, picoseconds: psIn / divisor };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function isPowerOfTwo(value: number): boolean {
  return 2 ** Math.round(Math.log2(value)) === value;
}
