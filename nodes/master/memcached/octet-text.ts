/** The protocol's text is octets, not characters: each octet is one code unit and back, all 256 of them. */
export function textFromOctets(octets: Uint8Array, start: number, end: number): string {
  if (end - start <= 64) {
    let text = '';
    for (let i = start; i < end; i++) text += String.fromCharCode(octets[i] as number);
    return text;
  }
  const pieces: string[] = [];
  for (let i = start; i < end; i += 4096) {
    pieces.push(String.fromCharCode.apply(null, octets.subarray(i, Math.min(end, i + 4096)) as unknown as number[]));
  }
  return pieces.join('');
}

export function octetsFromText(text: string): Uint8Array {
  const octets = new Uint8Array(text.length);
  writeText(octets, 0, text);
  return octets;
}

/** Writes the text at an offset and returns the offset after it. */
export function writeText(octets: Uint8Array, offset: number, text: string): number {
  for (let i = 0; i < text.length; i++) octets[offset + i] = text.charCodeAt(i);
  return offset + text.length;
}
