import { InputError } from '../../base/errors.ts';

/** Values as yargs gives them: a flag that came twice is a list, a number that is none is NaN. */
export type GivenOptions = Readonly<Record<string, unknown>>;

/** @throws InputError `command-line` unless the option came once */
export function single(given: GivenOptions, name: string): string {
  const value = given[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new InputError(
    'command-line',
    `${name}: expected one value, got ${value === undefined ? 'none' : JSON.stringify(value)}`,
  );
}

/** @throws InputError `command-line` */
export function integerFrom(given: GivenOptions, flag: string, least: number, most: number): number {
  const value = given[flag];
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  const got = Array.isArray(value) ? `${value.length} values` : Number.isNaN(value) ? 'something else' : String(value);
  throw new InputError('command-line', `--${flag}: expected a whole number from ${least} to ${most}, got ${got}`);
}

/** Every value of a flag that may come several times: yargs makes a list of two. */
export function valuesOf(value: unknown): string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}
