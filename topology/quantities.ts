/**
 * Quantities as people write them in a topology file: `10G`, `3m`, `500ns`, `512KiB`. Arithmetic is exact: a value that
 * is no whole number of the base unit is refused, never rounded.
 */
export interface QuantityKind {
  /** For messages: `a duration such as 500ns`. */
  readonly expected: string;
  /** What the text must look like; also the pattern in the JSON schema. */
  readonly pattern: RegExp;
  /** Base units in one of each suffix. */
  readonly unitsOf: ReadonlyMap<string, bigint>;
}

/** Integer picoseconds. */
export const DURATION: QuantityKind = quantityKind('a duration such as 500ns or 1.5ms', [
  ['ps', 1n],
  ['ns', 1_000n],
  ['us', 1_000_000n],
  ['ms', 1_000_000_000n],
  ['s', 1_000_000_000_000n],
]);

/** Bits per second, in the powers of ten that Ethernet rates use. */
export const RATE: QuantityKind = quantityKind('a rate such as 10G or 100M (bits per second)', [
  ['M', 1_000_000n],
  ['G', 1_000_000_000n],
  ['T', 1_000_000_000_000n],
]);

/** Octets; `KiB` = 1,024, `kB` = 1,000. */
export const OCTETS: QuantityKind = quantityKind('an amount of memory such as 512KiB or 2000B', [
  ['B', 1n],
  ['kB', 1_000n],
  ['MB', 1_000_000n],
  ['KiB', 1_024n],
  ['MiB', 1_048_576n],
  ['GiB', 1_073_741_824n],
]);

/** Millimetres. */
export const LENGTH: QuantityKind = quantityKind('a length such as 3m or 0.5m', [
  ['mm', 1n],
  ['cm', 10n],
  ['m', 1_000n],
  ['km', 1_000_000n],
]);

function quantityKind(expected: string, units: readonly (readonly [string, bigint])[]): QuantityKind {
  const suffixes = units.map(([suffix]) => suffix).join('|');
  return { expected, pattern: new RegExp(`^\\d+(\\.\\d+)?(${suffixes})$`), unitsOf: new Map(units) };
}

const NUMBER_AND_UNIT = /^(\d+)(?:\.(\d+))?([A-Za-z]+)$/;

/** The quantity in base units, or undefined when the text has another form, is not whole or is past 2^53. */
export function parseQuantity(text: string, kind: QuantityKind): number | undefined {
  const parts = NUMBER_AND_UNIT.exec(text);
  if (parts === null || text.length > 40) return undefined;
  const baseUnits = kind.unitsOf.get(parts[3] ?? '');
  if (baseUnits === undefined) return undefined;
  const fraction = parts[2] ?? '';
  const scale = 10n ** BigInt(fraction.length);
  const scaled = BigInt((parts[1] ?? '') + fraction) * baseUnits;
  if (scaled % scale !== 0n) return undefined;
  const value = Number(scaled / scale);
  return Number.isSafeInteger(value) ? value : undefined;
}
