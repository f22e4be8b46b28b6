import {
  ACCESS_ATOMIC_READ,
  ACCESS_ATOMIC_WRITE,
  ACCESS_READ,
  ACCESS_WRITE,
  type AccessKind,
} from '../../memory/engine.ts';
import type { Core } from '../core.ts';
import { BLOCK_WORDS, XFER_IN, XFER_OUT } from '../registers.ts';
import { COMMAND_ATOMIC, COMMAND_OTHER, COMMAND_READ, COMMAND_RECEIVE, COMMAND_SEND, COMMAND_WRITE } from './action.ts';
import { ATOMIC_READ } from './arithmetic.ts';
import { atomicData, atomicData64 } from './atomic.ts';
import { clsRingRegisters } from './island-ring.ts';
import {
  asksForMaster,
  DATA_NONE,
  DATA_OCTET_MASK,
  DATA_OPERAND,
  DATA_REFERENCE,
  LENGTH_WITH_DATA,
  octetMask,
  overriddenContext,
  overriddenLength,
  overriddenSignal,
  overrideData,
  overrideKind,
} from './override.ts';
import { isOwnBuffer, receive, send } from './packet.ts';
import { type CommandPlan, MAXIMUM_UNITS } from './plan.ts';
import { readData, writeData } from './transfer.ts';
import { type CommandWorld, fault, type MemoryTarget } from './world.ts';

/** In 40-bit addresses of CLS the island stands in bits 39..34 (open nic-firmware, app_config_instr.c). */
const CLS_ISLAND_UNIT = 2 ** 34;
/** Transfer registers that a data reference can name, over all contexts. */
const TRANSFER_REGISTERS = 256;

/**
 * Carries out a command, now: data moves, the engine's time is taken, and the cycle of the signal is known at once.
 * Called in the order of issue over all cores.
 * @param previous result of the instruction before, for `indirect_ref`
 * @returns the cycle in which the signal is seen; NEVER if that depends on a frame or on another core; -1 on a fault (in
 * `core.fault`)
 */
export function executeCommand(
  world: CommandWorld,
  core: Core,
  context: number,
  plan: CommandPlan,
  instruction: number,
  a: number,
  b: number,
  previous: number,
  cycle: number,
): number {
  core.commands++;
  const { action } = plan;
  if (action === COMMAND_RECEIVE) return receive(world, core, context, plan, cycle);
  if (action === COMMAND_SEND) return send(world, core, context, plan, instruction, cycle);

  let target: MemoryTarget | undefined;
  let address: number;
  if (plan.shifted) {
    const sum = (a >>> 0) * 256 + (b >>> 0);
    address = sum % 2 ** 32;
    target =
      plan.memory === 'cls'
        ? world.clsByIsland[core.island]![Math.floor(sum / CLS_ISLAND_UNIT) & 0x3f]
        : world.byTopOctet[core.island]![Math.floor(sum / 2 ** 32) & 0xff];
  } else {
    target = plan.memory === 'cls' ? world.ownCls[core.island]! : world.ownCtm[core.island]!;
    address = (a + b + plan.offset) >>> 0;
  }

  let block = core.fileBase + context * BLOCK_WORDS;
  let { xfer, operand, count, unit } = plan;
  let field = -1;
  let mask = -1;
  if (plan.indirect) {
    field = overriddenLength(previous);
    mask = octetMask(core, previous);
    if (!isModelled(plan, previous, field, mask)) return fault(core, 'bad-override', instruction, plan.name, address);
    const kind = overrideKind(previous);
    if (kind === DATA_OPERAND) operand = overrideData(previous);
    else if (kind === DATA_REFERENCE && !plan.ringInOverride) {
      // Counted over the contexts, as CSR XferIndex does (open nfd, pci_in/notify.c).
      const register = (overrideData(previous) >>> 2) & (TRANSFER_REGISTERS - 1);
      const perContext = TRANSFER_REGISTERS / world.contexts;
      block = core.fileBase + Math.floor(register / perContext) * BLOCK_WORDS;
      xfer = register % perContext;
    }
  }
  const isRingRegister =
    plan.memory === 'cls' && target !== undefined && action <= COMMAND_WRITE && address >= target.memory.octets;
  if (action === COMMAND_OTHER || isRingRegister) {
    const access = {
      world,
      core,
      context,
      plan,
      instruction,
      target,
      address,
      length: field >= 0 ? field : plan.count - 1,
      override: plan.indirect ? previous : 0,
      xfer,
      transferIn: block + XFER_IN + xfer,
      transferOut: block + XFER_OUT + xfer,
      signal: plan.indirect ? overriddenSignal(core, previous, plan.signal) : plan.signal,
      signalContext: plan.indirect ? overriddenContext(core, previous, context) : context,
      cycle,
    };
    return isRingRegister ? clsRingRegisters(access, action === COMMAND_WRITE) : plan.execute!(access);
  }

  if (field >= 0) {
    if (action !== COMMAND_ATOMIC) count = field + 1;
    else if (plan.memory === 'cls') count = plan.immediate ? 1 : field + 1;
    else if (plan.wideByLength) {
      count = plan.immediate ? 1 : (field & 3) + 1;
      if ((field & 4) !== 0) unit = 8;
    } else count = plan.immediate ? 1 : (field & 7) + 1;
    if (plan.immediate && overrideKind(previous) === DATA_NONE) operand = (field & 3) + 1;
  }
  const octets = count * unit;
  const words = (octets + 3) >>> 2;
  const registers = TRANSFER_REGISTERS / world.contexts;
  if (count > MAXIMUM_UNITS[unit] || (!plan.immediate && xfer + words > registers)) {
    return fault(core, 'bad-length', instruction, plan.name, address);
  }
  const reads = action === COMMAND_READ || (action === COMMAND_ATOMIC && plan.atomic === ATOMIC_READ);
  if (target === undefined) {
    return fault(core, reads ? 'unmapped-read' : 'unmapped-write', instruction, plan.name, address);
  }
  if (unit !== 1 && (address & (unit - 1)) !== 0) return fault(core, 'misaligned', instruction, target.name, address);
  if (!isOwnBuffer(core, context, world.profile, target, address, octets)) {
    const rights = target.rights[world.owners[instruction]!]!;
    if (!(reads ? rights.allowsRead(address, octets) : rights.allowsWrite(address, octets))) {
      return fault(core, reads ? 'unmapped-read' : 'unmapped-write', instruction, target.name, address);
    }
  }

  let kind: AccessKind;
  if (action === COMMAND_READ) {
    kind = ACCESS_READ;
    readData(world.file, block + XFER_IN + xfer, target.memory, address, octets, plan);
  } else if (action === COMMAND_ATOMIC) {
    kind = plan.returns ? ACCESS_ATOMIC_READ : ACCESS_ATOMIC_WRITE;
    const data = {
      file: world.file,
      transferIn: block + XFER_IN + xfer,
      transferOut: block + XFER_OUT + xfer,
      immediate: operand,
      octetMask: mask,
    };
    if (unit === 8) atomicData64(data, plan, target.memory, address, count);
    else atomicData(data, plan, target.memory, address, count);
  } else {
    kind = ACCESS_WRITE;
    writeData(world.file, block + XFER_OUT + xfer, target.memory, address, octets, plan, mask);
  }
  return target.engine.access(cycle, address, octets, kind, target.latency);
}

/** Whether this NPU does what an override asks: nothing, or what public text describes for the command. */
function isModelled(plan: CommandPlan, override: number, field: number, mask: number): boolean {
  if (asksForMaster(override) || (mask >= 0 && !plan.masks)) return false;
  switch (overrideKind(override)) {
    case DATA_NONE:
    case DATA_OCTET_MASK:
      return !plan.compares || (mask >= 0 && field >= 0 && (field & LENGTH_WITH_DATA) !== 0);
    case DATA_REFERENCE:
      return !plan.immediate && !plan.compares;
    case DATA_OPERAND:
      return plan.immediate;
    default:
      return false;
  }
}
