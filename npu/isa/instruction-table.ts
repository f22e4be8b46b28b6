import { CONDITION_CODES, type InstructionEntry, type InstructionSource } from './instruction-entry.ts';
import { COMPUTING } from './table-computing.ts';
import { FLOW } from './table-flow.ts';

/**
 * The instruction set for people. The numbers of the costs are in the timing profile; here they are words.
 * `docs/npu-instruction-set.md` shows this table, and `instruction-table.test.ts` runs its examples.
 */
export const INSTRUCTION_TABLE: readonly InstructionEntry[] = [...COMPUTING, ...FLOW];

/** The table in Markdown, as the manual shows it. */
export function instructionTableMarkdown(): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const rows = INSTRUCTION_TABLE.map(({ names, form, effect, conditionCodes, cycles, sources }) =>
    [
      names.map((name) => `\`${name}\``).join(' '),
      `\`${cell(form)}\``,
      cell(effect),
      CONDITION_CODES[conditionCodes],
      cycles,
      [sources.form, sources.effect, sources.conditionCodes, sources.cycles].map(sourceText).join('; '),
    ].join(' | '),
  );
  return [
    '| instruction | form | effect | condition codes | cycles | source of form; effect; codes; cycles |',
    '|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}

function sourceText(sources: readonly InstructionSource[]): string {
  return sources.map((source) => (source === 'inferred' ? '*inferred*' : source)).join(' ');
}
