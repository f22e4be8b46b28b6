/**
 * Where a frame stands in its packet buffer (docs/lambdas.md): two octets behind a word boundary, so that the IP header
 * and all that follows is word aligned. Bulk commands move words, so they start that much before the frame.
 */
export const FRAME_SKEW_OCTETS = 2;

/** Every frame that reaches a core has at least this length (IEEE 802.3, without FCS). */
export const MINIMUM_FRAME_OCTETS = 60;

/** The C structure that describes the packet of the context; the parser and the plugins read it. */
export const PACKET_INFO = [
  'struct pif_pkt_info {',
  '  /* Octets of the frame, without FCS. */',
  '  unsigned int pkt_len;',
  '  /* From the start of the frame to its payload. */',
  '  unsigned int pkt_pl_off;',
  '  /* The first octet of the frame. */',
  '  __ctm unsigned char *pkt_buf;',
  '  /* Arrival number. */',
  '  unsigned int pkt_num;',
  '  /* Whether the end of the packet lies in EMEM at muptr << 11, and the size of its buffer in CTM, 256 << ctm_size. */',
  '  unsigned int split;',
  '  unsigned int ctm_size;',
  '  unsigned int muptr;',
  '};',
  'extern __lmem struct pif_pkt_info pif_pkt_info_global;',
  '/* Octets of the buffer before the frame. */',
  '#define PIF_PKT_SOP(buffer, number) ((unsigned int)(buffer) & 2047)',
];
