import type { GeneratedText } from './text.ts';

/** Words that one command brings. */
const BLOCK_WORDS = 16;

/**
 * `pif_payload_sum(at, octets)`: sum of the payload's 32-bit words, for csum16 with `payload` in a field list. Blocks of 64 octets;
 * in the last one the words that are there are counted, and the octets of its last word masked. The payload starts at an
 * even octet of the frame, so that its 16-bit words are those of the packet.
 */
export function generatePayloadSum(out: GeneratedText): void {
  out.line('static __noinline unsigned long long pif_payload_sum(__ctm unsigned char *at, unsigned int octets) {');
  out.line('unsigned long long sum = 0;');
  out.line(`__xread unsigned int block[${BLOCK_WORDS}];`);
  out.line(`while (octets >= ${BLOCK_WORDS * 4}) {`);
  out.line(`mem_read32(block, at, ${BLOCK_WORDS * 4});`);
  for (let word = 0; word < BLOCK_WORDS; word++) out.line(`sum += block[${word}];`);
  out
    .line(`at += ${BLOCK_WORDS * 4};`)
    .line(`octets -= ${BLOCK_WORDS * 4};`)
    .line('}');
  out.line('if (octets != 0) {');
  out.line(`mem_read32(block, at, ${BLOCK_WORDS * 4});`);
  for (let word = 0; word < BLOCK_WORDS; word++) {
    const left = word * 4;
    out.line(`if (octets <= ${left + 3}) {`);
    if (left === 0) out.line('return sum + (block[0] & (0xffffffffu << (32 - octets * 8)));');
    else
      out.line(
        `return octets == ${left} ? sum : sum + (block[${word}] & (0xffffffffu << (${32 + left * 8} - octets * 8)));`,
      );
    out.line('}').line(`sum += block[${word}];`);
  }
  out.line('}').line('return sum;').line('}');
}
