/** Headers of protocols as RFC 791, 793, 768 and IEEE 802.3 lay them out; the members' names are those of open flowenv. */
const ETH = `#pragma once
#include <stdint.h>
#define NET_ETH_ALEN 6
#define NET_ETH_LEN 14
#define NET_ETH_TYPE_IPV4 0x0800
#define NET_ETH_TYPE_ARP 0x0806
#define NET_ETH_TYPE_IPV6 0x86dd
struct eth_addr {
  uint8_t a[NET_ETH_ALEN];
};
struct __attribute__((packed)) eth_hdr {
  struct eth_addr dst, src;
  uint16_t type;
};
`;

const IP = `#pragma once
#include <stdint.h>
#define NET_IP_PROTO_ICMP 1
#define NET_IP_PROTO_TCP 6
#define NET_IP_PROTO_UDP 17
struct __attribute__((packed)) ip4_hdr {
  uint8_t ver : 4, hl : 4;
  uint8_t tos;
  uint16_t len, id, frag;
  uint8_t ttl, proto;
  uint16_t sum;
  uint32_t src, dst;
};
`;

const TCP = `#pragma once
#include <stdint.h>
#define NET_TCP_FLAG_FIN 0x01
#define NET_TCP_FLAG_SYN 0x02
#define NET_TCP_FLAG_RST 0x04
#define NET_TCP_FLAG_PSH 0x08
#define NET_TCP_FLAG_ACK 0x10
#define NET_TCP_FLAG_URG 0x20
struct __attribute__((packed)) tcp_hdr {
  uint16_t sport, dport;
  uint32_t seq, ack;
  uint8_t off : 4, resv : 4;
  uint8_t flags;
  uint16_t win, sum, urp;
};
`;

const UDP = `#pragma once
#include <stdint.h>
struct __attribute__((packed)) udp_hdr {
  uint16_t sport, dport, len, sum;
};
`;

/** By name. */
export const PROTOCOL_HEADERS: Readonly<Record<string, string>> = {
  'net/eth.h': ETH,
  'net/ip.h': IP,
  'net/tcp.h': TCP,
  'net/udp.h': UDP,
};
