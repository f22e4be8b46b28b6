import { assert } from '../base/assert.ts';
import { disassemblyLines } from '../npu/assembler/disassembler.ts';
import { decodeProgram } from '../npu/image/decode.ts';
import { type FirmwareImage, type FirmwareSymbol, sourceText } from '../npu/image/firmware-image.ts';
import type { SourceFiles } from './diagnostics.ts';

/**
 * The disassembly with the source between it: before each stretch of instructions the function, file, line and text that
 * they come from.
 */
export function imageListing(image: FirmwareImage, files: SourceFiles): string {
  const decoded = decodeProgram(image.instructions, image.contexts);
  assert(decoded.ok, 'an image of the compiler is encoded right');
  const text = disassemblyLines(decoded.value);
  const functions = new Map(codeSymbolsOf(image).map((symbol) => [symbol.address, symbol]));
  const lines = new Map(image.lines.map((line) => [line.instruction, line]));
  const sourceLines = new Map<string, readonly string[]>();
  const sourceLine = (file: string, line: number): string => {
    const split = sourceLines.get(file) ?? (files.get(file) ?? '').split('\n');
    sourceLines.set(file, split);
    return split[line - 1]?.trim() ?? '';
  };
  const out: string[] = [];
  text.forEach((instruction, index) => {
    const symbol = functions.get(index);
    if (symbol !== undefined) out.push(...(out.length > 0 ? [''] : []), `${symbol.name} (${symbol.owner}):`);
    const line = lines.get(index);
    if (line !== undefined) out.push(`; ${sourceText(line)}  ${sourceLine(line.file, line.line)}`.trimEnd());
    out.push(instruction);
  });
  return `${out.join('\n')}\n`;
}

/** What lies where: functions and objects with their addresses, and the stretches of memory that each owner may touch. */
export function imageMap(image: FirmwareImage): string {
  const objects = image.symbols.filter(({ memory }) => memory !== 'code').sort(byPlace);
  const sections: string[][] = [
    ['Code (instructions)', ...codeSymbolsOf(image).map((symbol) => placeLine('code', symbol, symbol.owner, ''))],
    ['Objects (octets)', ...objects.map((symbol) => placeLine(symbol.memory, symbol, symbol.owner, ''))],
    [
      'Rights (octets)',
      ...image.regions.map((region) => {
        const rights = `${region.read ? 'r' : '-'}${region.write ? 'w' : '-'}`;
        return placeLine(region.memory, { ...region, size: region.octets }, region.owner, `${rights} `);
      }),
    ],
    ['Lambdas (id)', ...image.lambdas.map(({ name, id }) => `  ${String(id).padStart(10)}  ${name}`)],
  ];
  return `${sections
    .filter((section) => section.length > 1)
    .map((section) => section.join('\n'))
    .join('\n\n')}\n`;
}

function codeSymbolsOf(image: FirmwareImage): FirmwareSymbol[] {
  return image.symbols.filter(({ memory }) => memory === 'code').sort((a, b) => a.address - b.address);
}

function byPlace(a: FirmwareSymbol, b: FirmwareSymbol): number {
  if (a.memory !== b.memory) return a.memory < b.memory ? -1 : 1;
  return a.address - b.address;
}

function placeLine(
  memory: string,
  place: { readonly name: string; readonly address: number; readonly size: number },
  owner: string,
  rights: string,
): string {
  const address = `0x${place.address.toString(16).padStart(8, '0')}`;
  return `  ${memory.padEnd(5)} ${address} ${String(place.size).padStart(10)}  ${rights}${place.name} (${owner})`;
}
