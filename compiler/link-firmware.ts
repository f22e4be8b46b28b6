import { assert } from '../base/assert.ts';
import { InputError } from '../base/errors.ts';
import { encodeProgram } from '../npu/image/encode.ts';
import {
  type FirmwareImage,
  type FirmwareLambda,
  type FirmwareSymbol,
  RUNTIME_OWNER,
} from '../npu/image/firmware-image.ts';
import { codeStoreOf, largestCode } from '../npu/nic/code-store.ts';
import type { NicProfile } from '../npu/profile.ts';
import { type CheckedAccess, checkBounds } from './5-optimise/check-bounds.ts';
import { moveLocals } from './5-optimise/move-locals.ts';
import { type OptimiseReport, optimiseModule } from './5-optimise/optimise.ts';
import { saveAcrossCalls } from './5-optimise/save-across-calls.ts';
import { codeSymbols } from './6-emit/code-symbols.ts';
import { type EmittedFunction, emitModule } from './6-emit/emit.ts';
import { placeObjects } from './6-emit/place.ts';
import { predictCycles } from './6-emit/predict-cycles.ts';
import type { PlacementEstimate } from './6-emit/stratify.ts';
import { contextSlotsOf } from './context-slots.ts';
import { Diagnostics } from './diagnostics.ts';
import type { IrModule, MemoryName, Operation } from './ir.ts';
import { validateModule } from './ir-validate.ts';
import { copyModule, sourcesOf } from './ir-walk.ts';
import { PASS_NAMES } from './pass-names.ts';

export interface LinkOptions {
  /** Names of passes of phases 5 and 6 that are left out (docs/compiler.md lists them). */
  readonly disabledPasses?: readonly string[];
  /** Put checks before accesses to local memory that are not proven (default: yes). Without them they are undefined. */
  readonly boundsChecks?: boolean;
  /** Check the IR after every pass: for tests of the compiler. */
  readonly validatePasses?: boolean;
  /**
   * Lambda that a source file belongs to. The entry function takes the lambdas' code into itself; this gives it back to
   * them in the symbols, and so in the reports of faults. Code of other files counts to what it stands within.
   */
  readonly fileOwners?: ReadonlyMap<string, string>;
}

/** What a program takes of the chip; for the user and for figure 9 of the paper. */
export interface FirmwareReport {
  readonly instructions: number;
  readonly codeStoreInstructions: number;
  readonly functions: readonly EmittedFunction[];
  /** Instructions by lambda, and `runtime`. */
  readonly owners: Readonly<Record<string, number>>;
  readonly memoryOctets: Readonly<Record<MemoryName, number>>;
  /** Why each object lies where it does. */
  readonly placement: readonly PlacementEstimate[];
  /** Of a packet, by the code alone (`predict-cycles.ts`); computed when somebody asks. */
  readonly predictCycles: () => number;
  /** How the accesses of each owner's code are kept within their objects. */
  readonly isolation: Readonly<Record<string, IsolationCounts>>;
  readonly optimiser: OptimiseReport;
}

/** Accesses by verdict (`check-bounds.ts`). */
export interface IsolationCounts {
  readonly proven: number;
  readonly checked: number;
  readonly region: number;
}

/**
 * The back end: phases 5 and 6, then the image. Undefined when `diagnostics` has errors, which
 * here are about the chip's limits.
 * @throws InputError `firmware-unknown-pass`
 */
export function linkFirmware(
  module: IrModule,
  lambdas: readonly FirmwareLambda[],
  profile: NicProfile,
  diagnostics: Diagnostics,
  options: LinkOptions = {},
): { image: FirmwareImage; report: FirmwareReport } | undefined {
  const fault = validateModule(module)[0];
  assert(fault === undefined, `the front end made bad IR: ${fault}`);
  const disabled = new Set(options.disabledPasses ?? []);
  checkPassNames(disabled);
  refuseForeignObjects(module, lambdas, options.fileOwners ?? new Map(), diagnostics);
  if (diagnostics.hasErrors) return undefined;
  const attempt = (given: IrModule, disabledPasses: ReadonlySet<string>) => {
    const said = new Diagnostics();
    const optimiser = optimiseModule(given, disabledPasses, { validate: options.validatePasses ?? false });
    const accesses = checkBounds(given, options.boundsChecks ?? true);
    const names = lambdas.map(({ name }) => name);
    const objects = placeObjects(given, names, profile, said, {
      stratify: !disabledPasses.has('memory-stratification'),
    });
    const program = emitModule(given, objects, profile, said, { disabledPasses });
    return { given, said, optimiser, accesses, objects, program };
  };
  const saving = new Set([...disabled, 'common-subexpressions', 'promote-locals']);
  const remedies = [
    // What is kept because it is needed again lives longer: where registers do not suffice it is computed again.
    () => attempt(copyModule(module), new Set([...disabled, 'common-subexpressions'])),
    // Local objects as registers may be more than can be spilled near; then they stay where the program put them.
    () => attempt(copyModule(module), saving),
    // Local objects may be more than local memory: then the largest lie in the context's part of EMEM.
    () => (moveLocals(module, profile, contextSlotsOf(profile)) ? attempt(copyModule(module), saving) : undefined),
    // Calls nested deep may leave variables without a place; then what lives across a call waits in memory.
    () => {
      saveAcrossCalls(module, contextSlotsOf(profile));
      return attempt(copyModule(module), saving);
    },
    // Passes make values live longer: without any, fewer registers are needed at once.
    () => attempt(module, new Set(PASS_NAMES)),
  ];
  let made = attempt(copyModule(module), disabled);
  for (const remedy of remedies) {
    if (!lacksRoom(made.said)) break;
    made = remedy() ?? made;
  }
  const { said, given, optimiser, accesses, objects, program } = made;
  diagnostics.addAll(said);
  if (program === undefined) return undefined;
  const symbols = codeSymbols(program, options.fileOwners ?? new Map());
  const count = program.instructions.length;
  const store = codeStoreOf(profile);
  if (count > store.instructions) {
    const position = module.functions.get(module.entry)?.position ?? { file: 'firmware', line: 1, column: 1 };
    const message = `${count} instructions do not fit into ${store.name}: ${count - store.instructions} too many`;
    diagnostics.error('link-code-store-exceeded', position, message, largestCode(symbols));
  }
  if (diagnostics.hasErrors) return undefined;
  const image: FirmwareImage = {
    contexts: profile.core.contexts,
    instructions: encodeProgram(program.instructions, profile.core.contexts),
    entry: 0,
    data: objects.data,
    regions: objects.regions,
    lambdas: [...lambdas],
    symbols: [...symbols, ...objects.symbols],
    lines: program.lines,
  };
  const report: FirmwareReport = {
    instructions: program.instructions.length,
    codeStoreInstructions: store.instructions,
    functions: program.functions,
    owners: instructionsByOwner(symbols),
    memoryOctets: objects.usedOctets,
    placement: objects.estimates,
    predictCycles: () => predictCycles(given, objects.places, profile),
    isolation: isolationByOwner(module, accesses, options.fileOwners ?? new Map()),
    optimiser,
  };
  return { image, report };
}

/** Whether the program is too large for what is beside a core, and for nothing else: then it may fit another way. */
function lacksRoom({ list }: Diagnostics): boolean {
  const errors = list.filter(({ severity }) => severity === 'error');
  return errors.length > 0 && errors.every(({ code }) => ROOM_BESIDE_CORE.includes(code));
}

const ROOM_BESIDE_CORE: readonly string[] = [
  'link-registers-exceeded',
  'link-transfer-registers-exceeded',
  'link-signals-exceeded',
  'link-local-memory-exceeded',
];

function isolationByOwner(
  module: IrModule,
  accesses: readonly CheckedAccess[],
  fileOwners: ReadonlyMap<string, string>,
): Record<string, IsolationCounts> {
  const counts: Record<string, { proven: number; checked: number; region: number }> = {};
  for (const { function: name, position, verdict } of accesses) {
    const owner = fileOwners.get(position?.file ?? '') ?? module.functions.get(name)?.owner ?? RUNTIME_OWNER;
    counts[owner] ??= { proven: 0, checked: 0, region: 0 };
    counts[owner][verdict]++;
  }
  return counts;
}

/**
 * The address of another lambda's object does not become part of a lambda: no region would let it use it (decision 5).
 */
function refuseForeignObjects(
  module: IrModule,
  lambdas: readonly FirmwareLambda[],
  fileOwners: ReadonlyMap<string, string>,
  diagnostics: Diagnostics,
): void {
  const names = new Set(lambdas.map(({ name }) => name));
  const said = new Set<string>();
  for (const function_ of module.functions.values()) {
    for (const operation of function_.blocks.flatMap(({ operations }) => operations)) {
      const { position } = operation;
      const owner = fileOwners.get(position?.file ?? '') ?? function_.owner;
      if (position === undefined || !names.has(owner)) continue;
      for (const name of objectsOf(operation)) {
        const object = module.objects.get(name);
        if (object === undefined || object.owner === owner || !names.has(object.owner)) continue;
        const key = `${position.file}:${position.line} ${name}`;
        if (said.has(key)) continue;
        said.add(key);
        const message = `${owner} takes the address of ${name}, which is ${object.owner}'s`;
        const hint = 'lambdas do not share memory; keep a copy, or ask the other lambda with a request';
        diagnostics.error('link-foreign-object', position, message, hint);
      }
    }
  }
}

function objectsOf(operation: Operation): string[] {
  const named = sourcesOf(operation).flatMap((operand) => (operand.kind === 'address' ? [operand.object] : []));
  if (operation.op === 'memory' && operation.address.form === 'object') named.push(operation.address.object);
  return named;
}

function checkPassNames(names: ReadonlySet<string>): void {
  for (const name of names) {
    if (PASS_NAMES.includes(name)) continue;
    throw new InputError('firmware-unknown-pass', `there is no pass ${name}; there are ${PASS_NAMES.join(', ')}`);
  }
}

function instructionsByOwner(symbols: readonly FirmwareSymbol[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { owner, size } of symbols) counts[owner] = (counts[owner] ?? 0) + size;
  return counts;
}
