import { assert } from '../../base/assert.ts';
import { InputError } from '../../base/errors.ts';
import { couplingCycles } from '../execution/commands/cluster.ts';
import { acceptFrame } from '../execution/commands/packet.ts';
import { NicRings } from '../execution/commands/rings.ts';
import { Core, type FaultKind, NEVER } from '../execution/core.ts';
import { CoreMail } from '../execution/core-mail.ts';
import { allocateCoreMemory, type CoreMemory } from '../execution/core-memory.ts';
import { coupledEngine } from '../execution/coupled-cores.ts';
import type { CoreEngine, ExecutionWorld } from '../execution/engine.ts';
import { prepareProgram } from '../execution/program.ts';
import { BLOCK_WORDS, CONSTANTS, CORE_WORDS, LOCAL_MEMORY_WORDS } from '../execution/registers.ts';
import { decodeVerifiedProgram } from '../image/decode.ts';
import { type FirmwareImage, RUNTIME_OWNER, type SourceLine } from '../image/firmware-image.ts';
import type { ContextMode, Instruction } from '../isa/instruction.ts';
import { MemoryMap, rightsOf } from '../memory/map.ts';
import type { Memory } from '../memory/memory.ts';
import { ownersOf } from '../memory/owners.ts';
import type { NicProfile } from '../profile.ts';
import { createTranslatingEngine } from '../translate/translating-engine.ts';
import { Classifier } from './classifier.ts';
import { checkCodeStore } from './code-store.ts';
import { CycleQueue } from './core-queue.ts';
import { budgetOf, type NicOptions, weightsOf } from './dispatch-policy.ts';
import { Dispatcher } from './dispatcher.ts';
import { FairFrames } from './fair-frames.ts';
import { FifoFrames, type FrameQueue, type WaitingFrame } from './frame-queue.ts';
import { isStepping } from './stepping-engine.ts';

/** A request that was stopped: who did what, where. */
export interface NpuFault {
  readonly kind: FaultKind;
  readonly cycle: number;
  readonly island: number;
  readonly core: number;
  readonly context: number;
  readonly instruction: number;
  /** Owner of the code: a lambda's name or `runtime`. */
  readonly owner: string;
  /** Source place of the instruction, empty and 0 when the image has none. */
  readonly file: string;
  readonly line: number;
  /** Further places of code that several have in common; absent: none. */
  readonly also?: readonly SourceLine[];
  /** Memory and octet address that were accessed. */
  readonly memory: string;
  readonly address: number;
  /** Lambda that the request was for, whoever's code was running; empty when its frame asks for none. */
  readonly lambda: string;
  /** Of the frame whose request it was. */
  readonly ingressPort: number;
  readonly sequence: number;
}

export interface NpuEvents {
  /** A context sent a frame. Called in the order of cycles; must not call back into the NPU. */
  onSend(cycle: number, port: number, frame: Uint8Array): void;
  onFault(fault: NpuFault): void;
  /**
   * A core wrote one of its four mailbox CSRs, which on the card a host or a debugger reads. Called in the order of each
   * core's instructions; must not call back into the NPU.
   */
  onMailbox?(core: number, mailbox: number, value: number): void;
}

export interface NpuCounters {
  readonly framesIn: number;
  readonly framesOut: number;
  readonly framesDropped: number;
  readonly faults: number;
  /** Faults that were requests over their cycle budget. */
  readonly overBudget: number;
  readonly queueMaximum: number;
  readonly commands: number;
  readonly contextSwaps: number;
  readonly commandWaitCycles: number;
  readonly ememCacheMisses: number;
  readonly memoryOctets: number;
}

/** What is loaded without an ELF file around it: for tests and for single-core runs. */
export type LoadableProgram = Pick<FirmwareImage, 'data' | 'regions' | 'entry' | 'symbols' | 'lines'> & {
  readonly contexts: ContextMode;
  readonly instructions: readonly Instruction[];
  /** In the order of the image; absent: none, so that no frame asks for one. */
  readonly lambdas?: FirmwareImage['lambdas'];
};

/**
 * The NIC's processors and memories. Time is a count of core clock cycles that whoever drives it chooses the origin of;
 * nothing runs unless `run` is called. Calls must come with non-decreasing cycles.
 */
export class Npu {
  readonly profile: NicProfile;
  private readonly events: NpuEvents;
  private readonly engine: CoreEngine;
  private readonly options: NicOptions;
  private readonly memories: MemoryMap;
  private readonly cores: readonly Core[];
  private readonly queue: CycleQueue;
  private readonly dispatcher: Dispatcher;
  /** Between arrival and dispatcher, when frames are sorted by lambda. */
  private readonly classifier: Classifier | undefined;
  private readonly coreMemory: CoreMemory;
  private readonly file: Int32Array;
  private readonly local: Int32Array;
  private readonly control = { paused: false };
  private readonly mail: CoreMail;
  private readonly coupled = coupledEngine();
  private world: ExecutionWorld | undefined;
  private image: Pick<FirmwareImage, 'symbols' | 'lines' | 'lambdas'> = { symbols: [], lines: [], lambdas: [] };
  /** By lambda id: its index in the image's list. */
  private lambdaIndex = new Map<number, number>();
  private ranUntil = Number.NEGATIVE_INFINITY;
  private faults = 0;
  private overBudget = 0;
  private framesOut = 0;

  /** @throws InputError `npu-no-classifier` for fair queueing on a NIC that cannot tell lambdas apart in time */
  constructor(
    profile: NicProfile,
    events: NpuEvents,
    engine: CoreEngine = createTranslatingEngine(),
    options: NicOptions = {},
  ) {
    this.profile = profile;
    this.events = events;
    this.engine = engine;
    this.options = options;
    if (options.dispatch?.kind === 'wfq') {
      const { classifier } = profile.packet;
      if (classifier === undefined) {
        throw new InputError('npu-no-classifier', `fair queueing: profile ${profile.name} has no packet.classifier`);
      }
      this.classifier = new Classifier(classifier);
    }
    this.memories = new MemoryMap(profile);
    this.coreMemory = allocateCoreMemory(profile.coreCount);
    this.cores = makeCores(profile, this.coreMemory);
    this.queue = new CycleQueue(this.cores.length);
    this.mail = new CoreMail(this.cores.length);
    this.dispatcher = new Dispatcher(new FifoFrames(profile.packet.queueFrames));
    this.file = this.coreMemory.file;
    this.local = this.coreMemory.local;
  }

  /** Whether a firmware is there; without one no frame can be delivered. */
  get loaded(): boolean {
    return this.world !== undefined;
  }

  /**
   * Replaces the firmware: memories are emptied and initialised, every context of every core starts at the entry.
   * @throws InputError `npu-...` when the image does not fit this NIC; the NPU is then without firmware
   */
  load(image: FirmwareImage, cycle = 0): void {
    this.unload();
    const decoded = decodeVerifiedProgram(image.instructions, image.contexts);
    if (!decoded.ok) throw new InputError(decoded.error.code, decoded.error.message);
    this.loadProgram({ ...image, instructions: decoded.value }, cycle);
  }

  /** As `load`, from instructions. `starts` says which contexts of which cores begin; default: all. */
  loadProgram(image: LoadableProgram, cycle = 0, starts: (core: Core, context: number) => boolean = () => true): void {
    this.unload();
    const { profile } = this;
    checkCodeStore(image.instructions.length, image.symbols, profile);
    if (image.contexts > profile.core.contexts) {
      throw new InputError(
        'npu-contexts',
        `firmware for ${image.contexts} contexts, a core has ${profile.core.contexts}`,
      );
    }
    if (image.entry >= image.instructions.length) throw new InputError('npu-entry', `no instruction ${image.entry}`);
    const program = prepareProgram(image.instructions, image.contexts);
    const owners = ownersOf(image, image.instructions.length);
    const targets = this.memories.targets(image.regions, owners.names);
    const localRights = rightsOf(image.regions, owners.names, 'local', profile.core.localMemoryOctets);
    this.memories.load(image);
    this.resetRegisters(image);
    const { symbols, lines, lambdas = [] } = image;
    this.image = { symbols, lines, lambdas };
    this.lambdaIndex = new Map(lambdas.map(({ id }, index) => [id, index]));
    this.dispatcher.reset(this.frameQueue());
    this.world = {
      profile,
      file: this.file,
      local: this.local,
      coreMemory: this.coreMemory,
      localRights,
      owners: owners.ofInstruction,
      control: this.control,
      dispatcher: this.dispatcher,
      contexts: image.contexts,
      program,
      entry: image.entry,
      ...targets,
      cores: this.cores,
      rings: new NicRings(profile.islands.length),
      mail: this.mail,
      onSend: (at, port, frame) => {
        this.framesOut++;
        this.events.onSend(at, port, frame);
      },
      onSignal: (core, context) => {
        if (core.wakeIfWaiting(context)) this.queue.set(core.index, core.next);
      },
      onFault: (core, context, at) => this.reportFault(core, context, at),
      onMailbox: (core, mailbox, value) => this.events.onMailbox?.(core.index, mailbox, value >>> 0),
    };
    for (const core of this.cores) {
      core.reset(cycle, profile.packet.watchdogCycles);
      for (let context = 0; context < image.contexts; context++) {
        if (starts(core, context)) core.startContext(context, image.entry, cycle);
      }
      this.queue.set(core.index, cycle);
    }
    this.ranUntil = cycle - 1;
  }

  /** Stops everything; frames that wait are lost. */
  unload(): void {
    this.world = undefined;
    this.dispatcher.reset(this.frameQueue());
    this.classifier?.clear();
    this.mail.clear();
    for (const core of this.cores) this.queue.set(core.index, NEVER);
  }

  /**
   * A frame for the contexts arrives. Everything before this cycle has to have run; a context sees the frame in a later
   * one.
   * @returns false when the queue was full and the frame is lost
   */
  deliver(cycle: number, ingressPort: number, frame: Uint8Array): boolean {
    const world = this.world;
    assert(world !== undefined, 'a frame for an NPU without firmware');
    assert(this.nextEventCycle() >= cycle, `frame at cycle ${cycle}, but ${this.nextEventCycle()} has not run`);
    assert(cycle >= this.ranUntil, `frame at cycle ${cycle}, already at ${this.ranUntil}`);
    assert(frame.length <= this.profile.packet.maximumFrameOctets, `frame of ${frame.length} octets`);
    const id = this.options.lambdaIdOf?.(frame);
    const lambda = (id === undefined ? undefined : this.lambdaIndex.get(id)) ?? -1;
    const budgetCycles = budgetOf(
      this.options.cycleBudget,
      this.image.lambdas[lambda]?.name,
      this.profile.packet.watchdogCycles,
    );
    const work = this.dispatcher.admit({ port: ingressPort, frame, lambda, budgetCycles });
    if (work === undefined) return false;
    if (this.classifier === undefined) this.assign(world, work, cycle);
    else this.classifier.push(cycle, work);
    return true;
  }

  /** The earliest cycle in which anything happens without a new frame; Infinity when all contexts are idle. */
  nextEventCycle(): number {
    return Math.min(this.queue.earliest, this.classifier?.nextCycle ?? NEVER);
  }

  /** Executes everything up to and including a cycle, unless `pause` is called meanwhile. */
  run(untilCycle: number): void {
    const world = this.world;
    if (world === undefined) return;
    const { queue, cores, control, classifier } = this;
    const { couples } = world.program;
    const engine = couples && !isStepping(this.engine) ? this.coupled : this.engine;
    const ahead = couplingCycles(this.profile.memories);
    control.paused = false;
    while (!control.paused) {
      // A classified frame comes before the accesses of its cycle, as one that `deliver` brings does.
      const classified = classifier?.nextCycle ?? NEVER;
      if (classified <= Math.min(untilCycle, queue.earliest)) {
        this.assign(world, classifier!.shift()!, classified);
        continue;
      }
      if (queue.earliest > untilCycle) break;
      const index = queue.first;
      const core = cores[index]!;
      queue.set(index, NEVER);
      const alone = Math.min(untilCycle, classified - 1);
      const until = couples ? Math.min(alone, queue.earliest + ahead - 1) : alone;
      // Shared accesses before the next core's turn, in the order of (cycle, core).
      const limit = queue.first > index ? queue.earliest : queue.earliest - 1;
      engine(world, core, until, Math.min(until, limit));
      queue.set(index, core.next);
    }
    this.ranUntil = Math.max(this.ranUntil, Math.min(untilCycle, this.nextEventCycle() - 1));
    if (couples) this.mail.deliverAll(cores, this.ranUntil);
  }

  /**
   * For `onSend`: `run` returns before anything later happens, since what was sent may come back. Accesses of the same
   * cycle by cores behind the sender may still be outstanding.
   */
  pause(): void {
    this.control.paused = true;
  }

  /** Arrival number that the next frame will have. */
  get nextSequence(): number {
    return this.dispatcher.framesArrived;
  }

  /** EMEM or IMEM for whoever reaches them from beside the cores (the RDMA block), untimed. */
  memory(name: 'emem' | 'imem'): Memory {
    return name === 'emem' ? this.memories.emem : this.memories.imem;
  }

  /** CTM or CLS of an island, by its place in the profile's list, untimed. */
  islandMemory(name: 'ctm' | 'cls', island: number): Memory {
    return this.memories[name][island]!;
  }

  /**
   * A context of a core begins at the entry, whatever it did before: for whoever runs a program again. Everything before
   * this cycle has to have run.
   */
  startContext(coreIndex: number, context: number, cycle: number): void {
    const { world, queue } = this;
    const core = this.cores[coreIndex]!;
    assert(world !== undefined, 'a context starts on an NPU without firmware');
    assert(queue.earliest >= cycle, `a start at cycle ${cycle}, but ${queue.earliest} has not run`);
    core.startContext(context, world.entry, cycle);
    if (core.wakeIfWaiting(context)) queue.set(coreIndex, core.next);
  }

  /** Tells the EMEM cache that octets were written from beside the cores: they lie in it now. */
  touchEmem(address: number, octets: number): void {
    if (octets > 0) this.memories.ememEngine.cache?.access(address, octets);
  }

  /** Frames that wait for a context. */
  get waitingFrames(): number {
    return this.dispatcher.waitingFrames;
  }

  get counters(): NpuCounters {
    const { memories, dispatcher, cores } = this;
    const sum = (of: (core: Core) => number) => cores.reduce((total, core) => total + of(core), 0);
    const inUse = [memories.emem, memories.imem, ...memories.ctm, ...memories.cls];
    return {
      framesIn: dispatcher.framesArrived,
      framesOut: this.framesOut,
      framesDropped: dispatcher.dropped,
      faults: this.faults,
      overBudget: this.overBudget,
      queueMaximum: dispatcher.queueMaximum,
      commands: sum((core) => core.commands),
      contextSwaps: sum((core) => core.swaps),
      commandWaitCycles: sum((core) => core.waitCycles),
      ememCacheMisses: memories.ememEngine.cache?.misses ?? 0,
      memoryOctets: inUse.reduce((total, memory) => total + memory.usedOctets, 0),
    };
  }

  /** Cycles that each core's pipeline was in use, by (island, core) in the profile's order. */
  get busyCycles(): readonly { readonly island: number; readonly core: number; readonly cycles: number }[] {
    return [...this.cores]
      .sort((a, b) => a.island - b.island || a.numberInIsland - b.numberInIsland)
      .map((core) => ({ island: core.islandNumber, core: core.numberInIsland, cycles: core.busyCycles }));
  }

  /** Registers and memories of one core, for tests and debuggers. */
  inspect(coreIndex: number): { readonly core: Core; readonly file: Int32Array; readonly local: Int32Array } {
    const core = this.cores[coreIndex]!;
    return {
      core,
      file: this.file.subarray(core.fileBase, core.fileBase + CORE_WORDS),
      local: this.local.subarray(core.localBase, core.localBase + LOCAL_MEMORY_WORDS),
    };
  }

  private frameQueue(): FrameQueue {
    const { dispatch } = this.options;
    const places = this.profile.packet.queueFrames;
    if (dispatch?.kind !== 'wfq') return new FifoFrames(places);
    return new FairFrames(places, weightsOf(dispatch, this.image.lambdas));
  }

  /** A frame is with the dispatcher: a context that is idle wakes up with it. */
  private assign(world: ExecutionWorld, arrived: WaitingFrame, cycle: number): void {
    const taken = this.dispatcher.arrive(arrived);
    if (taken === undefined) return;
    const core = this.cores[taken.context >>> 3]!;
    const context = taken.context & 7;
    core.raise(context, core.receiveSignal[context]!, acceptFrame(world, core, context, taken.work, cycle));
    if (core.wakeIfWaiting(context)) this.queue.set(core.index, core.next);
  }

  private resetRegisters(image: Pick<FirmwareImage, 'data'>): void {
    const { file, local } = this;
    file.fill(0);
    for (let block = 0; block < file.length; block += BLOCK_WORDS) {
      for (let value = 0; value < 256; value++) file[block + CONSTANTS + value] = value;
    }
    local.fill(0);
    for (const { memory, address, octets } of image.data) {
      if (memory !== 'local') continue;
      if (address % 4 !== 0 || address + octets.length > LOCAL_MEMORY_WORDS * 4) {
        throw new InputError('npu-image-data', `${octets.length} octets of data at ${address} of local memory`);
      }
      for (const core of this.cores) {
        for (const [i, octet] of octets.entries()) {
          local[core.localBase + ((address + i) >>> 2)]! |= octet << (24 - 8 * (i & 3));
        }
      }
    }
  }

  private reportFault(core: Core, context: number, cycle: number): void {
    this.faults++;
    if (core.fault?.kind === 'cycle-budget') this.overBudget++;
    const fault = core.fault;
    assert(fault !== undefined, 'a fault without details');
    const { instruction } = fault;
    const { symbols, lines } = this.image;
    const symbol = symbols.find(
      ({ memory, address, size }) => memory === 'code' && instruction >= address && instruction < address + size,
    );
    const line = lines.findLast((entry) => entry.instruction <= instruction);
    this.events.onFault({
      kind: fault.kind,
      cycle,
      island: core.islandNumber,
      core: core.numberInIsland,
      context,
      instruction,
      owner: symbol?.owner ?? RUNTIME_OWNER,
      file: line?.file ?? '',
      line: line?.line ?? 0,
      ...(line?.also === undefined ? {} : { also: line.also }),
      memory: fault.memory,
      address: fault.address,
      lambda: this.image.lambdas[core.lambda[context]!]?.name ?? '',
      ingressPort: core.ingressPort[context]!,
      sequence: core.sequence[context]!,
    });
  }
}

/**
 * In the order of ties, interleaved: core 0 of each island, then core 1 of each, and so on. All contexts reach their
 * first receive in this order, so the first frames spread over the islands.
 */
function makeCores(profile: NicProfile, { contexts }: CoreMemory): Core[] {
  const cores: Core[] = [];
  const most = Math.max(...profile.islands.map((island) => island.cores));
  for (let number = 0; number < most; number++) {
    for (const [island, spec] of profile.islands.entries()) {
      if (number >= spec.cores) continue;
      cores.push(new Core(cores.length, island, spec.number, number, contexts[cores.length]!));
    }
  }
  return cores;
}
