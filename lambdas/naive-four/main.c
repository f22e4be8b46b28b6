/* Every context of every core runs this: wait for a frame, parse, match, run the lambda, send. */
#include <pif_plugin.h>

#define PORT_NONE 0xffff
#define MINIMUM_FRAME_OCTETS 60

void main(void) {
  for (;;) {
    __xread unsigned int arrival[4];
    __xwrite unsigned int departure[2];
    unsigned int octets;
    packet_receive(arrival);
    pif_pkt_info_global.pkt_len = arrival[0] >> 16;
    pif_pkt_info_global.pkt_buf = (__ctm unsigned char *)arrival[1];
    pif_pkt_info_global.pkt_num = arrival[3];
    pif_headers.standard_metadata.ingress_port = arrival[0] & 0xffff;
    pif_headers.standard_metadata.egress_spec = PORT_NONE;
    pif_headers.standard_metadata.packet_length = arrival[0] >> 16;
    if (pif_receive() != PIF_PLUGIN_RETURN_FORWARD) {
      continue;
    }
    if (pif_headers.standard_metadata.egress_spec == PORT_NONE) {
      continue;
    }
    octets = pif_pkt_info_global.pkt_len;
    if (!pif_headers.pipeline.unchanged) {
      octets = pif_headers.ipv4.totalLen + 14;
      pif_pkt_info_global.pkt_len = octets;
      if (pif_deparse() != 0) {
        continue;
      }
      if (octets < MINIMUM_FRAME_OCTETS) {
        /* The padding must not tell what the buffer held before. */
        __xwrite unsigned int zeros[8];
        zeros[0] = 0;
        zeros[1] = 0;
        zeros[2] = 0;
        zeros[3] = 0;
        zeros[4] = 0;
        zeros[5] = 0;
        zeros[6] = 0;
        zeros[7] = 0;
        mem_write8(zeros, pif_pkt_info_global.pkt_buf + octets, 32);
        octets = MINIMUM_FRAME_OCTETS;
      }
    }
    departure[0] = (octets << 16) | pif_headers.standard_metadata.egress_spec;
    departure[1] = (unsigned int)pif_pkt_info_global.pkt_buf;
    packet_send(departure);
  }
}
