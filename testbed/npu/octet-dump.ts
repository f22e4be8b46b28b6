const LINE_OCTETS = 16;

/** Octets from an address on. */
export interface OctetsAt {
  readonly address: number;
  readonly octets: Uint8Array;
}

/** A line for each 16 octets that hold any of those given; dots stand for the others. 63 columns. */
export function dumpOctets(stretches: readonly OctetsAt[]): string[] {
  const lines = new Map<number, string[]>();
  for (const { address, octets } of stretches) {
    for (const [i, octet] of octets.entries()) {
      const column = (address + i) % LINE_OCTETS;
      const start = address + i - column;
      let cells = lines.get(start);
      if (cells === undefined) {
        cells = new Array<string>(LINE_OCTETS).fill('..');
        lines.set(start, cells);
      }
      cells[column] = octet.toString(16).padStart(2, '0');
    }
  }
  return [...lines.entries()]
    .sort(([a], [b]) => a - b)
    .map(([start, cells]) => `  ${hexadecimal(start, 8)}  ${cells.slice(0, 8).join(' ')}  ${cells.slice(8).join(' ')}`);
}

/** `0x0000001f`. */
export function hexadecimal(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

/** Octets without anything between: `00154d`. */
export function hexadecimalText(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('');
}
