import { assert } from '../../base/assert.ts';
import type { FirmwareLine, FirmwareSymbol } from '../../npu/image/firmware-image.ts';
import type { Instruction } from '../../npu/isa/instruction.ts';
import { verifyProgram } from '../../npu/isa/verify-program.ts';
import { codeStoreOf } from '../../npu/nic/code-store.ts';
import type { NicProfile } from '../../npu/profile.ts';
import type { Diagnostics } from '../diagnostics.ts';
import type { IrModule } from '../ir.ts';
import { calleesOf } from '../ir-validate.ts';
import { allocateRegisters } from './allocate.ts';
import { checkCommands } from './check-commands.ts';
import { forwardTransfers } from './forward-transfers.ts';
import { fuseShifts } from './fuse-shifts.ts';
import { layOut } from './layout.ts';
import { legaliseFunction } from './legalise.ts';
import { callOrder, layoutLocals } from './local-layout.ts';
import type { MachineFunction } from './machine.ts';
import type { PlacedFunction } from './operand-places.ts';
import type { PlacedObjects } from './place.ts';
import { prologue } from './prologue.ts';
import { type PlacedBlock, rewriteFunction, SWAP_SIGNAL } from './rewrite.ts';
import { selectFunction } from './select.ts';
import { allocateTransfers, TRANSFER_REGISTERS } from './transfer.ts';

export interface EmittedProgram {
  readonly instructions: readonly Instruction[];
  readonly symbols: readonly FirmwareSymbol[];
  readonly lines: readonly FirmwareLine[];
  readonly functions: readonly EmittedFunction[];
}

/** Figures of one function, for the report. */
export interface EmittedFunction {
  readonly name: string;
  readonly owner: string;
  readonly instructions: number;
  readonly spillWords: number;
}

export interface EmitOptions {
  /** Names of machine passes to leave out: `fuse-shifts`, `forward-transfers`, `fill-defer`. */
  readonly disabledPasses: ReadonlySet<string>;
}

/** Context signals are 1..15; 1 is for swaps. */
const SIGNALS = 15;

/** Phase 6: the whole module to instructions, entry first. Undefined when it needs more than the chip has. */
export function emitModule(
  module: IrModule,
  objects: PlacedObjects,
  profile: NicProfile,
  diagnostics: Diagnostics,
  options: EmitOptions,
): EmittedProgram | undefined {
  checkCommands(module, objects.places, diagnostics);
  if (diagnostics.hasErrors) return undefined;
  const layout = layoutLocals(module, profile, diagnostics);
  const order = callOrder(module);
  const placed = new Map<string, PlacedFunction>();
  for (const name of order.toReversed()) {
    const legal = legaliseFunction(module.functions.get(name)!, objects.places, layout);
    const localWords = legal.locals.map((local) => layout.wordOf(name, local.id));
    const machine = selectFunction(legal, { isEntry: name === module.entry, localWords });
    if (!options.disabledPasses.has('fuse-shifts')) fuseShifts(machine);
    placed.set(name, placeFunction(machine, placed, diagnostics, !options.disabledPasses.has('forward-transfers')));
  }
  assignFrames(module, order, placed, layout.spillStart, layout.nearWords, diagnostics);
  if (diagnostics.hasErrors) return undefined;

  const movingPointer = profile.core.localMemoryPointers === 4 ? 3 : 1;
  const settings = { pointerDelay: profile.costs.localMemoryPointerCycles, movingPointer } as const;
  const start: PlacedBlock = {
    label: '',
    instructions: prologue(movingPointer, profile.core.contexts).map((instruction) => ({
      instruction,
      label: undefined,
      glued: true,
      position: undefined,
    })),
  };
  const parts = order.map((name) => ({
    name,
    owner: module.functions.get(name)!.owner,
    blocks: rewriteFunction(placed.get(name)!, placed, settings),
  }));
  parts[0]!.blocks.unshift(start);
  const program = layOut(parts, { fillDefer: !options.disabledPasses.has('fill-defer') });
  // What the code store cannot hold is refused by the linker; its branches would lead nowhere.
  const fits = program.instructions.length <= codeStoreOf(profile).instructions;
  const problem = fits ? verifyProgram(program.instructions, profile.core.contexts)[0] : undefined;
  assert(problem === undefined, `instruction ${problem?.instruction}: ${problem?.code}: ${problem?.message}`);
  const functions = program.extents.map(({ name, owner, size }) => ({
    name,
    owner,
    instructions: size,
    spillWords: placed.get(name)!.allocation.spillWords,
  }));
  const symbols = program.extents.map(({ name, owner, address, size }): FirmwareSymbol => {
    return { name, owner, memory: 'code', address, size };
  });
  return { instructions: program.instructions, symbols, lines: program.lines, functions };
}

function placeFunction(
  machine: MachineFunction,
  placed: ReadonlyMap<string, PlacedFunction>,
  diagnostics: Diagnostics,
  forward: boolean,
): PlacedFunction {
  const callees = new Map<string, PlacedFunction>();
  for (const block of machine.blocks) {
    for (const { code } of block.instructions) {
      if (code.kind === 'call') callees.set(code.function, placed.get(code.function)!);
    }
  }
  const transfersOf = new Map([...callees].map(([name, callee]) => [name, callee.transfers]));
  const original = machine.blocks.map((block) => [...block.instructions]);
  if (forward) forwardTransfers(machine);
  let transfers = allocateTransfers(machine, transfersOf);
  if (transfers.excess !== undefined && forward) {
    // Values that stay in transfer registers keep these from other groups: back to copies.
    machine.blocks.forEach((block, index) => {
      block.instructions = original[index]!;
    });
    transfers = allocateTransfers(machine, transfersOf);
  }
  if (transfers.excess !== undefined) {
    diagnostics.error(
      'link-transfer-registers-exceeded',
      transfers.excess.position ?? { file: machine.owner, line: 1, column: 1 },
      `${machine.name} needs more than ${TRANSFER_REGISTERS} transfer registers at once`,
      'use smaller transfer buffers, or finish with one before filling the next',
    );
  }
  const allocation = allocateRegisters(machine, callees);
  return { function: machine, allocation, transfers, spillBase: 0, signalBase: 0 };
}

/** Spill frames and signals: a function's lie behind those of all its callers. */
function assignFrames(
  module: IrModule,
  order: readonly string[],
  placed: ReadonlyMap<string, PlacedFunction>,
  spillStart: number,
  nearWords: number,
  diagnostics: Diagnostics,
): void {
  for (const function_ of placed.values()) {
    function_.spillBase = spillStart;
    function_.signalBase = SWAP_SIGNAL + 1;
  }
  for (const name of order) {
    const own = placed.get(name)!;
    const ir = module.functions.get(name)!;
    const spillEnd = own.spillBase + own.allocation.spillWords;
    const signalEnd = own.signalBase + own.function.signalCount;
    const position = ir.position ?? { file: ir.owner, line: 1, column: 1 };
    if (spillEnd > nearWords) {
      const message = `${name} and its callers need ${spillEnd} words of local memory for variables; there are ${nearWords}`;
      diagnostics.error('link-registers-exceeded', position, message, 'split the function or use fewer live variables');
    }
    if (signalEnd > SIGNALS + 1) {
      const message = `${name} and its callers use ${signalEnd - 2} signals; a context has ${SIGNALS - 1} for programs`;
      diagnostics.error('link-signals-exceeded', position, message);
    }
    for (const callee of calleesOf(ir)) {
      const other = placed.get(callee)!;
      other.spillBase = Math.max(other.spillBase, spillEnd);
      const signalBase = signalEnd + (other.function.hasSignalPairs ? signalEnd % 2 : 0);
      other.signalBase = Math.max(other.signalBase, signalBase);
    }
  }
}
