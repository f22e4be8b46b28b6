import { InputError } from '../../base/errors.ts';
import { BLOCK_WORDS, GPR_A, GPR_B, NEIGHBOUR, XFER_IN, XFER_OUT } from '../execution/registers.ts';
import type { ContextMode } from '../isa/instruction.ts';

/**
 * Names of registers for whoever presets and reads them: those of the assembler, except that transfer registers, which
 * are two under one name there, are `xfer_n` (in: what a read brought) and `out_n` (what a write sends).
 */
export interface RegisterPlace {
  /** Word of the context's block; of the core's words where `ofCore`. */
  readonly word: number;
  /** `@gprA_n`: the register of one context, whoever asks. */
  readonly ofCore: boolean;
}

interface RegisterFile {
  readonly name: string;
  readonly base: number;
  /** Registers that all contexts of a core share out. */
  readonly perCore: number;
}

const FILES: readonly RegisterFile[] = [
  { name: 'gprA', base: GPR_A, perCore: 128 },
  { name: 'gprB', base: GPR_B, perCore: 128 },
  { name: 'xfer', base: XFER_IN, perCore: 256 },
  { name: 'out', base: XFER_OUT, perCore: 256 },
  { name: 'nreg', base: NEIGHBOUR, perCore: 128 },
];

/** All registers of one context, in the order of listings. */
export function registersOf(contexts: ContextMode): readonly { readonly name: string; readonly word: number }[] {
  return FILES.flatMap(({ name, base, perCore }) =>
    Array.from({ length: perCore / contexts }, (_, i) => ({ name: `${name}_${i}`, word: base + i })),
  );
}

/** @param name `gprA_3`, `@gprB_100`, `xfer_2` or `$xfer_2`, `out_2`, `nreg_1` or `n$reg_1`
 * @throws InputError `npu-run-register` */
export function registerPlace(name: string, contexts: ContextMode): RegisterPlace {
  const match = /^(@?)(\$?xfer|gprA|gprB|out|n\$?reg)_(\d{1,3})$/.exec(name);
  const file = FILES.find((candidate) => candidate.name === match?.[2]?.replace('$', ''));
  if (match === null || file === undefined || (match[1] === '@' && !file.name.startsWith('gpr'))) {
    throw new InputError(
      'npu-run-register',
      `no register '${name}': expected gprA_n, gprB_n, @gprA_n, @gprB_n, xfer_n, out_n or nreg_n`,
    );
  }
  const perContext = file.perCore / contexts;
  const ofCore = match[1] === '@';
  const count = ofCore ? file.perCore : perContext;
  const index = Number(match[3]);
  if (index >= count) {
    throw new InputError(
      'npu-run-register',
      `no register '${name}': expected 0 to ${count - 1} with ${contexts} contexts`,
    );
  }
  if (!ofCore) return { word: file.base + index, ofCore };
  return { word: Math.floor(index / perContext) * BLOCK_WORDS + file.base + (index % perContext), ofCore };
}
