/** For tests: frames of the lambda network, written out octet by octet so that no library of the project is trusted. */

export interface Ends {
  readonly sourceMac: number;
  readonly destinationMac: number;
  readonly source: number;
  readonly destination: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

export interface LambdaFields {
  readonly wId: number;
  readonly requestId: number;
  readonly fragment: number;
  readonly fragments: number;
  readonly flags: number;
  readonly status: number;
  readonly length: number;
}

export const CLIENT: Ends = {
  sourceMac: 0x02_00_00_00_1e_01,
  destinationMac: 0x00_15_4d_00_02_01,
  source: 0x0a_0a_1e_01,
  destination: 0x0a_0a_65_65,
  sourcePort: 50_001,
  destinationPort: 4369,
};

export function udpFrame(ends: Ends, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(Math.max(42 + payload.length, 60));
  const view = new DataView(frame.buffer);
  writeMac(view, 0, ends.destinationMac);
  writeMac(view, 6, ends.sourceMac);
  view.setUint16(12, 0x0800);
  view.setUint16(14, 0x4500);
  view.setUint16(16, 28 + payload.length);
  view.setUint16(18, 0x1234);
  view.setUint16(20, 0x4000);
  view.setUint8(22, 61);
  view.setUint8(23, 17);
  view.setUint32(26, ends.source);
  view.setUint32(30, ends.destination);
  view.setUint16(24, ~onesSum(frame, 14, 20, 0) & 0xffff);
  view.setUint16(34, ends.sourcePort);
  view.setUint16(36, ends.destinationPort);
  view.setUint16(38, 8 + payload.length);
  frame.set(payload, 42);
  view.setUint16(40, ~udpSum(frame) & 0xffff || 0xffff);
  return frame;
}

export function lambdaFrame(ends: Ends, fields: Partial<LambdaFields>, body: Uint8Array): Uint8Array {
  const payload = new Uint8Array(20 + body.length);
  const view = new DataView(payload.buffer);
  view.setUint32(0, fields.wId ?? 0);
  view.setUint32(4, fields.requestId ?? 0);
  view.setUint16(8, fields.fragment ?? 0);
  view.setUint16(10, fields.fragments ?? 1);
  view.setUint16(12, fields.flags ?? 0);
  view.setUint16(14, fields.status ?? 0);
  view.setUint32(16, fields.length ?? body.length);
  payload.set(body, 20);
  return udpFrame(ends, payload);
}

/** A message as its packets: 1,024 octets of the body in each but the last. */
export function lambdaMessage(ends: Ends, fields: Partial<LambdaFields>, body: Uint8Array): Uint8Array[] {
  const fragments = Math.max(Math.ceil(body.length / 1024), 1);
  return Array.from({ length: fragments }, (_, fragment) =>
    lambdaFrame(
      ends,
      { ...fields, fragment, fragments, length: body.length },
      body.slice(fragment * 1024, (fragment + 1) * 1024),
    ),
  );
}

export function readLambda(frame: Uint8Array): LambdaFields & { readonly body: Uint8Array; readonly ends: Ends } {
  const view = new DataView(frame.buffer, frame.byteOffset);
  return {
    wId: view.getUint32(42),
    requestId: view.getUint32(46),
    fragment: view.getUint16(50),
    fragments: view.getUint16(52),
    flags: view.getUint16(54),
    status: view.getUint16(56),
    length: view.getUint32(58),
    body: frame.slice(62, 34 + view.getUint16(38)),
    ends: readEnds(frame),
  };
}

export function readEnds(frame: Uint8Array): Ends {
  const view = new DataView(frame.buffer, frame.byteOffset);
  return {
    destinationMac: view.getUint16(0) * 2 ** 32 + view.getUint32(2),
    sourceMac: view.getUint16(6) * 2 ** 32 + view.getUint32(8),
    source: view.getUint32(26),
    destination: view.getUint32(30),
    sourcePort: view.getUint16(34),
    destinationPort: view.getUint16(36),
  };
}

export function turned(ends: Ends): Ends {
  return {
    sourceMac: ends.destinationMac,
    destinationMac: ends.sourceMac,
    source: ends.destination,
    destination: ends.source,
    sourcePort: ends.destinationPort,
    destinationPort: ends.sourcePort,
  };
}

/** What is wrong with lengths and checksums of a UDP frame; nothing: undefined. */
export function frameFault(frame: Uint8Array): string | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset);
  const totalLength = view.getUint16(16);
  if (frame.length < 60) return `frame of ${frame.length} octets`;
  if (frame.length !== Math.max(14 + totalLength, 60)) return `IP length ${totalLength} in a frame of ${frame.length}`;
  if (view.getUint16(38) !== totalLength - 20) return `UDP length ${view.getUint16(38)}, IP length ${totalLength}`;
  if (onesSum(frame, 14, 20, 0) !== 0xffff) return 'IPv4 header checksum';
  if (view.getUint16(40) === 0) return 'no UDP checksum';
  if (udpSum(frame) !== 0xffff) return 'UDP checksum';
  if (frame.slice(14 + totalLength).some((octet) => octet !== 0)) return 'padding is not zero';
  return undefined;
}

/** RFC 768: pseudo header, header and payload, the checksum field as it is. */
function udpSum(frame: Uint8Array): number {
  const length = (frame[38]! << 8) | frame[39]!;
  return onesSum(frame, 26, 8 + length, 17 + length);
}

function onesSum(octets: Uint8Array, start: number, length: number, initial: number): number {
  let sum = initial;
  for (let i = 0; i < length; i++) sum += octets[start + i]! << (i % 2 === 0 ? 8 : 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return sum;
}

function writeMac(view: DataView, at: number, mac: number): void {
  view.setUint16(at, Math.floor(mac / 2 ** 32));
  view.setUint32(at + 2, mac % 2 ** 32);
}

export function words(...values: number[]): Uint8Array {
  const octets = new Uint8Array(values.length * 4);
  const view = new DataView(octets.buffer);
  for (const [index, value] of values.entries()) view.setUint32(index * 4, value);
  return octets;
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}
