/**
 * Where a frame stands in its packet buffer (docs/lambdas.md): two octets behind a word boundary, so that the IP header
 * and all that follows is word aligned. Bulk commands move words, so they start that much before the frame.
 */
export const FRAME_SKEW_OCTETS = 2;

/** Every frame that reaches a core has at least this length (IEEE 802.3, without FCS). */
export const MINIMUM_FRAME_OCTETS = 60;

/**
 * Whether plugins can see where the end of the packet lies: only then there are words for that, and code that sets them.
 * @param plugins text of all plugins
 */
export function readsBufferSize(plugins: string): boolean {
  return /\b(split|ctm_size|muptr)\b|\bstruct\s+pif_pkt_info\b|\bpif_pkt_info_global\b(?!\s*\.)/.test(plugins);
}

/** The C structure that describes the packet of the context; the parser and the plugins read it. */
export function packetInfo(plugins: string): string[] {
  return [
    'struct pif_pkt_info {',
    '  /* Octets of the frame, without FCS. */',
    '  unsigned int pkt_len;',
    '  /* From the start of the frame to its payload. */',
    '  unsigned int pkt_pl_off;',
    '  /* The first octet of the frame. */',
    '  __ctm unsigned char *pkt_buf;',
    '  /* Arrival number. */',
    '  unsigned int pkt_num;',
    ...(readsBufferSize(plugins) ? BUFFER_SIZE : []),
    '};',
    'extern __lmem struct pif_pkt_info pif_pkt_info_global;',
    '/* Octets of the buffer before the frame. */',
    '#define PIF_PKT_SOP(buffer, number) ((unsigned int)(buffer) & 2047)',
  ];
}

const BUFFER_SIZE: readonly string[] = [
  '  /* Whether the end of the packet lies in EMEM at muptr << 11, and the size of its buffer in CTM, 256 << ctm_size. */',
  '  unsigned int split;',
  '  unsigned int ctm_size;',
  '  unsigned int muptr;',
];

/** The definition of the one there is: frames lie whole in a buffer of 2 KiB, 256 << 3 octets. */
export function packetInfoDefinition(plugins: string): string {
  return `__lmem struct pif_pkt_info pif_pkt_info_global${readsBufferSize(plugins) ? ' = { .ctm_size = 3 }' : ''};`;
}
