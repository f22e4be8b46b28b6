/* Every context of every core runs this: wait for a frame, parse, match, run the lambda, send. Run to completion (D1). */
#include "lnic.h"

#define PORT_NONE 0xffff
#define MINIMUM_FRAME_OCTETS 60

__lmem struct lnic_message lnic_message;

/* Hands a frame to the NIC: `octets` from the start of the packet's buffer on. */
static void send_frame(uint32_t octets, uint32_t port) {
  __xwrite uint32_t departure[2];
  departure[0] = (octets << 16) | port;
  departure[1] = (uint32_t)pif_pkt_info_global.pkt_buf;
  packet_send(departure);
}

void lnic_transmit(void) {
  uint32_t octets = pif_headers.ipv4.totalLen + 14;
  pif_pkt_info_global.pkt_len = octets;
  if (pif_deparse() != 0) {
    return;
  }
  if (octets < MINIMUM_FRAME_OCTETS) {
    /* The padding must not tell what the buffer held before. */
    __xwrite uint32_t zeros[8];
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
  send_frame(octets, pif_headers.standard_metadata.egress_spec);
}

void main(void) {
  for (;;) {
    __xread uint32_t arrival[4];
    packet_receive(arrival);
    pif_pkt_info_global.pkt_len = arrival[0] >> 16;
    pif_pkt_info_global.pkt_buf = (__ctm uint8_t *)arrival[1];
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
    if (pif_headers.pipeline.unchanged) {
      send_frame(pif_pkt_info_global.pkt_len, pif_headers.standard_metadata.egress_spec);
    } else {
      lnic_transmit();
    }
  }
}
