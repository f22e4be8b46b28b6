import { InputError } from '../../base/errors.ts';
import type { FirmwareSymbol } from '../image/firmware-image.ts';
import type { NicProfile } from '../profile.ts';

/** Symbols that the message names: enough to see where to save. */
const NAMED_SYMBOLS = 4;

/**
 * Every core holds the whole program. A core's own store is half of what two neighbours have that share theirs (they
 * then have to run the same program, which all cores here do); the last core of an island with an odd number of cores
 * has no neighbour.
 * @throws InputError `npu-code-store` saying by how much it is too long, and whose code is the largest
 */
export function checkCodeStore(
  instructions: number,
  symbols: readonly FirmwareSymbol[],
  { core, islands }: Pick<NicProfile, 'core' | 'islands'>,
): void {
  const { codeStoreInstructions: shared, codeStoreOwnInstructions: own = shared } = core;
  const lonely = islands.find(({ cores }) => cores % 2 === 1);
  const limit = lonely === undefined ? shared : own;
  if (instructions <= limit) return;
  const of =
    lonely === undefined || own === shared
      ? `a code store of ${limit}`
      : `the code store of ${limit} of core ${lonely.cores - 1} in island ${lonely.number}, which has no neighbour to share with`;
  throw new InputError(
    'npu-code-store',
    `${instructions} instructions do not fit into ${of}: ${instructions - limit} too many${largest(symbols)}`,
  );
}

function largest(symbols: readonly FirmwareSymbol[]): string {
  const code = symbols.filter(({ memory }) => memory === 'code').sort((a, b) => b.size - a.size);
  if (code.length === 0) return '';
  const named = code.slice(0, NAMED_SYMBOLS).map(({ name, owner, size }) => `${name} (${owner}) ${size}`);
  return `; largest: ${named.join(', ')}`;
}
