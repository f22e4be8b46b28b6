import { type FirmwareRegion, type FirmwareSymbol, RUNTIME_OWNER } from '../image/firmware-image.ts';

/**
 * Who owns code and memory of an image. Rights go with the code that makes the access, not with the request it works
 * for (docs/decisions/0005-rights-go-with-the-code.md): so they are known once the image is loaded, and an access is
 * checked against the map of one owner.
 */
export interface Owners {
  /** `runtime` first, then in the order of the image. */
  readonly names: readonly string[];
  /** By instruction: index into `names`. Code that no symbol covers is the runtime's. */
  readonly ofInstruction: Uint16Array;
}

export function ownersOf(
  image: { readonly regions: readonly FirmwareRegion[]; readonly symbols: readonly FirmwareSymbol[] },
  instructions: number,
): Owners {
  const names = [RUNTIME_OWNER];
  const indexOf = (owner: string): number => {
    const known = names.indexOf(owner);
    return known >= 0 ? known : names.push(owner) - 1;
  };
  const ofInstruction = new Uint16Array(instructions);
  for (const { memory, owner, address, size } of image.symbols) {
    if (memory === 'code') ofInstruction.fill(indexOf(owner), address, address + size);
  }
  for (const { owner } of image.regions) indexOf(owner);
  return { names, ofInstruction };
}
