/** A cyclic redundancy check in the terms of Williams' "A painless guide to CRC error detection algorithms". */
export interface Crc {
  readonly bits: number;
  readonly polynomial: bigint;
  readonly initial: bigint;
  /** Octets go in, and the result comes out, least significant bit first. */
  readonly reflected: boolean;
  readonly finalXor: bigint;
}

/**
 * CRCs by the names that P4 programs use (the specification's crc16 and crc32, and those of its implementations).
 * Parameters: the public catalogue of parametrised CRC algorithms (reveng.sourceforge.io/crc-catalogue).
 */
export const CRCS: ReadonlyMap<string, Crc> = new Map([
  ...crc(['crc_8'], 8, 0x07n, 0n, false, 0n),
  ...crc(['crc_8_darc'], 8, 0x39n, 0n, true, 0n),
  ...crc(['crc_8_i_code'], 8, 0x1dn, 0xfdn, false, 0n),
  ...crc(['crc_8_itu'], 8, 0x07n, 0n, false, 0x55n),
  ...crc(['crc_8_maxim'], 8, 0x31n, 0n, true, 0n),
  ...crc(['crc_8_rohc'], 8, 0x07n, 0xffn, true, 0n),
  ...crc(['crc_8_wcdma'], 8, 0x9bn, 0n, true, 0n),
  ...crc(['crc16', 'crc_16'], 16, 0x8005n, 0n, true, 0n),
  ...crc(['crc_16_buypass'], 16, 0x8005n, 0n, false, 0n),
  ...crc(['crc_16_dds_110'], 16, 0x8005n, 0x800dn, false, 0n),
  ...crc(['crc_16_dect'], 16, 0x0589n, 0n, false, 1n),
  ...crc(['crc_16_dnp'], 16, 0x3d65n, 0n, true, 0xffffn),
  ...crc(['crc_16_en_13757'], 16, 0x3d65n, 0n, false, 0xffffn),
  ...crc(['crc_16_genibus'], 16, 0x1021n, 0xffffn, false, 0xffffn),
  ...crc(['crc_16_maxim'], 16, 0x8005n, 0n, true, 0xffffn),
  ...crc(['crc_16_mcrf4xx'], 16, 0x1021n, 0xffffn, true, 0n),
  ...crc(['crc_16_riello'], 16, 0x1021n, 0xb2aan, true, 0n),
  ...crc(['crc_16_t10_dif'], 16, 0x8bb7n, 0n, false, 0n),
  ...crc(['crc_16_teledisk'], 16, 0xa097n, 0n, false, 0n),
  ...crc(['crc_16_usb'], 16, 0x8005n, 0xffffn, true, 0xffffn),
  ...crc(['x_25'], 16, 0x1021n, 0xffffn, true, 0xffffn),
  ...crc(['xmodem'], 16, 0x1021n, 0n, false, 0n),
  ...crc(['modbus'], 16, 0x8005n, 0xffffn, true, 0n),
  ...crc(['kermit'], 16, 0x1021n, 0n, true, 0n),
  ...crc(['crcCCITT', 'crc_ccitt_false'], 16, 0x1021n, 0xffffn, false, 0n),
  ...crc(['crc_aug_ccitt'], 16, 0x1021n, 0x1d0fn, false, 0n),
  ...crc(['crc_24'], 24, 0x864cfbn, 0xb704cen, false, 0n),
  ...crc(['crc_24_flexray_a'], 24, 0x5d6dcbn, 0xfedcban, false, 0n),
  ...crc(['crc_24_flexray_b'], 24, 0x5d6dcbn, 0xabcdefn, false, 0n),
  ...crc(['crc32', 'crc_32'], 32, 0x04c11db7n, 0xffffffffn, true, 0xffffffffn),
  ...crc(['crc_32_bzip2'], 32, 0x04c11db7n, 0xffffffffn, false, 0xffffffffn),
  ...crc(['crc32c', 'crc_32c'], 32, 0x1edc6f41n, 0xffffffffn, true, 0xffffffffn),
  ...crc(['crc_32d'], 32, 0xa833982bn, 0xffffffffn, true, 0xffffffffn),
  ...crc(['crc_32_mpeg'], 32, 0x04c11db7n, 0xffffffffn, false, 0n),
  ...crc(['posix'], 32, 0x04c11db7n, 0n, false, 0xffffffffn),
  ...crc(['crc_32q'], 32, 0x814141abn, 0n, false, 0n),
  ...crc(['jamcrc'], 32, 0x04c11db7n, 0xffffffffn, true, 0n),
  ...crc(['xfer'], 32, 0x000000afn, 0n, false, 0n),
  ...crc(['crc_64'], 64, 0x1bn, 0n, true, 0n),
  ...crc(['crc_64_we'], 64, 0x42f0e1eba9ea3693n, (1n << 64n) - 1n, false, (1n << 64n) - 1n),
  ...crc(['crc_64_jones'], 64, 0xad93d23594c935a9n, (1n << 64n) - 1n, true, 0n),
]);

/** All algorithms that a field_list_calculation may name. `csum16_udp`: csum16 whose result 0 is all ones (RFC 768). */
export const ALGORITHMS: ReadonlySet<string> = new Set(['csum16', 'csum16_udp', 'xor16', 'identity', ...CRCS.keys()]);

function crc(
  names: readonly string[],
  bits: number,
  polynomial: bigint,
  initial: bigint,
  reflected: boolean,
  finalXor: bigint,
): (readonly [string, Crc])[] {
  return names.map((name) => [name, { bits, polynomial, initial, reflected, finalXor }] as const);
}
