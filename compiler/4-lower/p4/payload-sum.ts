import type { GeneratedText } from './text.ts';

/** Words that one command brings: of aligned words, and from any octet on. */
const ALIGNED_WORDS = 16;
const UNALIGNED_WORDS = 8;

/**
 * `pif_payload_sum(at, octets)`: sum of the payload's 32-bit words, for csum16 with `payload` in a field list;
 * `pif_payload_xor` for xor16. Blocks of 64 octets when the payload starts at a word, else of 32; in the last one the words
 * that are there are counted, and the octets of its last word masked. The payload starts at an even octet of what is
 * summed, so that its 16-bit words are those of the packet.
 */
export function generatePayloadSum(aligned: boolean, out: GeneratedText): void {
  generate('pif_payload_sum', '+', aligned, out);
  generate('pif_payload_xor', '^', aligned, out);
}

function generate(name: string, operator: '+' | '^', aligned: boolean, out: GeneratedText): void {
  const words = aligned ? ALIGNED_WORDS : UNALIGNED_WORDS;
  const read = aligned ? 'mem_read32' : 'mem_read8';
  out.line(`static __noinline unsigned long long ${name}(__ctm unsigned char *at, unsigned int octets) {`);
  out.line('unsigned long long sum = 0;');
  out.line(`__xread unsigned int block[${words}];`);
  out.line(`while (octets >= ${words * 4}) {`);
  out.line(`${read}(block, at, ${words * 4});`);
  for (let word = 0; word < words; word++) out.line(`sum ${operator}= block[${word}];`);
  out
    .line(`at += ${words * 4};`)
    .line(`octets -= ${words * 4};`)
    .line('}');
  out.line('if (octets != 0) {');
  out.line(`${read}(block, at, ${words * 4});`);
  for (let word = 0; word < words; word++) {
    const left = word * 4;
    const masked = (shift: string): string =>
      `sum ${operator} (block[${word}] & (0xffffffffu << (${shift} - octets * 8)))`;
    out.line(`if (octets <= ${left + 3}) {`);
    if (left === 0) out.line(`return ${masked('32')};`);
    else out.line(`return octets == ${left} ? sum : ${masked(`${32 + left * 8}`)};`);
    out.line('}').line(`sum ${operator}= block[${word}];`);
  }
  out.line('}').line('return sum;').line('}');
}
