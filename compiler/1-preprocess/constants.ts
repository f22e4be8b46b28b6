/** An integer constant as written (C99 6.4.4.1, and binary constants as the NIC's compiler takes them). */
export interface IntegerConstant {
  readonly value: bigint;
  readonly unsigned: boolean;
  readonly longLong: boolean;
  readonly decimal: boolean;
}

const INTEGER = /^(0[xX][0-9a-fA-F]+|0[bB][01]+|[0-9]+)([uUlL]*)$/;

/** Undefined when the text is no integer constant: a floating-point one, a bad digit, a bad suffix. */
export function parseIntegerConstant(text: string): IntegerConstant | undefined {
  const match = INTEGER.exec(text);
  if (match === null) return undefined;
  const digits = match[1] ?? '';
  const suffix = (match[2] ?? '').toLowerCase();
  if (!/^(u?(l|ll)?|(l|ll)u)$/.test(suffix)) return undefined;
  const octal = /^0[0-9]+$/.test(digits);
  if (octal && /[89]/.test(digits)) return undefined;
  const value = BigInt(octal ? `0o${digits.slice(1)}` : digits);
  return {
    value,
    unsigned: suffix.includes('u'),
    longLong: suffix.includes('ll'),
    decimal: !octal && !/^0[xXbB]/.test(digits),
  };
}

const SIMPLE_ESCAPES: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  r: 13,
  a: 7,
  b: 8,
  f: 12,
  v: 11,
  '\\': 92,
  "'": 39,
  '"': 34,
  '?': 63,
};

/** The octets of a string literal without its quotes (C99 6.4.5), without the final zero; undefined: bad escape. */
export function parseStringLiteral(text: string): Uint8Array | undefined {
  if (text.startsWith('L')) return undefined;
  return unescapeLiteral(text.slice(1, -1));
}

/** Value of a character constant (C99 6.4.4.4): a signed char, or several octets packed into an int. */
export function parseCharacterConstant(text: string): bigint | undefined {
  if (text.startsWith('L')) return undefined;
  const octets = unescapeLiteral(text.slice(1, -1));
  if (octets === undefined || octets.length === 0 || octets.length > 4) return undefined;
  let value = 0n;
  for (const octet of octets) value = (value << 8n) | BigInt(octet);
  return BigInt.asIntN(octets.length === 1 ? 8 : 32, value);
}

function unescapeLiteral(text: string): Uint8Array | undefined {
  const octets: number[] = [];
  const pattern = /\\([0-7]{1,3}|x[0-9a-fA-F]+|[^0-7x]|x)|([^\\]+)/gy;
  for (let at = 0; at < text.length; at = pattern.lastIndex) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) return undefined;
    const [, sequence, plain] = match;
    if (plain !== undefined) {
      octets.push(...new TextEncoder().encode(plain));
      continue;
    }
    const code = sequence ?? '';
    const value = /^[0-7]/.test(code)
      ? Number.parseInt(code, 8)
      : /^x./.test(code)
        ? Number.parseInt(code.slice(1), 16)
        : SIMPLE_ESCAPES[code];
    if (value === undefined || !(value <= 255)) return undefined;
    octets.push(value);
  }
  return Uint8Array.from(octets);
}
