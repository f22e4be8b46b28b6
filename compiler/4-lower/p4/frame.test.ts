import { describe, expect, it } from 'vitest';
import { readsBufferSize } from './frame.ts';

describe('where the end of a packet lies is written down', () => {
  it.each([
    ['a field', 'if (pif_pkt_info_global.split) return 1;'],
    ['a field behind a macro', '#define SIZE(info) (256 << (info).ctm_size)'],
    ['the whole structure', 'struct pif_pkt_info copy = pif_pkt_info_global;'],
    ['its address', 'look(&pif_pkt_info_global);'],
  ])('for plugins that name %s', (_, text) => {
    expect(readsBufferSize(text)).toBe(true);
  });

  it('for no others', () => {
    expect(readsBufferSize('n = pif_pkt_info_global.pkt_len - pif_pkt_info_global . pkt_pl_off;')).toBe(false);
  });
});
