const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PADDING = '=';

/** Base64 of a text whose code units are octets, with padding (RFC 4648 section 4). */
export function encodeBase64(octets: string): string {
  let text = '';
  for (let i = 0; i < octets.length; i += 3) {
    const left = octets.length - i;
    const word =
      (octets.charCodeAt(i) << 16) |
      ((left > 1 ? octets.charCodeAt(i + 1) : 0) << 8) |
      (left > 2 ? octets.charCodeAt(i + 2) : 0);
    text += ALPHABET.charAt(word >>> 18) + ALPHABET.charAt((word >>> 12) & 63);
    text += left > 1 ? ALPHABET.charAt((word >>> 6) & 63) : PADDING;
    text += left > 2 ? ALPHABET.charAt(word & 63) : PADDING;
  }
  return text;
}

/**
 * Reads base64 as memcached does, which is less strict than RFC 4648: octets outside the alphabet are skipped, and what
 * comes after the padding is not looked at.
 * @returns a text whose code units are octets; undefined when there are none, or no whole groups of four
 */
export function decodeBase64(text: string): string | undefined {
  const digits = [...text].filter((char) => char === PADDING || ALPHABET.includes(char));
  if (digits.length === 0 || digits.length % 4 !== 0) return undefined;
  let octets = '';
  for (let i = 0; i < digits.length; i += 4) {
    const group = digits.slice(i, i + 4);
    const word = group.reduce((sum, digit) => sum * 64 + Math.max(0, ALPHABET.indexOf(digit)), 0);
    const padding = group.filter((digit) => digit === PADDING).length;
    if (padding > 2) return undefined;
    octets += String.fromCharCode(word >>> 16, (word >>> 8) & 255, word & 255).slice(0, 3 - padding);
    if (padding > 0) break;
  }
  return octets === '' ? undefined : octets;
}
