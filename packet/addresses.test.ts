import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatIpv4Address,
  formatMac,
  inSamePrefix,
  isGroupMac,
  MAC_BROADCAST,
  parseIpv4Address,
  parseMac,
  readMac,
  writeMac,
} from './addresses.ts';

describe('MAC addresses', () => {
  it('read and print in network order', () => {
    expect(parseMac('00:15:4D:00:02:01')).toBe(0x00154d000201);
    expect(formatMac(0x00154d000201)).toBe('00:15:4d:00:02:01');
    expect(formatMac(MAC_BROADCAST)).toBe('ff:ff:ff:ff:ff:ff');
  });

  it('lie on the wire with the first octet first', () => {
    const octets = new Uint8Array(8);
    writeMac(octets, 1, 0x8899aabbccdd);
    expect([...octets]).toEqual([0, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0]);
    expect(readMac(octets, 1)).toBe(0x8899aabbccdd);
  });

  it('survive text and octets, whichever they are', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 48 - 1), (mac) => {
        const octets = new Uint8Array(6);
        writeMac(octets, 0, mac);
        expect(readMac(octets, 0)).toBe(mac);
        expect(parseMac(formatMac(mac))).toBe(mac);
      }),
      { verbose: true },
    );
  });

  it.each(['', '00:15:4d:00:02', '00:15:4d:00:02:01:02', '00-15-4d-00-02-01', '0:15:4d:00:02:01', '00:15:4g:00:02:01'])(
    'refuse %j',
    (text) => expect(parseMac(text)).toBeUndefined(),
  );

  it('tell group addresses from single ones', () => {
    expect(isGroupMac(MAC_BROADCAST)).toBe(true);
    expect(isGroupMac(parseMac('01:00:5e:00:00:01')!)).toBe(true);
    expect(isGroupMac(parseMac('fe:ff:ff:ff:ff:ff')!)).toBe(false);
  });
});

describe('IPv4 addresses', () => {
  it('survive text', () => {
    expect(parseIpv4Address('10.10.101.101')).toBe(0x0a0a6565);
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), (address) => {
        expect(parseIpv4Address(formatIpv4Address(address))).toBe(address);
      }),
      { verbose: true },
    );
  });

  it.each(['', '10.10.10', '10.10.10.10.10', '256.1.1.1', '010.1.1.1', '1.1.1.', '1.1.1.1 ', '-1.1.1.1', '0x1.1.1.1'])(
    'refuse %j',
    (text) => expect(parseIpv4Address(text)).toBeUndefined(),
  );

  it('compare by prefix', () => {
    const address = parseIpv4Address('192.168.50.1')!;
    expect(inSamePrefix(address, parseIpv4Address('192.168.50.254')!, 24)).toBe(true);
    expect(inSamePrefix(address, parseIpv4Address('192.168.51.1')!, 24)).toBe(false);
    expect(inSamePrefix(address, parseIpv4Address('1.2.3.4')!, 0)).toBe(true);
    expect(inSamePrefix(address, parseIpv4Address('192.168.50.0')!, 32)).toBe(false);
  });
});
