import { InputError } from '../../base/errors.ts';
import { CSR, csrText } from '../isa/csr.ts';
import { couplingCycles, FIRST_CORE_MASTER, neighbourOf, raiseSoon } from './commands/cluster.ts';
import type { Core } from './core.ts';
import { NEVER, SIGNALS } from './core.ts';
import type { ExecutionWorld } from './engine.ts';
import { BYTE_INDEX, NN_GET, NN_PUT, PREDICATE, T_INDEX } from './index-registers.ts';

// Fields: the open nfp6000/nfp_me.h of Netronome's firmware library (Apache License 2.0).

const INDEX_MASK = [0xff, 3, 0x7f, 0x7f, 0xf] as const;
const POINTER_MASK = 0xffc;
const FUTURE_COUNT_MASK = 0xffff;

interface ControlRegister {
  readonly read?: (world: ExecutionWorld, core: Core, instruction: number) => number;
  readonly write?: (world: ExecutionWorld, core: Core, value: number) => void;
}

/** The two forms of most registers: of the running context, or of the one that CSR CSRCtxPtr names. */
type ChooseContext = (core: Core) => number;
const active: ChooseContext = (core) => core.current;
const indirect: ChooseContext = (core) => core.csrContext;

/** CtxEnables: NNsendConfig (1: to itself) and NNreceiveConfig. */
const NEIGHBOUR_CONFIGURATION = 0x10_0007;

const registers: (ControlRegister | undefined)[] = [];

function define(address: number, register: ControlRegister): void {
  registers[address >>> 2] = register;
}

define(CSR.ActCtxStatus, {
  // 31: a context is active, 30..25 island, 24..8 instruction, 6..3 core, 2..0 context. Cores count from 4 on: open
  // nic-firmware (camp_hash.uc) uses the field as the number of a master, and nfp/remote_me.c adds 4 to a core for that.
  read: (_world, core, instruction) => {
    const master = core.numberInIsland + FIRST_CORE_MASTER;
    return (1 << 31) | (core.islandNumber << 25) | (instruction << 8) | (master << 3) | core.current;
  },
});
define(CSR.CSRCtxPtr, {
  read: (_world, core) => core.csrContext,
  write: (_world, core, value) => {
    core.csrContext = value & 7;
  },
});
define(CSR.IndCtxStatus, {
  // 31: ready to run, 13..0 instruction.
  read: (_world, core) => {
    const context = core.csrContext;
    if (context === core.current) return core.place & 0x3fff;
    return (core.ready[context]! <= core.now ? 1 << 31 : 0) | (core.pc[context]! & 0x3fff);
  },
});
for (const [address, choose] of [
  [CSR.ActCtxSglEvt, active],
  [CSR.IndCtxSglEvt, indirect],
] as const) {
  define(address, {
    read: (_world, core) => raisedSignals(core, choose(core)),
    write: (_world, core, value) => setSignals(core, choose(core), value),
  });
}
for (const [address, choose] of [
  [CSR.ActCtxWkpEvt, active],
  [CSR.IndCtxWkpEvt, indirect],
] as const) {
  define(address, {
    read: (_world, core) => core.wakeEvents[choose(core)]!,
    write: (_world, core, value) => {
      core.wakeEvents[choose(core)] = value & 0x1ffff;
    },
  });
}
for (const [address, choose] of [
  [CSR.ActCtxFtrCnt, active],
  [CSR.IndCtxFtrCnt, indirect],
] as const) {
  define(address, {
    read: (_world, core) => core.futureCount[choose(core)]!,
    write: (world, core, value) => {
      core.futureCount[choose(core)] = value & FUTURE_COUNT_MASK;
      setAlarm(world, core, choose(core));
    },
  });
}
for (const [address, choose] of [
  [CSR.ActFtrCntSgl, active],
  [CSR.IndFtrCntSgl, indirect],
] as const) {
  define(address, {
    read: (_world, core) => core.futureSignal[choose(core)]!,
    write: (world, core, value) => {
      core.futureSignal[choose(core)] = value & 15;
      setAlarm(world, core, choose(core));
    },
  });
}
for (const [pointer, addresses] of [
  [CSR.ActLMAddr0, CSR.IndLMAddr0, CSR.ActLMAddr0BytIdx, CSR.IndLMAddr0BytIdx],
  [CSR.ActLMAddr1, CSR.IndLMAddr1, CSR.ActLMAddr1BytIdx, CSR.IndLMAddr1BytIdx],
  [CSR.ActLMAddr2, CSR.IndLMAddr2, CSR.ActLMAddr2BytIdx, CSR.IndLMAddr2BytIdx],
  [CSR.ActLMAddr3, CSR.IndLMAddr3, CSR.ActLMAddr3BytIdx, CSR.IndLMAddr3BytIdx],
].entries()) {
  addresses.forEach((address, form) => {
    const choose = (form & 1) === 0 ? active : indirect;
    const withByteIndex = form >= 2;
    define(address, {
      read: (_world, core) =>
        core.localPointer[choose(core) * 4 + pointer]! | (withByteIndex ? core.indexes[BYTE_INDEX]! : 0),
      write: (world, core, value) => {
        writePointer(world, core, choose(core), pointer, value);
        if (withByteIndex) writeIndex(world, core, BYTE_INDEX, value);
      },
    });
  });
}
for (const [address, which] of [
  [CSR.ByteIndex, BYTE_INDEX],
  [CSR.NNPut, NN_PUT],
  [CSR.NNGet, NN_GET],
  // *Inferred*: one a core; public code writes it without choosing a context by CSRCtxPtr.
  [CSR.IndPredCC, PREDICATE],
] as const) {
  define(address, {
    read: (_world, core) => core.indexes[which]!,
    write: (world, core, value) => writeIndex(world, core, which, value),
  });
}
define(CSR.XferIndex, {
  read: (_world, core) => core.indexes[T_INDEX]! << 2,
  write: (world, core, value) => writeIndex(world, core, T_INDEX, value >>> 2),
});
define(CSR.XfrAndBytIdx, {
  read: (_world, core) => (core.indexes[T_INDEX]! << 2) | core.indexes[BYTE_INDEX]!,
  write: (world, core, value) => {
    writeIndex(world, core, T_INDEX, value >>> 2);
    writeIndex(world, core, BYTE_INDEX, value);
  },
});
define(CSR.TimestampLow, { read: (world, core) => ticks(world, core) | 0 });
define(CSR.TimestampHgh, { read: (world, core) => Math.floor(ticks(world, core) / 2 ** 32) | 0 });
define(CSR.SameMESignal, {
  // 7: the next context, else that of bits 2..0; 6..3 signal.
  write: (world, core, value) => {
    const context = (value & 0x80) !== 0 ? (core.current + 1) % world.contexts : value & 7;
    if (context < world.contexts) core.raise(context, (value >>> 3) & 15, core.now);
  },
});
for (const [address, step] of [
  [CSR.NxtNghbrSgl, 1],
  [CSR.PrvNghbrSgl, -1],
] as const) {
  define(address, {
    // 7: the context of the same number, else that of bits 2..0; 6..3 signal.
    write: (world, core, value) => {
      const neighbour = neighbourOf(world.cores, core, step);
      const context = (value & 0x80) !== 0 ? core.current : value & 7;
      if (neighbour === undefined) return;
      raiseSoon(world, neighbour, context, (value >>> 3) & 15, core.now + couplingCycles(world.profile.memories));
    },
  });
}
define(CSR.CtxEnables, {
  // 31: four contexts; 20: next-neighbour registers are the core's own; 2..0: who writes them. The rest is not modelled.
  read: (world, core) => (world.contexts === 4 ? 1 << 31 : 0) | core.neighbourConfiguration,
  write: (_world, core, value) => {
    core.neighbourConfiguration = value & NEIGHBOUR_CONFIGURATION;
  },
});
define(CSR.CRCRemainder, {
  read: (world, core) =>
    core.now >= core.crcUpdated + world.profile.costs.crcRemainderCycles ? core.crcRemainder : core.crcSettled,
  write: (_world, core, value) => {
    core.crcRemainder = value;
    core.crcSettled = value;
  },
});
for (const [mailbox, address] of [CSR.Mailbox0, CSR.Mailbox1, CSR.Mailbox2, CSR.Mailbox3].entries()) {
  define(address, {
    read: (_world, core) => core.mailboxes[mailbox]!,
    write: (world, core, value) => {
      core.mailboxes[mailbox] = value;
      world.onMailbox(core, mailbox, value);
    },
  });
}
define(CSR.CmdIndirectRef0, {
  read: (_world, core) => core.indirectReference,
  write: (_world, core, value) => {
    core.indirectReference = value;
  },
});

/** @throws InputError `npu-unsupported-csr` unless this NPU has the register for reading or writing */
export function checkCsr(address: number, access: 'read' | 'write'): void {
  if (registers[address >>> 2]?.[access] !== undefined) return;
  throw new InputError('npu-unsupported-csr', `${access} of ${csrText(address)}`);
}

/** Value of a register that `checkCsr` has passed. @param instruction index of the instruction that reads */
export function readCsr(world: ExecutionWorld, core: Core, address: number, instruction: number): number {
  return registers[address >>> 2]!.read!(world, core, instruction);
}

export function writeCsr(world: ExecutionWorld, core: Core, address: number, value: number): void {
  registers[address >>> 2]!.write!(world, core, value);
}

/**
 * A new local-memory pointer is seen by instructions more than `localMemoryPointerCycles` after this one: three others
 * in between with the shipped profiles, as Linux' jit.c puts them. Until then the old one counts.
 */
export function writePointer(world: ExecutionWorld, core: Core, context: number, pointer: number, value: number): void {
  const at = context * 4 + pointer;
  const { now } = core;
  if (now > core.localPointerWritten[at]! + world.profile.costs.localMemoryPointerCycles) {
    core.localPointerOld[at] = core.localPointer[at]!;
  }
  core.localPointer[at] = value & POINTER_MASK;
  core.localPointerWritten[at] = now;
}

/** The other index registers take as long (Intel IXP2800 hardware reference manual, 2.3.6: three instructions). */
function writeIndex(world: ExecutionWorld, core: Core, which: number, value: number): void {
  const { now } = core;
  if (now > core.indexesWritten[which]! + world.profile.costs.localMemoryPointerCycles) {
    core.indexesOld[which] = core.indexes[which]!;
  }
  core.indexes[which] = value & INDEX_MASK[which]!;
  core.indexesWritten[which] = now;
}

/** The value that counts for the running instruction. */
export function settledIndex(world: ExecutionWorld, core: Core, which: number): number {
  return settledValues(world, core, which)[which]!;
}

/** As `settledIndex`, and moves the register on. */
export function stepIndex(world: ExecutionWorld, core: Core, which: number, step: number): number {
  const values = settledValues(world, core, which);
  const value = values[which]!;
  values[which] = (value + step) & INDEX_MASK[which]!;
  return value;
}

function settledValues(world: ExecutionWorld, core: Core, which: number): Int32Array {
  const settled = core.now > core.indexesWritten[which]! + world.profile.costs.localMemoryPointerCycles;
  return settled ? core.indexes : core.indexesOld;
}

/** A `crc` instruction has a new remainder; it can be read some cycles later, until then the old one is. */
export function updateCrc(world: ExecutionWorld, core: Core, remainder: number): void {
  const { now } = core;
  if (now >= core.crcUpdated + world.profile.costs.crcRemainderCycles) core.crcSettled = core.crcRemainder;
  core.crcRemainder = remainder;
  core.crcUpdated = now;
}

function ticks(world: ExecutionWorld, core: Core): number {
  return Math.floor(core.now / world.profile.costs.timestampTickCycles);
}

/** Signals that have come and are not consumed, bits 15..1. */
function raisedSignals(core: Core, context: number): number {
  let mask = 0;
  for (let signal = 1; signal < SIGNALS; signal++) {
    if (core.signals[context * SIGNALS + signal]! <= core.now) mask |= 1 << signal;
  }
  return mask;
}

/** Raises the signals of a mask and takes back the others, except those that are still on their way. */
function setSignals(core: Core, context: number, mask: number): void {
  for (let signal = 1; signal < SIGNALS; signal++) {
    const at = context * SIGNALS + signal;
    if (((mask >>> signal) & 1) === 1) core.raise(context, signal, core.now);
    else if (core.signals[at]! <= core.now) core.signals[at] = NEVER;
  }
}

/** The signal comes when the low half of the timestamp is the count; an alarm that was set before is off. */
function setAlarm(world: ExecutionWorld, core: Core, context: number): void {
  const before = context * SIGNALS + core.alarmSignal[context]!;
  if (core.alarm[context]! > core.now && core.signals[before] === core.alarm[context]) core.signals[before] = NEVER;
  core.alarm[context] = NEVER;
  const signal = core.futureSignal[context]!;
  core.alarmSignal[context] = signal;
  if (signal === 0) return;
  const timestamp = ticks(world, core);
  const distance = (core.futureCount[context]! - (timestamp % (FUTURE_COUNT_MASK + 1))) & FUTURE_COUNT_MASK;
  core.alarm[context] = Math.max(core.now, (timestamp + distance) * world.profile.costs.timestampTickCycles);
  core.raise(context, signal, core.alarm[context]!);
}
