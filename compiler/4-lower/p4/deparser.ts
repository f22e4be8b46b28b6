import type { P4Instance, P4Model } from '../../3-analyze/p4/model.ts';
import { headerOctets, headerWord, OCTET_BURST } from './extract.ts';
import { validTest } from './fields.ts';
import { FRAME_SKEW_OCTETS } from './frame.ts';
import { headerOrder } from './header-order.ts';
import type { LoweringOptions } from './lowering-options.ts';
import { endOf, type HeaderStack, maskOf, type ParseGraph } from './parse-graph.ts';
import type { GeneratedText } from './text.ts';

/** With more combinations of headers than this each header is written by itself. */
const MAX_KNOWN_STACKS = 8;

/**
 * `pif_header_octets()`: length of the headers that are valid now; where plugins leave combinations that the parser
 * knows, 0 for any other. `pif_deparse()`: updates calculated fields and writes the valid headers to the start of the
 * frame. Needs `pif_pkt_info_global.pkt_len` to be the frame's final length, and the payload to be in its place; -1 when
 * the headers are no known combination.
 */
export function generateDeparser(
  model: P4Model,
  graph: ParseGraph,
  options: LoweringOptions,
  updates: (out: GeneratedText) => void,
  out: GeneratedText,
): void {
  const anyHeaders = options.wholeProgram || !graph.constantOffsets;
  const known = graph.stacks.filter((stack) => stack.length > 0);
  const atOnce = anyHeaders && known.length > MAX_KNOWN_STACKS ? [] : known;
  const order = headerOrder(model);
  out.line('unsigned int pif_header_octets(void) {');
  if (anyHeaders) {
    out.line('unsigned int octets = 0;');
    for (const header of order) {
      out
        .line(`if (${validTest(header)}) {`)
        .line(`octets += ${headerOctets(header)};`)
        .line('}');
    }
    out.line('return octets;');
  } else {
    for (const stack of known) out.line(`if (pif_headers.valid == ${maskOf(model, stack)}) return ${endOf(stack)};`);
    out.line('return 0;');
  }
  out.line('}');

  out.line('int pif_deparse(void) {');
  out.line('pif_pkt_info_global.pkt_pl_off = pif_header_octets();');
  if (!anyHeaders) out.line('if (pif_pkt_info_global.pkt_pl_off == 0) return -1;');
  updates(out);
  for (const stack of atOnce) {
    out.line(`if (pif_headers.valid == ${maskOf(model, stack)}) {`);
    writeStack(model, stack, out);
    out.line('return 0;').line('}');
  }
  if (anyHeaders) writeOneByOne(order, out);
  out.line(`return ${anyHeaders ? 0 : -1};`).line('}');
}

/** Every valid header by itself, at a place that is known at run time. */
function writeOneByOne(order: readonly P4Instance[], out: GeneratedText): void {
  out.line('{').line('__ctm unsigned char *at = pif_pkt_info_global.pkt_buf;');
  for (const header of order) {
    const octets = headerOctets(header);
    const variable = octets !== `${header.octets}`;
    out.line(`if (${validTest(header)}) {`);
    for (let first = 0; first < header.octets; first += OCTET_BURST) {
      const count = Math.min(OCTET_BURST, header.octets - first);
      if (variable) out.line(`if (${octets} > ${first}) {`);
      out.line('{').line(`__xwrite unsigned int words[${Math.ceil(count / 4)}];`);
      for (let word = 0; word * 4 < count; word++) {
        out.line(`words[${word}] = ${headerWord(header, first / 4 + word)};`);
      }
      if (variable) {
        out.line(`unsigned int count = ${octets} - ${first} > ${count} ? ${count} : ${octets} - ${first};`);
        out.line(`mem_write8(words, at + ${first}, count);`);
      } else out.line(`mem_write8(words, at + ${first}, ${count});`);
      out.line('}');
      if (variable) out.line('}');
    }
    out.line(`at += ${octets};`).line('}');
  }
  out.line('}');
}

/** All headers with one command, but for up to three octets at their end that a word does not fill. */
function writeStack(model: P4Model, stack: HeaderStack, out: GeneratedText): void {
  const end = endOf(stack) + FRAME_SKEW_OCTETS;
  const words = Math.ceil(end / 4);
  const whole = Math.floor(end / 4);
  out.line(`__xwrite unsigned int words[${words}];`);
  for (let word = 0; word < words; word++)
    out.line(`words[${word}] = ${stackWord(model, stack, word * 4 - FRAME_SKEW_OCTETS)};`);
  const start = `pif_pkt_info_global.pkt_buf - ${FRAME_SKEW_OCTETS}`;
  for (let first = 0; first < whole; first += 32) {
    const count = Math.min(32, whole - first);
    out.line(`mem_write32(&words[${first}], ${start} + ${first * 4}, ${count * 4});`);
  }
  if (end % 4 !== 0) out.line(`mem_write8(&words[${whole}], ${start} + ${whole * 4}, ${end % 4});`);
}

/** Four octets of the stack from `offset` on, put together from the words of the structures; beyond it zeros. */
function stackWord(model: P4Model, stack: HeaderStack, offset: number): string {
  const parts: string[] = [];
  for (const header of stack) {
    const instance = model.instances.get(header.name);
    const first = Math.max(offset, header.offsetOctets);
    const end = Math.min(offset + 4, header.offsetOctets + header.octets);
    if (first >= end || instance === undefined) continue;
    // The octets [first, end) lie in one or two words of the structure.
    const within = first - header.offsetOctets;
    const index = Math.floor(within / 4);
    const skew = within % 4;
    const word = (i: number): string => headerWord(instance, i);
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
