/**
 * Numbers in command lines, read as memcached's `safe_strtol` family reads them, because clients depend on what it
 * accepts: leading white space and a plus sign pass, anything but white space (or a zero octet, the end of a C string)
 * after the digits does not.
 */
const TERMINATOR = /^[ \t\n\v\f\r\0]/;
const NUMBER = /^[ \t\n\v\f\r]*([+-]?)([0-9]+)/;
const LARGEST_UNSIGNED = 2n ** 64n - 1n;
const LARGEST_SIGNED = 2n ** 63n - 1n;
const SHORT_DIGITS = /^[0-9]{1,9}$/;

/** A signed number cut down to 32 bits; undefined when it is none or does not fit 64 bits. */
export function parseSigned32(text: string): number | undefined {
  if (SHORT_DIGITS.test(text)) return Number(text);
  const value = parseInteger(text);
  if (value === undefined || value > LARGEST_SIGNED || value < -LARGEST_SIGNED - 1n) return undefined;
  return Number(BigInt.asIntN(32, value));
}

/** An unsigned number cut down to 32 bits; undefined when it is none, negative, or does not fit 64 bits. */
export function parseUnsigned32(text: string): number | undefined {
  if (SHORT_DIGITS.test(text)) return Number(text);
  const value = parseUnsigned64(text);
  return value === undefined ? undefined : Number(BigInt.asUintN(32, value));
}

/**
 * An unsigned 64-bit number; undefined when it is none or does not fit. C reads `-5` as 2^64-5; memcached refuses a
 * minus sign when the outcome looks negative as a signed number and lets the rest pass, so `-0` is 0.
 */
export function parseUnsigned64(text: string): bigint | undefined {
  const value = parseInteger(text);
  if (value === undefined || value > LARGEST_UNSIGNED || value < -LARGEST_UNSIGNED) return undefined;
  if (value >= 0n) return value;
  const wrapped = BigInt.asUintN(64, value);
  return wrapped > LARGEST_SIGNED ? undefined : wrapped;
}

function parseInteger(text: string): bigint | undefined {
  const match = NUMBER.exec(text);
  if (match === null) return undefined;
  const end = match[0].length;
  if (end < text.length && !TERMINATOR.test(text.slice(end, end + 1))) return undefined;
  const magnitude = BigInt(match[2] as string);
  return match[1] === '-' ? -magnitude : magnitude;
}
