/**
 * Headers that lambdas may name without declaring them: "the number and structure of all the supported headers are
 * defined a-priori" (paper section 4.1). Which of them a program has, and so what its parser does, follows from the
 * lambdas that are in it.
 */
export interface KnownHeader {
  readonly name: string;
  /** For people: what it is. */
  readonly about: string;
  /** In order, most significant first; widths in bits. */
  readonly fields: readonly (readonly [name: string, bits: number])[];
  readonly follows: HeaderPlace;
}

/** When a header is there. */
export type HeaderPlace =
  /** Always parsed: the match stage and the answer need it. */
  | { readonly kind: 'base' }
  /** Behind UDP, by its source port. */
  | { readonly kind: 'udp-source-port'; readonly port: number }
  /** Behind the lambda header, in requests for lambdas that name it: the first octets of their bodies. */
  | { readonly kind: 'request-body' };

const BASE: HeaderPlace = { kind: 'base' };

export const KNOWN_HEADERS: readonly KnownHeader[] = [
  {
    name: 'ethernet',
    about: 'Ethernet II',
    fields: [
      ['dstAddr', 48],
      ['srcAddr', 48],
      ['etherType', 16],
    ],
    follows: BASE,
  },
  {
    name: 'ipv4',
    about: 'IPv4 without options (RFC 791)',
    fields: [
      ['version', 4],
      ['ihl', 4],
      ['diffserv', 8],
      ['totalLen', 16],
      ['identification', 16],
      ['flags', 3],
      ['fragOffset', 13],
      ['ttl', 8],
      ['protocol', 8],
      ['hdrChecksum', 16],
      ['srcAddr', 32],
      ['dstAddr', 32],
    ],
    follows: BASE,
  },
  {
    name: 'udp',
    about: 'UDP (RFC 768)',
    fields: [
      ['srcPort', 16],
      ['dstPort', 16],
      ['length_', 16],
      ['checksum', 16],
    ],
    follows: BASE,
  },
  {
    name: 'lambda_hdr',
    about: 'the header that the gateway inserts (packet/lambda.ts)',
    fields: [
      ['wId', 32],
      ['requestId', 32],
      ['fragment', 16],
      ['fragments', 16],
      ['flags', 16],
      ['status', 16],
      ['length_', 32],
    ],
    follows: BASE,
  },
  {
    name: 'memcached_hdr',
    about: "frame header of memcached's UDP protocol (memcached doc/protocol.txt)",
    fields: [
      ['requestId', 16],
      ['sequence', 16],
      ['datagrams', 16],
      ['reserved', 16],
    ],
    follows: { kind: 'udp-source-port', port: 11211 },
  },
  {
    name: 'server_hdr',
    about: 'the address that a web server is asked for (paper Listing 2)',
    fields: [['address', 32]],
    follows: { kind: 'request-body' },
  },
  {
    name: 'key_value_hdr',
    about: 'operation and lengths of a key-value request (docs/lambdas.md)',
    fields: [
      ['operation', 8],
      ['keyOctets', 8],
      ['valueOctets', 16],
    ],
    follows: { kind: 'request-body' },
  },
  {
    name: 'image_hdr',
    about: 'size of a picture (docs/lambdas.md)',
    fields: [
      ['width', 16],
      ['height', 16],
    ],
    follows: { kind: 'request-body' },
  },
];

/** Octets of a header on the wire. */
export function headerOctets(header: KnownHeader): number {
  return header.fields.reduce((bits, [, width]) => bits + width, 0) / 8;
}
