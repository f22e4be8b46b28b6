/*
 * Programs whose speed says something about the NPU's engines. They are text for the assembler; each runs on every
 * context that is started.
 */

/** Pixels that one burst of 128 octets holds, and the words that their grey values fill. */
const BURST_PIXELS = 32;
const BURST_WORDS_OUT = BURST_PIXELS / 4;
export const IMAGE_PIXELS = 256 * 256;
export const IMAGE_OCTETS = 4 * IMAGE_PIXELS;
/** The grey images lie behind the others. */
export const GREY_OFFSET = 0x0200_0000;

/** A third of a channel, near enough: the same in JavaScript, `greyOf`. */
const THIRD = 85;

/** Grey value of an RGBA pixel as the programs compute it. */
export function greyOf(pixel: number): number {
  const red = ((pixel >>> 24) * THIRD) >>> 8;
  const green = (((pixel >>> 16) & 0xff) * THIRD) >>> 8;
  const blue = (((pixel >>> 8) & 0xff) * THIRD) >>> 8;
  return red + green + blue;
}

/** 85 times a channel in gprA, divided by 256, in gprB: (x + 4x) * 17 >> 8. */
function third(register: number): string {
  return `
  alu_shf[gprB_${register}, --, B, gprA_${register}, <<2]
  alu[gprA_${register}, gprA_${register}, +, gprB_${register}]
  alu_shf[gprB_${register}, --, B, gprA_${register}, <<4]
  alu[gprA_${register}, gprA_${register}, +, gprB_${register}]
  alu_shf[gprB_${register}, --, B, gprA_${register}, >>8]`;
}

/** The grey value of the pixel in a register, in gprB_3. 20 instructions. */
function grey(pixel: string): string {
  return `
  alu_shf[gprA_0, --, B, ${pixel}, >>24]
  alu_shf[gprA_1, 0xff, AND, ${pixel}, >>16]
  alu_shf[gprA_2, 0xff, AND, ${pixel}, >>8]${third(0)}${third(1)}${third(2)}
  alu[gprA_3, --, B, gprB_0]
  alu[gprA_3, gprA_3, +, gprB_1]
  alu[gprB_3, gprA_3, +, gprB_2]`;
}

/**
 * 32 pixels to 8 words of grey.
 * @param greyOfPixel instructions that leave a pixel's grey value in gprB_3
 * @param destination of a word of grey
 */
function greyBurst(greyOfPixel: (pixel: number) => string, destination: (word: number) => string): string {
  let text = '';
  for (let pixel = 0; pixel < BURST_PIXELS; pixel++) {
    const octet = 3 - (pixel & 3);
    const mask = ['0001', '0010', '0100', '1000'][octet]!;
    const shift = octet === 0 ? '' : `, <<${8 * octet}`;
    text += `${greyOfPixel(pixel)}\n  ld_field${octet === 3 ? '_w_clr' : ''}[gprA_4, ${mask}, gprB_3${shift}]`;
    if (octet === 0) text += `\n  alu[${destination(pixel >>> 2)}, --, B, gprA_4]`;
  }
  return text;
}

/**
 * The image's work without commands, as often as an image has bursts: from registers to local memory. The pixels differ
 * from burst to burst, by one instruction each, lest a compiler find that there is nothing to do again.
 */
export function greyWithoutCommands(): string {
  const pixel = (index: number) => `\n  alu[gprB_4, gprB_10, XOR, $xfer_${index}]${grey('gprB_4')}`;
  return `
  immed[gprB_10, ${IMAGE_PIXELS / BURST_PIXELS}]
loop:
  local_csr_wr[ActLMAddr0, 0]${greyBurst(pixel, () => '*l$index0++')}
  alu[gprB_10, gprB_10, -, 1]
  bne[loop]
  ctx_arb[kill]`;
}

/** gprA_12 << 8 | gprB_13: the core's image in EMEM, and its grey image behind all of them. */
const IMAGE_BASES = `
  local_csr_rd[ActCtxStatus]
  immed[gprA_0, 0]
  alu_shf[gprA_1, 0xf, AND, gprA_0, >>3]
  alu_shf[gprA_2, 0x7, AND, gprA_0, >>25]
  alu_shf[gprB_2, --, B, gprA_2, <<4]
  alu[gprA_1, gprA_1, OR, gprB_2]
  alu_shf[gprB_13, --, B, gprA_1, <<${Math.log2(IMAGE_OCTETS)}]
  immed[gprA_12, 0x9800, <<16]
  immed[gprB_14, 0x${(GREY_OFFSET >>> 16).toString(16)}, <<16]
  alu_shf[gprA_14, --, B, gprA_1, <<${Math.log2(IMAGE_PIXELS)}]
  alu[gprB_14, gprA_14, +, gprB_14]`;

/** Reads 128 octets, writes 32, until the image is done. */
export function greyInBursts(): string {
  return `${IMAGE_BASES}
  immed[gprB_10, ${IMAGE_PIXELS / BURST_PIXELS}]
  immed[gprB_11, ${((BURST_PIXELS - 1) << 8) | 0x80}]
loop:
  alu[--, --, B, gprB_11]
  mem[read32, $xfer_0, gprA_12, <<8, gprB_13, 8], indirect_ref, ctx_swap[sig1]${greyBurst(
    (pixel) => grey(`$xfer_${pixel}`),
    (word) => `$xfer_${word}`,
  )}
  mem[write32, $xfer_0, gprA_12, <<8, gprB_14, ${BURST_WORDS_OUT}], ctx_swap[sig1]
  alu[gprB_13, gprB_13, +, ${4 * BURST_PIXELS}]
  alu[gprB_14, gprB_14, +, ${BURST_PIXELS}]
  alu[gprB_10, gprB_10, -, 1]
  bne[loop]
  ctx_arb[kill]`;
}

/** Reads each channel and writes each grey value by a command of its own: four memory references a pixel. */
export function greyByOctets(): string {
  const read = (channel: number) => `
  mem[read8, $xfer_${channel}, gprA_12, <<8, gprB_13, 1], ctx_swap[sig1]
  alu_shf[gprA_${channel}, --, B, $xfer_${channel}, >>24]
  alu[gprB_13, gprB_13, +, 1]${third(channel)}`;
  return `${IMAGE_BASES}
  immed[gprB_10, 1, <<16]
loop:${read(0)}${read(1)}${read(2)}
  alu[gprB_13, gprB_13, +, 1]
  alu[gprA_3, --, B, gprB_0]
  alu[gprA_3, gprA_3, +, gprB_1]
  alu[gprA_3, gprA_3, +, gprB_2]
  alu_shf[$xfer_0, --, B, gprA_3, <<24]
  mem[write8, $xfer_0, gprA_12, <<8, gprB_14, 1], ctx_swap[sig1]
  alu[gprB_14, gprB_14, +, 1]
  alu[gprB_10, gprB_10, -, 1]
  bne[loop]
  ctx_arb[kill]`;
}

/** Arithmetic without branches but the loop's. */
export function straightArithmetic(instructions: number, rounds: number): string {
  let text = `immed[gprB_14, ${rounds}]\nloop:\n`;
  for (let i = 0; i < instructions; i++) {
    // Eleven registers of a bank and four operations: no two instructions of a round are alike.
    const to = i % 11;
    const from = (3 * i + 1) % 11;
    text += [
      `alu[gprA_${to}, gprA_${from}, +, gprB_${to}]\n`,
      `alu[gprB_${to}, gprA_${from}, XOR, gprB_${from}]\n`,
      `alu_shf[gprA_${to}, gprA_${from}, OR, gprB_${to}, >>${1 + (i % 31)}]\n`,
      `alu[gprB_${to}, gprA_${to}, -, gprB_${from}]\n`,
    ][i & 3];
  }
  return `${text}alu[gprB_14, gprB_14, -, 1]\nbne[loop]\nctx_arb[kill]`;
}

/** A handler of 40 instructions that gives the pipeline away at its end and is invoked again at once, for ever. */
export function shortHandler(): string {
  let text = 'handler:\nalu[gprA_0, gprA_0, +, 1]\n';
  for (let i = 0; i < 33; i++) {
    text += `alu[gprA_${1 + (i % 8)}, gprA_${i % 9}, ${['+', 'XOR', '-'][i % 3]}, gprB_${i % 8}]\n`;
  }
  text += 'br_bclr[gprA_0, 0, even]\nalu[gprB_0, gprA_3, +, gprB_0]\nalu[gprB_1, gprA_4, XOR, gprB_1]\n';
  return `${text}even:\nalu[gprB_2, gprA_5, +, gprB_2]\nalu[gprB_3, gprA_6, XOR, gprB_3]\nctx_arb[voluntary], br[handler]`;
}
