import type { GeneratedText } from './text.ts';

/** The send command takes no shorter frames; the MAC pads what is below 60 (docs/npu.md). */
const SHORTEST_FRAME_OCTETS = 14;

/** `pif_emit()`: makes the frame of a parsed packet, -1 when it is too long; `pif_send(port)`: hands it to the NIC. */
export function generateFrameOutput(maximumFrameOctets: number, out: GeneratedText): void {
  movePayload(out);
  emit(maximumFrameOctets, out);
  send(out);
}

/** Copies octets within the frame, from its end on where they move up. */
function movePayload(out: GeneratedText): void {
  const copy = (at: string, count: string): void => {
    out.line(`mem_read8(block, frame + before + ${at}, 32);`);
    for (let i = 0; i < 8; i++) out.line(`put[${i}] = block[${i}];`);
    out.line(`mem_write8(put, frame + after + ${at}, ${count});`);
  };
  out.line(
    'static __noinline void pif_move_payload(__ctm unsigned char *frame, unsigned int before, unsigned int after, unsigned int left) {',
  );
  out.line('__xread unsigned int block[8];').line('__xwrite unsigned int put[8];').line('unsigned int done = 0;');
  out.line('if (after > before) {').line('while (left != 0) {');
  out.line('unsigned int count = left < 32 ? left : 32;').line('left -= count;');
  copy('left', 'count');
  out.line('}').line('return;').line('}');
  out.line('while (done < left) {').line('unsigned int count = left - done < 32 ? left - done : 32;');
  copy('done', 'count');
  out.line('done += 32;').line('}').line('}');
}

/** Writes the packet as it is now: headers, and the payload behind them, which moves when their length has changed. */
function emit(maximumFrameOctets: number, out: GeneratedText): void {
  const length = 'pif_pkt_info_global.pkt_len';
  out.line('static int pif_emit(void) {').line('unsigned int before = pif_pkt_info_global.pkt_pl_off;');
  out.line('unsigned int octets = pif_header_octets();');
  out.line('if (octets != before) {').line(`unsigned int left = ${length} - before;`);
  out.line(`if (octets + left > ${maximumFrameOctets}) {`).line('return -1;').line('}');
  out
    .line('pif_move_payload(pif_pkt_info_global.pkt_buf, before, octets, left);')
    .line(`${length} = octets + left;`)
    .line('}');
  out.line('return pif_deparse();').line('}');
}

function send(out: GeneratedText): void {
  out.line('static void pif_send(unsigned int port) {').line('__xwrite unsigned int departure[2];');
  out.line('unsigned int octets = pif_pkt_info_global.pkt_len;');
  out.line(`if (octets < ${SHORTEST_FRAME_OCTETS}) {`).line('__xwrite unsigned int zeros[4];');
  for (let i = 0; i < 4; i++) out.line(`zeros[${i}] = 0;`);
  out.line('mem_write8(zeros, pif_pkt_info_global.pkt_buf + octets, 14);');
  out.line(`octets = ${SHORTEST_FRAME_OCTETS};`).line('}');
  out.line('departure[0] = (octets << 16) | port;');
  out.line('departure[1] = (unsigned int)pif_pkt_info_global.pkt_buf;');
  out.line('packet_send(departure);').line('}');
}
