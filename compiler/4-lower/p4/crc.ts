import { CRCS, type Crc } from '../../3-analyze/p4/algorithms.ts';
import { headerOctets, headerWord } from './extract.ts';
import { type ListContents, type ListRun, runText } from './field-list-entries.ts';
import { validTest } from './fields.ts';
import { cut, underTests } from './tested-runs.ts';
import type { GeneratedText } from './text.ts';

/** Polynomials of the core's CRC unit, which takes a word in a few instructions, by Micro-C's names of them. */
const CRC_UNIT: ReadonlyMap<string, string> = new Map([
  [unitKey(32, 0x04c11db7n), 'crc_32'],
  [unitKey(32, 0x1edc6f41n), 'crc_iscsi'],
  [unitKey(16, 0x1021n), 'crc_ccitt'],
]);

function unitKey(bits: number, polynomial: bigint): string {
  return `${bits} ${polynomial}`;
}

/**
 * `pif_<algorithm>(crc, word, octets)`: takes the most significant octets of a word into a CRC, by the CRC unit where it
 * has the polynomial, otherwise bit by bit. The register, of 32 or 64 bits, is at its lower end when the CRC is
 * reflected or the unit's, otherwise at the upper end.
 */
export function generateCrcStep(algorithm: string, out: GeneratedText): void {
  const crc = CRCS.get(algorithm);
  if (crc === undefined) return;
  const { bits, type } = registerOf(crc);
  const isWide = bits > 32;
  const unit = unitOf(crc);
  if (unit !== undefined) {
    generateUnitStep(algorithm, crc.reflected, unit, out);
    return;
  }
  const step = crc.reflected
    ? `crc = (crc & 1) != 0 ? (crc >> 1) ^ ${hex(reflect(crc.polynomial, crc.bits), isWide)} : crc >> 1;`
    : `crc = (crc >> ${bits - 1}) != 0 ? (crc << 1) ^ ${hex(crc.polynomial << BigInt(bits - crc.bits), isWide)} : crc << 1;`;
  out.line(`static __noinline ${type} pif_${algorithm}(${type} crc, unsigned int word, unsigned int octets) {`);
  out.line('unsigned int bit;').line('while (octets != 0) {');
  const highest = isWide ? '(unsigned long long)(word & 0xff000000u) << 32' : 'word & 0xff000000u';
  out.line(crc.reflected ? 'crc ^= word >> 24;' : `crc ^= ${highest};`);
  out.line('for (bit = 0; bit < 8; bit++) {').line(step).line('}');
  out.line('word <<= 8;').line('octets--;').line('}').line('return crc;').line('}');
}

/**
 * The unit takes the most significant bit first and has the remainder at the lower end; of a reflected CRC it is given
 * each octet with its bits reversed. Contexts share the remainder: no memory is accessed between the commands.
 */
function generateUnitStep(algorithm: string, reflected: boolean, unit: string, out: GeneratedText): void {
  out.line(`static inline unsigned int pif_${algorithm}(unsigned int crc, unsigned int word, unsigned int octets) {`);
  if (reflected) {
    for (const [bits, mask] of [
      [1, '0x55555555u'],
      [2, '0x33333333u'],
      [4, '0x0f0f0f0fu'],
    ] as const) {
      out.line(`word = ((word >> ${bits}) & ${mask}) | ((word & ${mask}) << ${bits});`);
    }
  }
  out.line('crc_write(crc);');
  const takes = ['crc_byte_0', 'crc_bytes_0_1', 'crc_bytes_0_2', 'crc_bytes_0_3'];
  for (const [index, octets] of takes.entries()) {
    const test = index === takes.length - 1 ? '{' : `if (octets == ${index + 1}) {`;
    out
      .line(`${index === 0 ? '' : 'else '}${test}`)
      .line(`${unit}_be(word, ${octets});`)
      .line('}');
  }
  out.line('return crc_read();').line('}');
}

function unitOf({ bits, polynomial }: Crc): string | undefined {
  return CRC_UNIT.get(unitKey(bits, polynomial));
}

function registerOf(crc: Crc): { readonly bits: number; readonly type: string } {
  return crc.bits > 32 ? { bits: 64, type: 'unsigned long long' } : { bits: 32, type: 'unsigned int' };
}

/** The body of a calculation: the octets of the list in order, then the payload. */
export function generateCrc(
  algorithm: string,
  crc: Crc,
  outputBits: number,
  { runs, payload }: ListContents,
  certain: ReadonlySet<string>,
  out: GeneratedText,
): void {
  const { bits, type } = registerOf(crc);
  const byUnit = unitOf(crc) !== undefined;
  const initial = byUnit
    ? crc.initial
    : crc.reflected
      ? reflect(crc.initial, crc.bits)
      : crc.initial << BigInt(bits - crc.bits);
  out.line(`${type} crc = ${hex(initial, bits > 32)};`);
  const feed = (word: string, octets: string): void => {
    out.line(`crc = pif_${algorithm}(crc, ${word}, ${octets});`);
  };
  underTests(inOctets(runs), certain, ({ text, octets }) => feed(text, `${octets}`), out);
  if (payload !== undefined) {
    for (const header of payload.headers) {
      out.line(`if (${validTest(header)}) {`);
      const isFixed = headerOctets(header) === `${header.octets}`;
      for (let word = 0; word * 4 < header.octets; word++) {
        const left = isFixed ? `${Math.min(4, header.octets - word * 4)}` : leftOf(headerOctets(header), word * 4);
        feed(headerWord(header, word), left);
      }
      out.line('}');
    }
    payloadOctets(feed, out);
  }
  if (byUnit && crc.reflected) {
    out.line('unsigned int reversed = 0;').line('unsigned int bit;');
    out.line(`for (bit = 0; bit < ${crc.bits}; bit++) {`);
    out.line('reversed = (reversed << 1) | ((crc >> bit) & 1);').line('}').line('crc = reversed;');
  }
  const result = byUnit || crc.reflected || crc.bits === bits ? 'crc' : `(crc >> ${bits - crc.bits})`;
  const final = crc.finalXor === 0n ? result : `(${result} ^ ${hex(crc.finalXor, bits > 32)})`;
  out.line(`return ${cut(final, crc.bits, outputBits)};`);
}

function leftOf(octets: string, at: number): string {
  return `(${octets} <= ${at} ? 0 : ${octets} - ${at} > 4 ? 4 : ${octets} - ${at})`;
}

function payloadOctets(feed: (word: string, octets: string) => void, out: GeneratedText): void {
  out.line('{').line('unsigned int at = pif_pkt_info_global.pkt_pl_off;').line('__xread unsigned int word[1];');
  out.line('while (at < pif_pkt_info_global.pkt_len) {');
  out.line('unsigned int left = pif_pkt_info_global.pkt_len - at;');
  out.line('mem_read8(word, pif_pkt_info_global.pkt_buf + at, 4);');
  feed('word[0]', '(left > 4 ? 4 : left)');
  out.line('at += 4;').line('}').line('}');
}

/**
 * Runs as whole octets at the upper end of a word. Neighbours are put together until they fill octets; what is left at
 * the end of the list is filled up with zeros.
 */
function inOctets(runs: readonly ListRun[]): { run: ListRun; text: string; octets: number }[] {
  const groups: { run: ListRun; text: string; octets: number }[] = [];
  let parts: ListRun[] = [];
  const bitsOf = (some: readonly ListRun[]): number => some.reduce((sum, run) => sum + run.bits, 0);
  const close = (): void => {
    const [first] = parts;
    if (first === undefined) return;
    const bits = bitsOf(parts);
    let below = 64;
    const texts = parts.map((run) => {
      below -= run.bits;
      return `((unsigned long long)${runText(run)} << ${below})`;
    });
    const isWord = parts.length === 1 && bits <= 32;
    const text = isWord ? `(${runText(first)} << ${32 - bits})` : `(unsigned int)((${texts.join(' | ')}) >> 32)`;
    groups.push({ run: first, text, octets: Math.min(Math.ceil(bits / 8), 4) });
    if (bits > 32) {
      const rest = `(unsigned int)(${texts.join(' | ')})`;
      groups.push({ run: first, text: rest, octets: Math.ceil((bits - 32) / 8) });
    }
    parts = [];
  };
  for (const run of runs) {
    // Two runs of up to 32 bits always fit into the 64 that are put together.
    if (bitsOf(parts) + run.bits > 64) close();
    parts.push(run);
    if (bitsOf(parts) % 8 === 0) close();
  }
  close();
  return groups;
}

function reflect(value: bigint, bits: number): bigint {
  let reflected = 0n;
  for (let bit = 0; bit < bits; bit++) {
    if (((value >> BigInt(bit)) & 1n) === 1n) reflected |= 1n << BigInt(bits - 1 - bit);
  }
  return reflected;
}

function hex(value: bigint, isWide: boolean): string {
  return `0x${value.toString(16)}u${isWide ? 'll' : ''}`;
}
