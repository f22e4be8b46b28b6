import { readFileSync } from 'node:fs';
import { InputError } from '../../base/errors.ts';
import type { StampedInput } from '../../link/network.ts';
import type { OutsideInput } from '../../time/node.ts';

/** One line of `inputs.jsonl`: instant, node and input; octets as `{"base64": ...}`. */
export function journalLine({ timePs, node, input }: StampedInput): string {
  return `${JSON.stringify({ timePs, node, input }, (_key, value) => {
    return value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value;
  })}\n`;
}

/**
 * Reads a journal back.
 * @throws InputError with the line that is none
 */
export function readJournal(path: string): StampedInput[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new InputError('unreadable-journal', `${path} cannot be read (${reason}): expected a journal of inputs`);
  }
  const lines = text.split('\n');
  return lines.flatMap((line, index) =>
    line === '' ? [] : [stampedOf(line, { file: path, line: index + 1, column: 1 })],
  );
}

function stampedOf(line: string, position: { file: string; line: number; column: number }): StampedInput {
  let read: { readonly timePs?: unknown; readonly node?: unknown; readonly input?: unknown } | null;
  try {
    read = JSON.parse(line, (_key, value) => {
      const base64 = (value as { base64?: unknown } | null)?.base64;
      return typeof base64 === 'string' ? new Uint8Array(Buffer.from(base64, 'base64')) : value;
    });
  } catch (error) {
    throw new InputError('bad-journal', `${(error as Error).message}: expected an input as JSON`, position);
  }
  const { timePs, node, input } = read ?? {};
  const given = input as Partial<OutsideInput> | null | undefined;
  if (
    !Number.isSafeInteger(timePs) ||
    (timePs as number) < 0 ||
    typeof node !== 'string' ||
    typeof given?.id !== 'number' ||
    typeof given.kind !== 'string'
  ) {
    const message = 'expected {"timePs": picoseconds, "node": name, "input": {"id": number, "kind": name, ...}}';
    throw new InputError('bad-journal', message, position);
  }
  return { timePs: timePs as number, node, input: given as OutsideInput };
}
