import { formatPosition } from '../../base/errors.ts';
import { hexOf } from '../../compiler/stf/compare-packet.ts';
import type { StfOutcome, StfRun } from '../../compiler/stf/outcomes.ts';
import type { StfCheck } from '../../compiler/stf/statements.ts';
import type { Surface } from '../terminal.ts';

const DIGITS_A_LINE = 64;

/** One outcome: a line that editors can follow, and below it both packets where they say something. */
export function formatOutcome(outcome: StfOutcome, { colors }: Surface): string {
  const place = formatPosition(outcome.position);
  const verdict = outcome.passed ? colors.green('passed') : colors.red('failed');
  return `${place}: ${verdict}: ${titleOf(outcome)}\n${packetLines(outcome, colors.red)}`;
}

function titleOf(outcome: StfOutcome): string {
  switch (outcome.kind) {
    case 'expect': {
      const { expect, received, difference } = outcome;
      const port = `expect ${expect.port}`;
      if (received === undefined) return `${port}: no packet came`;
      return difference === undefined ? port : `${port}: ${difference.reason}`;
    }
    case 'unexpected':
      return `a packet on port ${outcome.port} that nothing expected`;
    case 'no-packet':
      return outcome.passed ? 'no packet' : `no packet expected, ${outcome.received.length} came`;
    case 'check':
      return `${checkText(outcome.check)}: it is ${outcome.actual}`;
    case 'fault': {
      const { kind, file, line, memory, address } = outcome.fault;
      const access = memory === '' ? '' : `, ${memory} 0x${address.toString(16)}`;
      return `the program was stopped: ${kind} at ${file}:${line}${access}`;
    }
  }
}

function checkText({ what, name, index, unit, comparison, value }: StfCheck): string {
  const cell = index.kind === 'number' ? String(index.value) : index.name.text;
  return `${what} ${name.text}(${cell})${unit === undefined ? '' : ` ${unit}`} ${comparison} ${value}`;
}

function packetLines(outcome: StfOutcome, mark: (text: string) => string): string {
  if (outcome.kind === 'unexpected') return block('received', hexOf(outcome.received), [], mark);
  if (outcome.kind === 'no-packet') {
    return outcome.received.map(({ port, octets }) => block(`port ${port}`, hexOf(octets), [], mark)).join('');
  }
  if (outcome.kind !== 'expect') return '';
  const { expect, received, difference } = outcome;
  const expected = expect.nibbles === undefined ? 'anything' : `${expect.nibbles}${expect.exact ? '$' : ''}`;
  const wanted = block('expected', expected, [], mark);
  return received === undefined ? wanted : wanted + block('received', hexOf(received), difference?.digits ?? [], mark);
}

/** Hexadecimal digits in lines, with carets below those that differ. */
function block(title: string, digits: string, different: readonly number[], mark: (text: string) => string): string {
  const marked = new Set(different);
  let text = '';
  for (let first = 0; first < Math.max(digits.length, 1); first += DIGITS_A_LINE) {
    const line = digits.slice(first, first + DIGITS_A_LINE);
    text += `  ${(first === 0 ? title : '').padEnd(8)}  ${line}\n`;
    const carets = [...line]
      .map((_, index) => (marked.has(first + index) ? '^' : ' '))
      .join('')
      .trimEnd();
    if (carets !== '') text += `  ${' '.repeat(8)}  ${mark(carets)}\n`;
  }
  return text;
}

/** @param verbose with the size of the image, which is the compiler's and not the test's */
export function formatSummary(run: Extract<StfRun, { ok: true }>, verbose: boolean, { colors }: Surface): string {
  const failed = run.outcomes.filter(({ passed }) => !passed).length;
  const passed = run.outcomes.length - failed;
  const counts = [
    failed === 0 ? colors.green(`${passed} passed`) : `${passed} passed`,
    ...(failed === 0 ? [] : [colors.red(`${failed} failed`)]),
  ];
  const builds = run.builds === 1 ? '' : `, compiled ${run.builds} times`;
  const packets = `${run.packets} packet${run.packets === 1 ? '' : 's'}`;
  const through = verbose ? ` through ${run.instructions} instructions` : '';
  // A context keeps few packets while it handles another.
  const lost = run.lostPackets === 0 ? '' : `, ${run.lostPackets} lost while waiting`;
  return `${counts.join(', ')}; ${packets}${lost}${through}${builds}\n`;
}

/** As `--json` has it. */
export function jsonOutcome(outcome: StfOutcome): object {
  const { kind, passed, position } = outcome;
  const base = { kind, passed, ...position };
  switch (outcome.kind) {
    case 'expect': {
      const { expect, received, difference } = outcome;
      return {
        ...base,
        port: expect.port,
        expected: expect.nibbles ?? null,
        exact: expect.exact,
        received: received === undefined ? null : hexOf(received),
        ...(difference === undefined ? {} : { reason: difference.reason }),
      };
    }
    case 'unexpected':
      return { ...base, port: outcome.port, received: hexOf(outcome.received) };
    case 'no-packet':
      return { ...base, received: outcome.received.map(({ port, octets }) => ({ port, octets: hexOf(octets) })) };
    case 'check':
      return { ...base, check: checkText(outcome.check), actual: outcome.actual.toString() };
    case 'fault':
      return { ...base, fault: outcome.fault };
  }
}
