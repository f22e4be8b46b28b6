import type { CurrentBits } from '../../2-parse/p4/tree.ts';
import { fixedOctets } from '../../3-analyze/p4/layout.ts';
import type { P4Instance, P4Model } from '../../3-analyze/p4/model.ts';
import { cExpression } from './expressions.ts';
import { FRAME_SKEW_OCTETS } from './frame.ts';
import type { GeneratedText } from './text.ts';
import type { CValue } from './values.ts';

/** Octets that one command moves from or to any address. */
export const OCTET_BURST = 32;

/** C: word `index` of a header's structure. */
export function headerWord(instance: P4Instance, index: number): string {
  return `((__lmem unsigned int *)&pif_headers.${instance.member})[${index}]`;
}

/** Member of the headers' structure with the length of a header that has a field of variable width, in octets. */
export function lengthMember(instance: P4Instance): string {
  return `pif_headers.pif_octets_${instance.member}`;
}

/** C: octets of a header in the packet. */
export function headerOctets(instance: P4Instance): string {
  return instance.fields.at(-1)?.variable === true ? lengthMember(instance) : `${instance.octets}`;
}

/** Hands a header over from the window of so many words that starts FRAME_SKEW_OCTETS before the frame. */
export function extractFromWindow(
  instance: P4Instance,
  offsetOctets: number,
  windowWords: number,
  out: GeneratedText,
): void {
  for (let word = 0; word * 4 < instance.octets; word++) {
    out.line(`${headerWord(instance, word)} = ${windowWord(offsetOctets + word * 4, windowWords)};`);
  }
}

/** Four octets of the frame from `offset` on. */
function windowWord(offset: number, windowWords: number): string {
  const at = offset + FRAME_SKEW_OCTETS;
  const index = Math.floor(at / 4);
  const skew = (at % 4) * 8;
  if (skew === 0) return `window[${index}]`;
  // The window ends with the last header: what a word has beyond it belongs to no field.
  if (index + 1 >= windowWords) return `(window[${index}] << ${skew})`;
  return `dbl_shf(window[${index}], window[${index + 1}], ${32 - skew})`;
}

/** Reads a header at `offset`, a variable, and moves `offset` behind it. `check` writes that the packet reaches there. */
export function extractFromPacket(
  model: P4Model,
  instance: P4Instance,
  check: (end: string) => void,
  fault: (exception: string) => void,
  out: GeneratedText,
): void {
  const fixed = fixedOctets(instance.fields);
  check(`offset + ${fixed}`);
  readOctets(instance, 0, fixed, out);
  if (instance.length === undefined || fixed === instance.octets) {
    out.line(`offset += ${instance.octets};`);
    return;
  }
  out.line('{').line(`unsigned int octets = ${cExpression({ model, own: instance.name }, instance.length).text};`);
  out.line(`if (octets < ${fixed}) {`);
  fault('p4_pe_header_too_short');
  out.line('}').line(`if (octets > ${instance.octets}) {`);
  fault('p4_pe_header_too_long');
  out.line('}');
  check('offset + octets');
  readOctets(instance, fixed, instance.octets, out);
  // What the packet does not have is zero: sums over the whole field are right.
  for (let word = Math.floor(fixed / 4); word * 4 < instance.octets; word++) {
    const access = headerWord(instance, word);
    out
      .line(`if (octets <= ${word * 4}) {`)
      .line(`${access} = 0;`)
      .line('}');
    out.line(`else if (octets < ${word * 4 + 4}) {`);
    out.line(`${access} &= 0xffffffffu << ((${word * 4 + 4} - octets) * 8);`).line('}');
  }
  out
    .line(`${lengthMember(instance)} = octets;`)
    .line('offset += octets;')
    .line('}');
}

/** Octets `[from, to)` of a header from the packet, in bursts that begin at words of the header. */
function readOctets(instance: P4Instance, from: number, to: number, out: GeneratedText): void {
  for (let at = from - (from % 4); at < to; at += OCTET_BURST) {
    const count = Math.min(OCTET_BURST, to - at);
    const words = Math.ceil(count / 4);
    out.line('{').line(`__xread unsigned int words[${words}];`);
    out.line(`mem_read8(words, pif_pkt_info_global.pkt_buf + offset + ${at}, ${count});`);
    for (let word = 0; word < words; word++) out.line(`${headerWord(instance, at / 4 + word)} = words[${word}];`);
    out.line('}');
  }
}

/** `current(...)` with all offsets known. */
export function windowCurrent({ offsetBits, bits }: CurrentBits, endOctets: number, windowWords: number): CValue {
  const first = endOctets * 8 + offsetBits;
  return cutBits(bits, (index) => windowWord(Math.floor(first / 8) + index * 4, windowWords), first % 8);
}

/** `current(...)` at `offset`, a variable: reads the octets, and leaves the value in a variable of this name. */
export function readCurrent({ offsetBits, bits }: CurrentBits, name: string, out: GeneratedText): CValue {
  const type = bits > 32 ? 'unsigned long long' : 'unsigned int';
  const first = Math.floor(offsetBits / 8);
  const count = Math.ceil((offsetBits + bits) / 8) - first;
  const words = Math.ceil(count / 4);
  out.line(`${type} ${name};`).line('{').line(`__xread unsigned int words[${words}];`);
  out.line(`mem_read8(words, pif_pkt_info_global.pkt_buf + offset + ${first}, ${count});`);
  out.line(`${name} = ${cutBits(bits, (index) => `words[${index}]`, offsetBits % 8).text};`).line('}');
  return { text: name, bits };
}

/** `bits` (at most 64) bits out of words, from bit `skew` (at most 7) of the first word on. */
function cutBits(bits: number, word: (index: number) => string, skew: number): CValue {
  const end = skew + bits;
  if (end <= 32) {
    const moved = end === 32 ? word(0) : `(${word(0)} >> ${32 - end})`;
    return { text: bits === 32 ? `(${moved})` : `(${moved} & 0x${(2 ** bits - 1).toString(16)}u)`, bits };
  }
  const wide = `(((unsigned long long)${word(0)} << 32) | ${word(1)})`;
  const joined =
    end <= 64
      ? end === 64
        ? wide
        : `(${wide} >> ${64 - end})`
      : `((${wide} << ${end - 64}) | (${word(2)} >> ${96 - end}))`;
  const mask = ((1n << BigInt(bits)) - 1n).toString(16);
  return { text: bits === 64 ? joined : `(${joined} & 0x${mask}ull)`, bits };
}
