import { assert } from '../base/assert.ts';
import { InputError } from '../base/errors.ts';
import { encodeProgram } from '../npu/image/encode.ts';
import type { FirmwareImage, FirmwareLambda, FirmwareSymbol } from '../npu/image/firmware-image.ts';
import { codeStoreOf, largestCode } from '../npu/nic/code-store.ts';
import type { NicProfile } from '../npu/profile.ts';
import { type OptimiseReport, optimiseModule } from './5-optimise/optimise.ts';
import { codeSymbols } from './6-emit/code-symbols.ts';
import { type EmittedFunction, emitModule } from './6-emit/emit.ts';
import { placeObjects } from './6-emit/place.ts';
import type { PlacementEstimate } from './6-emit/stratify.ts';
import { Diagnostics } from './diagnostics.ts';
import type { IrModule, MemoryName } from './ir.ts';
import { validateModule } from './ir-validate.ts';
import { copyModule } from './ir-walk.ts';
import { PASS_NAMES, STRATIFICATION_PASS } from './pass-names.ts';

export interface LinkOptions {
  /** Names of passes of phases 5 and 6 that are left out (docs/compiler.md lists them). */
  readonly disabledPasses?: readonly string[];
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
  readonly optimiser: OptimiseReport;
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
  const attempt = (given: IrModule, disabledPasses: ReadonlySet<string>, messages: Diagnostics) => {
    const optimiser = optimiseModule(given, disabledPasses, { validate: options.validatePasses ?? false });
    const names = lambdas.map(({ name }) => name);
    const objects = placeObjects(given, names, profile, messages, {
      stratify: !disabledPasses.has(STRATIFICATION_PASS),
    });
    return { optimiser, objects, program: emitModule(given, objects, profile, messages, { disabledPasses }) };
  };
  // Local objects as registers may be more than can be spilled near; then they stay where the program put them.
  const trial = new Diagnostics();
  let made = attempt(copyModule(module), disabled, trial);
  if (made.program === undefined) made = attempt(module, new Set([...disabled, 'promote-locals']), diagnostics);
  else diagnostics.addAll(trial);
  const { optimiser, objects, program } = made;
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
    optimiser,
  };
  return { image, report };
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
