import { InputError } from '../../base/errors.ts';
import type { FirmwareSymbol } from '../image/firmware-image.ts';
import type { NicProfile } from '../profile.ts';

/** Symbols that the message names: enough to see where to save. */
const NAMED_SYMBOLS = 4;

/** What a program may have on every core of a NIC, and how messages call that. */
export interface CodeStore {
  readonly instructions: number;
  readonly name: string;
}

/**
 * Every core holds the whole program. A core's own store is half of what two neighbours have that share theirs (they
 * then have to run the same program, which all cores here do); the last core of an island with an odd number of cores
 * has no neighbour.
 */
export function codeStoreOf({ core, islands }: Pick<NicProfile, 'core' | 'islands'>): CodeStore {
  const { codeStoreInstructions: shared, codeStoreOwnInstructions: own = shared } = core;
  const lonely = islands.find(({ cores }) => cores % 2 === 1);
  if (lonely === undefined || own === shared) return { instructions: shared, name: `a code store of ${shared}` };
  const where = `core ${lonely.cores - 1} in island ${lonely.number}`;
  return { instructions: own, name: `the code store of ${own} of ${where}, which has no neighbour to share with` };
}

/**
 * @throws InputError `npu-code-store` saying by how much it is too long, and whose code is the largest
 */
export function checkCodeStore(
  instructions: number,
  symbols: readonly FirmwareSymbol[],
  profile: Pick<NicProfile, 'core' | 'islands'>,
): void {
  const store = codeStoreOf(profile);
  if (instructions <= store.instructions) return;
  const tooMany = `${instructions - store.instructions} too many`;
  const largest = largestCode(symbols);
  throw new InputError(
    'npu-code-store',
    `${instructions} instructions do not fit into ${store.name}: ${tooMany}${largest === '' ? '' : `; ${largest}`}`,
  );
}

/** The symbols with most code, for messages; empty without any. */
export function largestCode(symbols: readonly FirmwareSymbol[]): string {
  const code = symbols.filter(({ memory }) => memory === 'code').sort((a, b) => b.size - a.size);
  if (code.length === 0) return '';
  const named = code.slice(0, NAMED_SYMBOLS).map(({ name, owner, size }) => `${name} (${owner}) ${size}`);
  return `largest: ${named.join(', ')}`;
}
