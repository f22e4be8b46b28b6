import type { FieldListCalculation } from '../../2-parse/p4/tree.ts';
import { CRCS } from '../../3-analyze/p4/algorithms.ts';
import type { P4Instance, P4Model } from '../../3-analyze/p4/model.ts';
import { certainHeaders } from './certain-headers.ts';
import { generateCrc, generateCrcStep } from './crc.ts';
import { headerOctets, headerWord } from './extract.ts';
import { type ListContents, type ListRun, listContents, runText } from './field-list-entries.ts';
import { validTest } from './fields.ts';
import { endOf, type ParseGraph } from './parse-graph.ts';
import { generatePayloadSum } from './payload-sum.ts';
import { cut, underTests } from './tested-runs.ts';
import type { GeneratedText } from './text.ts';

/**
 * `pif_calculation_<name>()` for every field_list_calculation. Fields of headers that are not valid are left out
 * (language specification 3); those of headers that are known to be there need no test. Of several inputs the first is
 * the one that is used.
 */
export function generateCalculations(model: P4Model, graph: ParseGraph, out: GeneratedText): void {
  const contents = new Map(
    [...model.calculations.values()].map((each) => [each, listContents(model, graph, each.inputs[0]?.name ?? '')]),
  );
  if ([...contents].some(([{ algorithm }, { payload }]) => payload !== undefined && /^(csum|xor)16/.test(algorithm))) {
    generatePayloadSum(graph.constantOffsets && graph.stacks.every(isAligned), out);
  }
  if (model.calculations.size > 0) out.line('#include <nfp/me.h>');
  for (const algorithm of new Set([...model.calculations.values()].map((each) => each.algorithm))) {
    generateCrcStep(algorithm, out);
  }
  for (const [calculation, list] of contents) {
    const uses = model.calculatedFields.flatMap((calculated) =>
      calculated.uses.filter((use) => use.calculation === calculation.name).map((use) => ({ calculated, use })),
    );
    const certain = isCalledElsewhere(model, calculation.name) ? new Set<string>() : certainHeaders(model, graph, uses);
    generateCalculation(calculation, list, certain, out.at(calculation.position));
  }
}

/** In a frame the payload starts at a word when the headers end two octets behind one (frame.ts). */
function isAligned(stack: Parameters<typeof endOf>[0]): boolean {
  return stack.length === 0 || endOf(stack) % 4 === 2;
}

function isCalledElsewhere(model: P4Model, name: string): boolean {
  const isKey = [...model.actionSelectors.values()].some(({ key }) => key.name === name);
  const isHash = ({ arguments: given }: { readonly arguments: readonly { readonly kind: string }[] }): boolean =>
    given.some((argument) => 'name' in argument && argument.name === name);
  return isKey || [...model.actions.values()].some((action) => action.calls.some(isHash));
}

function generateCalculation(
  { name, algorithm, outputBits }: FieldListCalculation,
  list: ListContents,
  certain: ReadonlySet<string>,
  out: GeneratedText,
): void {
  const type = outputBits > 32 ? 'unsigned long long' : 'unsigned int';
  out.line(`static inline ${type} pif_calculation_${name}(void) {`);
  const crc = CRCS.get(algorithm);
  if (crc !== undefined) generateCrc(algorithm, crc, outputBits, list, certain, out);
  else if (algorithm === 'identity') identity(list.runs, outputBits, out);
  else if (algorithm === 'xor16') xor16(list, certain, outputBits, out);
  else csum16(algorithm, list, certain, outputBits, out);
  out.line('}');
}

/** A run as it stands in the 16-bit words of the list: how far it is shifted. */
function inHalfWords(runs: readonly ListRun[]): { readonly run: ListRun; readonly shift: number }[] {
  let total = 0;
  return runs.map((run) => {
    total += run.bits;
    return { run, shift: (16 - (total % 16)) % 16 };
  });
}

/** The one's complement sum of RFC 1071. A whole header costs one addition a word. */
function csum16(
  algorithm: string,
  { runs, payload }: ListContents,
  certain: ReadonlySet<string>,
  outputBits: number,
  out: GeneratedText,
): void {
  out.line('unsigned long long sum = 0;');
  underTests(
    inHalfWords(runs),
    certain,
    ({ run, shift }) => {
      out.line(`sum += ${shift === 0 ? runText(run) : `((unsigned long long)${runText(run)} << ${shift})`};`);
    },
    out,
  );
  if (payload !== undefined) addPayload(runs, payload.headers, (text) => `sum += ${text};`, out);
  // Three folds: 64 bits to 33, to 17 and to 16; 2^16 counts as 1 in one's complement.
  out.line('{').line('unsigned int low = (unsigned int)sum;').line('unsigned int high = (unsigned int)(sum >> 32);');
  out.line('unsigned int folded = (low & 0xffff) + (low >> 16) + (high & 0xffff) + (high >> 16);');
  out.line('folded = (folded & 0xffff) + (folded >> 16);').line('folded = (folded & 0xffff) + (folded >> 16);');
  if (algorithm === 'csum16_udp') out.line('if (folded == 0xffff) {').line('return 0xffff;').line('}');
  out.line(`return ${cut('(~folded & 0xffff)', 16, outputBits)};`).line('}');
}

function xor16(
  { runs, payload }: ListContents,
  certain: ReadonlySet<string>,
  outputBits: number,
  out: GeneratedText,
): void {
  out.line('unsigned long long mixed = 0;');
  underTests(
    inHalfWords(runs),
    certain,
    ({ run, shift }) => {
      out.line(`mixed ^= ${shift === 0 ? runText(run) : `((unsigned long long)${runText(run)} << ${shift})`};`);
    },
    out,
  );
  if (payload !== undefined) addPayload(runs, payload.headers, (text) => `mixed ^= ${text};`, out, 'pif_payload_xor');
  out.line('{').line('unsigned int folded = (unsigned int)mixed ^ (unsigned int)(mixed >> 32);');
  out.line(`return ${cut('((folded ^ (folded >> 16)) & 0xffff)', 16, outputBits)};`).line('}');
}

/**
 * The headers behind those of the list, and the payload, which begins behind them. What begins at an odd octet counts 256
 * times as much, which swaps the octets of its sum (RFC 1071, 2 B), and of an exclusive or that is folded to 16 bits.
 */
function addPayload(
  runs: readonly ListRun[],
  headers: readonly P4Instance[],
  give: (text: string) => string,
  out: GeneratedText,
  callee = 'pif_payload_sum',
): void {
  const bits = runs.reduce((sum, run) => sum + run.bits, 0);
  const canBeOdd = bits % 16 !== 0 || headers.some(({ octets, length }) => octets % 2 !== 0 || length !== undefined);
  const add = (text: string): string => give(canBeOdd ? `((unsigned long long)${text} << pif_swap)` : text);
  if (canBeOdd) out.line(`unsigned int pif_swap = ${bits % 16 === 8 ? 8 : 0};`);
  for (const header of headers) {
    out.line(`if (${validTest(header)}) {`);
    for (let word = 0; word * 4 < header.octets; word++) {
      const left = headerOctets(header) === `${header.octets}` ? header.octets - word * 4 : 4;
      const mask = left >= 4 ? '' : ` & 0x${((0xffffffff << (32 - left * 8)) >>> 0).toString(16)}u`;
      out.line(add(`(${headerWord(header, word)}${mask})`));
    }
    if (canBeOdd) out.line(`pif_swap ^= (${headerOctets(header)} & 1) << 3;`);
    out.line('}');
  }
  const start = 'pif_pkt_info_global.pkt_buf + pif_pkt_info_global.pkt_pl_off';
  out.line(add(`${callee}(${start}, pif_pkt_info_global.pkt_len - pif_pkt_info_global.pkt_pl_off)`));
}

/** The list itself, its last bits. */
function identity(runs: readonly ListRun[], outputBits: number, out: GeneratedText): void {
  let below = 0;
  const parts: string[] = [];
  for (const run of [...runs].reverse()) {
    if (below >= outputBits) break;
    parts.unshift(below === 0 ? runText(run) : `((unsigned long long)${runText(run)} << ${below})`);
    below += run.bits;
  }
  const type = outputBits > 32 ? 'unsigned long long' : 'unsigned int';
  const text = parts.length === 0 ? '0' : `(${type})(${parts.join(' | ')})`;
  out.line(`return ${cut(text, Math.min(below, 64), outputBits)};`);
}
