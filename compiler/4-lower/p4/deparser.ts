import type { P4Model } from '../../3-analyze/p4/model.ts';
import { FRAME_SKEW_OCTETS } from './frame.ts';
import { endOf, type HeaderStack, maskOf } from './paths.ts';
import type { GeneratedText } from './text.ts';

/**
 * `pif_header_octets()`: length of the headers that are valid now, 0 for a combination that the parser does not know.
 * `pif_deparse()`: updates calculated fields and writes the valid headers to the start of the frame. Needs
 * `pif_pkt_info_global.pkt_len` to be the frame's final length; -1 when the headers are no known combination.
 */
export function generateDeparser(
  model: P4Model,
  stacks: readonly HeaderStack[],
  updates: (out: GeneratedText) => void,
  out: GeneratedText,
): void {
  const known = stacks.filter((stack) => stack.length > 0);
  out.line('unsigned int pif_header_octets(void) {');
  for (const stack of known) out.line(`if (pif_headers.valid == ${maskOf(model, stack)}) return ${endOf(stack)};`);
  out.line('return 0;').line('}');

  out.line('int pif_deparse(void) {');
  out.line('pif_pkt_info_global.pkt_pl_off = pif_header_octets();');
  out.line('if (pif_pkt_info_global.pkt_pl_off == 0) return -1;');
  updates(out);
  for (const stack of known) {
    out.line(`if (pif_headers.valid == ${maskOf(model, stack)}) {`);
    writeStack(stack, out);
    out.line('return 0;').line('}');
  }
  out.line('return -1;').line('}');
}

/** All headers with one command, but for up to three octets at their end that a word does not fill. */
function writeStack(stack: HeaderStack, out: GeneratedText): void {
  const end = endOf(stack) + FRAME_SKEW_OCTETS;
  const words = Math.ceil(end / 4);
  const whole = Math.floor(end / 4);
  out.line(`__xwrite unsigned int words[${words}];`);
  for (let word = 0; word < words; word++)
    out.line(`words[${word}] = ${stackWord(stack, word * 4 - FRAME_SKEW_OCTETS)};`);
  const start = `pif_pkt_info_global.pkt_buf - ${FRAME_SKEW_OCTETS}`;
  for (let first = 0; first < whole; first += 32) {
    const count = Math.min(32, whole - first);
    out.line(`mem_write32(&words[${first}], ${start} + ${first * 4}, ${count * 4});`);
  }
  if (end % 4 !== 0) out.line(`mem_write8(&words[${whole}], ${start} + ${whole * 4}, ${end % 4});`);
}

/** Four octets of the stack from `offset` on, put together from the words of the structures; beyond it zeros. */
function stackWord(stack: HeaderStack, offset: number): string {
  const parts: string[] = [];
  for (const header of stack) {
    const first = Math.max(offset, header.offsetOctets);
    const end = Math.min(offset + 4, header.offsetOctets + header.octets);
    if (first >= end) continue;
    // The octets [first, end) lie in one or two words of the structure.
    const within = first - header.offsetOctets;
    const index = Math.floor(within / 4);
    const skew = within % 4;
    const word = (i: number): string => `((__lmem unsigned int *)&pif_headers.${header.name})[${i}]`;
    const crosses = skew + (end - first) > 4;
    let text = crosses ? `dbl_shf(${word(index)}, ${word(index + 1)}, ${32 - skew * 8})` : word(index);
    if (!crosses && skew > 0) text = `(${text} << ${skew * 8})`;
    // The wanted octets are the most significant now; move them to their place and cut the rest off.
    const lead = first - offset;
    const count = end - first;
    if (lead + count === 4 && lead > 0) text = `(${text} >> ${lead * 8})`;
    else if (lead > 0 || count < 4) {
      const mask = (0xffffffff << (32 - count * 8)) >>> 0;
      text = `((${text} & 0x${mask.toString(16)}u) >> ${lead * 8})`;
    }
    parts.push(text);
  }
  return parts.length === 0 ? '0' : parts.join(' | ');
}
