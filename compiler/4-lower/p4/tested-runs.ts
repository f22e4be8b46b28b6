import type { P4Instance } from '../../3-analyze/p4/model.ts';
import type { ListRun } from './field-list-entries.ts';
import { validTest } from './fields.ts';
import type { GeneratedText } from './text.ts';

/** Statements for each run, those of headers that may be missing under a test; runs of one header share theirs. */
export function underTests<T extends { readonly run: ListRun }>(
  runs: readonly T[],
  certain: ReadonlySet<string>,
  write: (each: T) => void,
  out: GeneratedText,
): void {
  let open: P4Instance | undefined;
  for (const each of runs) {
    const { instance } = each.run;
    const tested = instance === undefined || instance.metadata || certain.has(instance.name) ? undefined : instance;
    if (tested !== open) {
      if (open !== undefined) out.line('}');
      if (tested !== undefined) out.line(`if (${validTest(tested)}) {`);
      open = tested;
    }
    write(each);
  }
  if (open !== undefined) out.line('}');
}

/** The lowest `outputBits` of a value of `bits`. */
export function cut(text: string, bits: number, outputBits: number): string {
  if (outputBits >= bits) return text;
  return `(${text} & 0x${((1n << BigInt(outputBits)) - 1n).toString(16)}${outputBits > 32 ? 'ull' : 'u'})`;
}
