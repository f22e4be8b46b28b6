import { COMMAND_SEND } from './command-plan.ts';
import { executeCommand } from './commands.ts';
import type { Core } from './core.ts';
import { NEVER, SIGNALS } from './core.ts';
import * as csr from './csr.ts';
import type { CoreEngine, ExecutionWorld } from './engine.ts';
import { multiplyStep } from './multiply.ts';
import * as op from './opcodes.ts';
import { readSpecial, writeSpecial } from './operands.ts';
import { BLOCK_WORDS, SPECIAL } from './registers.ts';

/**
 * Longest stretch of one call, so that a core that runs alone comes back now and then: a function that never returns is
 * never fully optimised by V8.
 */
const STRETCH_CYCLES = 2 ** 16;

/** The interpreter: predecoded operands, one switch. The oracle for any faster engine. */
export const interpretCore: CoreEngine = (world, core, until, sharedUntil) => {
  if (core.current < 0) core.arbitrate(core.next, until);
  while (core.current >= 0) {
    const context = core.current;
    const swapCycles = runContext(world, core, context, until, sharedUntil);
    if (core.fault !== undefined) stopRequest(world, core, context);
    else if (swapCycles === STILL_RUNNING) return;
    core.slots = 0;
    core.arbitrate(core.next + Math.max(0, swapCycles), until);
    if (world.control.paused) return;
  }
};

/** `runContext` stopped in the middle; it goes on at the context's `pc`. */
const STILL_RUNNING = -1;

/**
 * One stay of one context in the pipeline. The cases are the numbers of `opcodes.ts`: written out, since V8
 * makes a jump table of literals only.
 * @returns the cycles that the swap to the next context takes, or `STILL_RUNNING`
 */
function runContext(world: ExecutionWorld, core: Core, context: number, until: number, sharedUntil: number): number {
  const { file, program, profile } = world;
  const { op: opcodes, a: operandA, b: operandB, destination, x, y, defer, keepConditionCodes } = program;
  const costs = profile.costs;
  const instructionCycles = costs.instructionCycles;
  const lateSlots = costs.branchTakenCycles - 1;
  const earlySlots = costs.branchTakenEarlyCycles - 1;
  const block = core.fileBase + context * BLOCK_WORDS;
  // Cycles are counted from `origin` in a small integer; t is the cycle after the instruction being executed.
  const origin = core.next;
  const sharedLimit = stretchOf(sharedUntil - origin);
  const stretch = stretchOf(Math.min(until - origin, core.budget[context]! - core.used[context]!));
  let t = core.wakeCycles[context]!;
  core.wakeCycles[context] = 0;
  let pc = core.pc[context]!;
  let slots = core.slots;
  let slotTarget = core.slotTarget;
  let conditionResult = core.conditionResult;
  let carry = core.carry;
  let overflow = core.overflow;
  let previous = core.previous;
  let previousA = core.previousA;
  // When the condition codes were set by the instruction just before: the t of the branch that tests them.
  let conditionAt = -1;
  let swapCycles = 0;
  let running = true;

  while (running) {
    const i = pc;
    const slotsBefore = slots;
    pc = i + 1;
    if (slots !== 0 && --slots === 0) pc = slotTarget;
    const now = t;
    t += instructionCycles;
    let result: number;
    let newCarry = 0;
    let newOverflow = 0;
    let late = true;

    // biome-ignore lint/suspicious/noConfusingLabels: the three ends of an instruction, without a call
    taken: {
      // biome-ignore lint/suspicious/noConfusingLabels: the three ends of an instruction, without a call
      plain: {
        // biome-ignore lint/suspicious/noConfusingLabels: the three ends of an instruction, without a call
        withCodes: {
          const aCode = operandA[i]!;
          const bCode = operandB[i]!;
          // Local memory and the like go the long way.
          const a = aCode < SPECIAL ? file[block + aCode]! : readSpecial(world, core, context, aCode, i, origin + now);
          const b = bCode < SPECIAL ? file[block + bCode]! : readSpecial(world, core, context, bCode, i, origin + now);
          switch (opcodes[i]!) {
            case 0: // OP_NOP
              continue;
            case 1: // OP_B
              result = b;
              break withCodes;
            case 2: // OP_NOT_B
              result = ~b;
              break withCodes;
            case 3: // OP_ADD
              result = (a + b) | 0;
              newCarry = result >>> 0 < a >>> 0 ? 1 : 0;
              newOverflow = ((a ^ result) & (b ^ result)) >>> 31;
              previousA = a;
              break withCodes;
            case 4: // OP_ADD8
            case 5: {
              // OP_ADD16
              const part = b & (opcodes[i] === op.OP_ADD8 ? 0xff : 0xffff);
              result = (a + part) | 0;
              newCarry = result >>> 0 < a >>> 0 ? 1 : 0;
              newOverflow = ((a ^ result) & (part ^ result)) >>> 31;
              previousA = a;
              break withCodes;
            }
            case 6: // OP_ADD_CARRY
              result = (a + b + carry) | 0;
              newCarry = (a >>> 0) + (b >>> 0) + carry > 0xffff_ffff ? 1 : 0;
              newOverflow = ((a ^ result) & (b ^ result)) >>> 31;
              previousA = a;
              break withCodes;
            case 7: // OP_SUB
              // Carry is "no borrow": a + ~b + 1.
              result = (a - b) | 0;
              newCarry = a >>> 0 >= b >>> 0 ? 1 : 0;
              newOverflow = ((a ^ b) & (a ^ result)) >>> 31;
              previousA = a;
              break withCodes;
            case 8: // OP_SUB_CARRY
              result = (a - b - 1 + carry) | 0;
              newCarry = (a >>> 0) - (b >>> 0) - 1 + carry >= 0 ? 1 : 0;
              newOverflow = ((a ^ b) & (a ^ result)) >>> 31;
              previousA = a;
              break withCodes;
            case 9: // OP_REVERSE_SUB
              result = (b - a) | 0;
              newCarry = b >>> 0 >= a >>> 0 ? 1 : 0;
              newOverflow = ((b ^ a) & (b ^ result)) >>> 31;
              previousA = a;
              break withCodes;
            case 10: // OP_AND
              result = a & b;
              previousA = a;
              break withCodes;
            case 11: // OP_NOT_A_AND
              result = ~a & b;
              previousA = a;
              break withCodes;
            case 12: // OP_AND_NOT_B
              result = a & ~b;
              previousA = a;
              break withCodes;
            case 13: // OP_OR
              result = a | b;
              previousA = a;
              break withCodes;
            case 14: // OP_XOR
              result = a ^ b;
              previousA = a;
              break withCodes;
            case 15: // OP_SHIFT_LEFT
              result = b << x[i]!;
              break withCodes;
            case 16: // OP_SHIFT_RIGHT
              result = b >>> x[i]!;
              break withCodes;
            case 17: {
              // OP_ALU_SHIFT
              const how = y[i]!;
              const shifted = shift(b, how >>> 8, x[i]!, previousA);
              result = combine(how & 0xff, a, shifted);
              previousA = a;
              break withCodes;
            }
            case 18: // OP_DOUBLE_SHIFT
              result = (a << (32 - x[i]!)) | (b >>> x[i]!);
              previousA = a;
              break withCodes;
            case 19: {
              // OP_DOUBLE_SHIFT_INDIRECT
              const amount = previousA & 31;
              result = amount === 0 ? b : (a << (32 - amount)) | (b >>> amount);
              previousA = a;
              break withCodes;
            }
            case 20: // OP_ARITHMETIC_SHIFT
            case 21: {
              // OP_ARITHMETIC_SHIFT_INDIRECT
              // The sign is that of the previous result, not of the operand (Linux bpf/jit.c: "Set signedness bit").
              const amount = opcodes[i] === op.OP_ARITHMETIC_SHIFT ? x[i]! : previousA & 31;
              const fill = previous < 0 && amount !== 0 ? -1 << (32 - amount) : 0;
              result = (b >>> amount) | fill;
              break withCodes;
            }
            case 22: // OP_IMMED
              result = x[i]!;
              break plain;
            case 23: // OP_IMMED_PART
              result = (a & ~y[i]!) | x[i]!;
              break plain;
            case 24: // OP_IMMED_CSR
              result = core.csrValue;
              break plain;
            case 25: {
              // OP_LOAD_FIELD
              const how = x[i]!;
              const mask = y[i]!;
              result = (a & ~mask) | (shift(b, how >>> 5, how & 31, previousA) & mask);
              break withCodes;
            }
            case 26: // OP_MUL_START
              core.productLow = 0;
              core.productHigh = 0;
              continue;
            case 27: // OP_MUL_STEP
              multiplyStep(core, a, b, x[i]!, y[i]!);
              continue;
            case 28: // OP_MUL_LAST
              result = core.productLow;
              break withCodes;
            case 29: // OP_MUL_LAST2
              result = core.productHigh;
              break withCodes;
            case 30: // OP_FFS
              result = b === 0 ? 0 : 31 - Math.clz32(b & -b);
              break withCodes;
            case 31: // OP_POP_COUNT
              result = countBits(b);
              break withCodes;
            case 32: // OP_BR
              late = false;
              break taken;
            case 33: // OP_BEQ
              if (conditionResult !== 0) continue;
              late = conditionAt === now;
              break taken;
            case 34: // OP_BNE
              if (conditionResult === 0) continue;
              late = conditionAt === now;
              break taken;
            case 35: // OP_BMI
              if (conditionResult >= 0) continue;
              late = conditionAt === now;
              break taken;
            case 36: // OP_BPL
              if (conditionResult < 0) continue;
              late = conditionAt === now;
              break taken;
            case 37: // OP_BCS
              if (carry === 0) continue;
              late = conditionAt === now;
              break taken;
            case 38: // OP_BCC
              if (carry !== 0) continue;
              late = conditionAt === now;
              break taken;
            case 39: // OP_BVS
              if (overflow === 0) continue;
              late = conditionAt === now;
              break taken;
            case 40: // OP_BVC
              if (overflow !== 0) continue;
              late = conditionAt === now;
              break taken;
            case 41: // OP_BGE
              if (conditionResult >>> 31 !== overflow) continue;
              late = conditionAt === now;
              break taken;
            case 42: // OP_BLT
              if (conditionResult >>> 31 === overflow) continue;
              late = conditionAt === now;
              break taken;
            case 43: // OP_BLE
              if (conditionResult !== 0 && conditionResult >>> 31 === overflow) continue;
              late = conditionAt === now;
              break taken;
            case 44: // OP_BGT
              if (conditionResult === 0 || conditionResult >>> 31 !== overflow) continue;
              late = conditionAt === now;
              break taken;
            case 45: // OP_BR_CTX
              if (y[i] !== context) continue;
              late = false;
              break taken;
            case 46: // OP_BR_NOT_CTX
              if (y[i] === context) continue;
              late = false;
              break taken;
            case 47: // OP_BR_SIGNAL
            case 48: {
              // OP_BR_NOT_SIGNAL
              const at = context * SIGNALS + y[i]!;
              const raised = core.signals[at]! <= origin + now;
              if (raised) core.signals[at] = NEVER; // Testing a raised signal consumes it.
              if (raised !== (opcodes[i] === op.OP_BR_SIGNAL)) continue;
              late = false;
              break taken;
            }
            case 49: // OP_BR_BSET
              if (((b >>> y[i]!) & 1) === 0) continue;
              break taken;
            case 50: // OP_BR_BCLR
              if (((b >>> y[i]!) & 1) !== 0) continue;
              break taken;
            case 51: // OP_BR_BYTE_EQUAL
              if (((b >>> ((y[i]! >>> 8) * 8)) & 0xff) !== (y[i]! & 0xff)) continue;
              break taken;
            case 52: // OP_BR_BYTE_NOT_EQUAL
              if (((b >>> ((y[i]! >>> 8) * 8)) & 0xff) === (y[i]! & 0xff)) continue;
              break taken;
            case 53: {
              // OP_JUMP
              const target = (b + x[i]!) >>> 0;
              if (target < program.length) {
                // The target is only known now: the branch's own `x` cannot hold it.
                const slotsUsed = defer[i]!;
                t += lateSlots > slotsUsed ? lateSlots - slotsUsed : 0;
                if (slotsUsed === 0) pc = target;
                else {
                  slots = slotsUsed;
                  slotTarget = target;
                }
              } else core.fault ??= { kind: 'bad-jump', instruction: i, memory: 'code', address: target };
              if (core.fault !== undefined || t > stretch) running = false;
              continue;
            }
            case 54: {
              // OP_CTX_ARB
              core.heldCommand = i;
              const slotsUsed = defer[i]!;
              if (slotsUsed === 0) pc = program.swapPlace;
              else {
                slots = slotsUsed;
                slotTarget = program.swapPlace;
              }
              continue;
            }
            case 55: // OP_CSR_READ
              core.csrValue = csr.readCsr(core, context, x[i]!, origin + now, costs.timestampTickCycles);
              continue;
            case 56: // OP_CSR_WRITE
              csr.writeCsr(core, context, x[i]!, b, origin + now, costs.localMemoryPointerCycles);
              continue;
            case 57: {
              // OP_COMMAND
              const plan = program.commands[x[i]!]!;
              if (plan.action === COMMAND_SEND && !core.sendPrepared) {
                core.sendPrepared = true;
                t += profile.packet.sendCoreCycles;
              }
              if (plan.swap) {
                // Two blocking commands of one core keep a distance; the pipeline stands still meanwhile.
                if (core.blockingFree > origin + t - instructionCycles) {
                  t = ((core.blockingFree - origin) | 0) + instructionCycles;
                }
              }
              const issue = t - instructionCycles;
              if (issue > sharedLimit) {
                t = issue;
                pc = i;
                slots = slotsBefore;
                running = false;
                continue;
              }
              if (core.fault !== undefined) {
                running = false;
                continue;
              }
              if (!plan.swap) {
                const done = executeCommand(world, core, context, plan, i, a, b, previous, origin + issue);
                if (done < 0) running = false;
                else core.raise(context, plan.signal, done);
                continue;
              }
              core.blockingFree =
                origin + issue + (plan.shifted ? costs.blockingSpacing40Cycles : costs.blockingSpacing32Cycles);
              core.heldCommand = i;
              core.heldA = a;
              core.heldB = b;
              core.heldPrevious = previous;
              if (plan.defer === 0) pc = program.swapPlace;
              else {
                slots = plan.defer;
                slotTarget = program.swapPlace;
              }
              continue;
            }
            case 58: {
              // OP_SWAP_NOW
              t = now; // No instruction of the program.
              const held = core.heldCommand;
              if (opcodes[held] === op.OP_COMMAND) {
                const plan = program.commands[x[held]!]!;
                // The data of a write is fetched after the deferred instructions, which may still fill it in.
                if (plan.defer !== 0 && now > sharedLimit) {
                  pc = i;
                  running = false;
                  continue;
                }
                const cycle = origin + now - instructionCycles * (plan.defer === 0 ? 1 : 0);
                const done = executeCommand(
                  world,
                  core,
                  context,
                  plan,
                  held,
                  core.heldA,
                  core.heldB,
                  core.heldPrevious,
                  cycle,
                );
                if (done < 0) {
                  running = false;
                  continue;
                }
                core.pc[context] = held + 1 + plan.defer;
                if (plan.signal === 0) core.ready[context] = origin + now;
                else {
                  // The command was on its way while the deferred instructions ran.
                  const seen = Math.max(done - plan.defer * instructionCycles, origin + now);
                  core.raise(context, plan.signal, seen);
                  core.waitForAll(context, 1 << plan.signal);
                  if (seen !== NEVER) core.waitCycles += seen - cycle;
                }
                core.sendPrepared = false;
                swapCycles = Math.max(0, costs.contextSwapCycles - plan.defer);
              } else {
                const wait = y[held]! >>> 16;
                const mask = y[held]! & 0xffff;
                core.pc[context] = x[held]!;
                if (wait === op.WAIT_ALL) core.waitForAll(context, mask);
                else if (wait === op.WAIT_ANY) core.waitForAny(context, mask);
                else if (wait === op.WAIT_KILL) core.killContext(context);
                else core.ready[context] = origin + now;
                swapCycles = Math.max(0, costs.contextSwapCycles - defer[held]!);
              }
              core.swaps++;
              pc = -1; // Says that the context is out.
              running = false;
              continue;
            }
            default:
              core.fault ??= { kind: 'bad-jump', instruction: i, memory: 'code', address: i };
              running = false;
              continue;
          }
        }
        if (keepConditionCodes[i] === 0) {
          conditionResult = result;
          carry = newCarry;
          overflow = newOverflow;
          conditionAt = t;
        }
      }
      previous = result;
      const code = destination[i]!;
      if (code < SPECIAL) file[block + code] = result;
      else writeSpecial(world, core, context, code, result, i, origin + now);
      continue;
    }
    // A taken branch: the pipeline refills, except for what deferred instructions use of that.
    const slotsUsed = defer[i]!;
    const lost = late ? lateSlots : earlySlots;
    if (lost > slotsUsed) t += lost - slotsUsed;
    if (slotsUsed === 0) pc = x[i]!;
    else {
      slots = slotsUsed;
      slotTarget = x[i]!;
    }
    if (t > stretch || core.fault !== undefined) running = false;
  }

  core.busyCycles += t;
  core.used[context]! += t;
  core.slots = slots;
  core.slotTarget = slotTarget;
  core.conditionResult = conditionResult;
  core.carry = carry;
  core.overflow = overflow;
  core.previous = previous;
  core.previousA = previousA;
  core.next = origin + t;
  if (core.fault === undefined && core.used[context]! >= core.budget[context]!) {
    const kind = core.budget[context] === profile.packet.watchdogCycles ? 'watchdog' : 'cycle-budget';
    core.fault = { kind, instruction: Math.max(0, pc), memory: 'code', address: Math.max(0, pc) };
  }
  if (pc < 0) return swapCycles;
  core.pc[context] = pc;
  return STILL_RUNNING;
}

/** The request ends here; the context starts afresh, or never again if it did not even reach its receive command. */
function stopRequest(world: ExecutionWorld, core: Core, context: number): void {
  world.onFault(core, context, core.next);
  core.fault = undefined;
  core.sendPrepared = false;
  if (core.received[context] === 1) core.startContext(context, world.entry, core.next);
  else core.killContext(context);
}

/** A distance in cycles as a small integer, so that the loop's arithmetic stays in integers. */
function stretchOf(cycles: number): number {
  return Math.max(-1, Math.min(cycles, STRETCH_CYCLES)) | 0;
}

function shift(value: number, kind: number, amount: number, previousA: number): number {
  switch (kind) {
    case op.SHIFT_ROTATE:
      return amount === 0 ? value : (value >>> amount) | (value << (32 - amount));
    case op.SHIFT_LEFT:
      return value << amount;
    case op.SHIFT_RIGHT:
      return value >>> amount;
    case op.SHIFT_LEFT_INDIRECT:
      return value << (previousA & 31);
    default:
      return value >>> (previousA & 31);
  }
}

function combine(operator: number, a: number, b: number): number {
  switch (operator) {
    case op.OP_B:
      return b;
    case op.OP_NOT_B:
      return ~b;
    case op.OP_AND:
      return a & b;
    case op.OP_NOT_A_AND:
      return ~a & b;
    case op.OP_AND_NOT_B:
      return a & ~b;
    default:
      return a | b;
  }
}

function countBits(value: number): number {
  let count = 0;
  for (let rest = value; rest !== 0; rest &= rest - 1) count++;
  return count;
}
