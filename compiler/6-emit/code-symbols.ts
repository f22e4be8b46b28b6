import type { FirmwareSymbol } from '../../npu/image/firmware-image.ts';
import type { EmittedProgram } from './emit.ts';

/**
 * Symbols of the code, one for each stretch of one owner within a function, without gaps or overlaps. A stretch of the
 * function's own owner carries the function's name, a lambda's stretch that of the lambda; further ones are numbered.
 */
export function codeSymbols(
  program: Pick<EmittedProgram, 'symbols' | 'lines'>,
  fileOwners: ReadonlyMap<string, string>,
): FirmwareSymbol[] {
  const symbols: FirmwareSymbol[] = [];
  const used = new Map<string, number>();
  const named = (name: string): string => {
    const number = (used.get(name) ?? 0) + 1;
    used.set(name, number);
    return number === 1 ? name : `${name}.${number}`;
  };
  for (const whole of program.symbols) {
    const end = whole.address + whole.size;
    let owner = whole.owner;
    let start = whole.address;
    const close = (at: number): void => {
      if (at === start) return;
      const name = named(owner === whole.owner ? whole.name : owner);
      symbols.push({ name, owner, memory: 'code', address: start, size: at - start });
      start = at;
    };
    for (const { instruction, file } of program.lines) {
      if (instruction < whole.address || instruction >= end) continue;
      const next = fileOwners.get(file) ?? owner;
      if (next === owner) continue;
      close(instruction);
      owner = next;
    }
    close(end);
  }
  return symbols;
}
