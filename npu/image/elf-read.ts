import { ok, type Result, wireError } from '../../base/result.ts';
import { INSTRUCTION_OCTETS } from '../isa/instruction.ts';
import {
  ADDRESS_LIMIT,
  CTX_ENABLES_FOUR,
  DATA_SUFFIX,
  ELF_CLASS_64,
  ELF_DATA_LITTLE,
  ELF_FLAGS_MACHINE_MASK,
  ELF_FLAGS_NFP_6000,
  ELF_HEADER_OCTETS,
  ELF_MACHINE_NFP,
  ELF_MAGIC,
  INIT_CTX_ENABLES,
  INIT_ENTRY_OCTETS,
  LAMBDA_OCTETS,
  LINE_OCTETS,
  MAX_INSTRUCTIONS,
  MAX_NAME_OCTETS,
  MAX_SECTIONS,
  MAX_TABLE_ENTRIES,
  MEMORIES,
  MEMORY_SECTION,
  REGION_OCTETS,
  REGION_READ,
  REGION_WRITE,
  SECTION_HEADER_OCTETS,
  SECTION_NFP_INITREG,
  SECTION_NOBITS,
  SECTION_PROGBITS,
  SECTION_STRTAB,
  SECTION_SYMTAB,
  SYMBOL_FILE,
  SYMBOL_FUNCTION,
  SYMBOL_OBJECT,
  SYMBOL_OCTETS,
} from './elf-format.ts';
import {
  type FirmwareData,
  type FirmwareImage,
  type FirmwareLambda,
  type FirmwareLine,
  type FirmwareMemory,
  type FirmwareRegion,
  type FirmwareSymbol,
  RUNTIME_OWNER,
  type SourceLine,
} from './firmware-image.ts';

/**
 * The image that an ELF file for machine NFP holds. Sections that are not there give empty lists, so that code made by
 * other tools (`objcopy -O elf64-nfp`) is read too. The instruction words are not decoded here.
 * @returns errors `nfp-elf-*` with the offset in the file
 */
export function readFirmwareElf(file: Uint8Array): Result<FirmwareImage> {
  try {
    return ok(new ElfReader(file).image());
  } catch (error) {
    if (error instanceof BadElf) return wireError(error.code, error.message, error.offset);
    throw error;
  }
}

/** Leaves the reader from any depth; `readFirmwareElf` turns it into a result. */
class BadElf extends Error {
  readonly code: string;
  readonly offset: number;

  constructor(code: string, message: string, offset: number) {
    super(message);
    this.code = code;
    this.offset = offset;
  }
}

interface SectionHeader {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
  /** Where the header lies in the file. */
  readonly at: number;
}

class ElfReader {
  private readonly file: Uint8Array;
  private readonly view: DataView;
  private readonly sections: SectionHeader[] = [];

  constructor(file: Uint8Array) {
    this.file = file;
    this.view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  }

  image(): FirmwareImage {
    const entryAddress = this.readHeader();
    const text = this.single('.text', SECTION_PROGBITS);
    if (text === undefined) throw new BadElf('nfp-elf-no-text', 'the file has no .text section', 0);
    if (text.size % INSTRUCTION_OCTETS !== 0 || text.size / INSTRUCTION_OCTETS > MAX_INSTRUCTIONS) {
      throw new BadElf('nfp-elf-text-size', `.text has ${text.size} octets: not 0..16384 instructions`, text.at);
    }
    const count = text.size / INSTRUCTION_OCTETS;
    const instructions = new BigUint64Array(count);
    for (let i = 0; i < count; i++) {
      instructions[i] = this.view.getBigUint64(text.offset + i * INSTRUCTION_OCTETS, true);
    }
    const entry = entryAddress / INSTRUCTION_OCTETS;
    if (!Number.isInteger(entry) || entry >= Math.max(1, count)) {
      throw new BadElf('nfp-elf-entry', `entry 0x${entryAddress.toString(16)} is no instruction`, 24);
    }
    return {
      contexts: this.contexts(),
      instructions,
      entry,
      data: this.data(),
      regions: this.regions(),
      lambdas: this.lambdas(),
      symbols: this.symbols(text.index, count),
      lines: this.lines(count),
    };
  }

  /** Checks the file header, fills the section list, gives the entry address. */
  private readHeader(): number {
    const { view, file } = this;
    if (file.length < ELF_HEADER_OCTETS)
      throw new BadElf('nfp-elf-truncated', 'shorter than an ELF header', file.length);
    if (view.getUint32(0) !== ELF_MAGIC) throw new BadElf('nfp-elf-magic', 'not an ELF file', 0);
    if (view.getUint8(4) !== ELF_CLASS_64 || view.getUint8(5) !== ELF_DATA_LITTLE) {
      throw new BadElf('nfp-elf-class', 'not a 64-bit little-endian ELF file', 4);
    }
    const machine = view.getUint16(18, true);
    if (machine !== ELF_MACHINE_NFP) throw new BadElf('nfp-elf-machine', `machine ${machine}, expected NFP (250)`, 18);
    if ((view.getUint32(48, true) & ELF_FLAGS_MACHINE_MASK) !== ELF_FLAGS_NFP_6000) {
      throw new BadElf('nfp-elf-machine', 'not for the NFP-6000 family', 48);
    }
    if (view.getUint16(58, true) !== SECTION_HEADER_OCTETS) {
      throw new BadElf('nfp-elf-sections', `section headers of ${view.getUint16(58, true)} octets`, 58);
    }
    const tableOffset = this.uint64(40, 'section table offset');
    const count = view.getUint16(60, true);
    const namesIndex = view.getUint16(62, true);
    if (count > MAX_SECTIONS)
      throw new BadElf('nfp-elf-sections', `${count} sections, the limit is ${MAX_SECTIONS}`, 60);
    if (tableOffset + count * SECTION_HEADER_OCTETS > file.length) {
      throw new BadElf('nfp-elf-truncated', 'the section table ends past the end of the file', 40);
    }
    if (count > 0 && namesIndex >= count) throw new BadElf('nfp-elf-sections', 'no section holds the names', 62);
    const headers = Array.from({ length: count }, (_, i) => this.header(tableOffset + i * SECTION_HEADER_OCTETS, i));
    const names = headers[namesIndex];
    for (const header of headers) {
      // Index 0 is the null section.
      const name =
        header.index === 0 || names === undefined ? '' : this.string(names, view.getUint32(header.at, true), header.at);
      this.sections.push({ ...header, name });
    }
    return this.uint64(24, 'entry');
  }

  private header(at: number, index: number): SectionHeader {
    const { view } = this;
    const type = view.getUint32(at + 4, true);
    const offset = this.uint64(at + 24, 'section offset');
    const size = this.uint64(at + 32, 'section size');
    if (index !== 0 && type !== SECTION_NOBITS && offset + size > this.file.length) {
      throw new BadElf('nfp-elf-truncated', `section ${index} ends past the end of the file`, at + 24);
    }
    const address = this.uint64(at + 16, 'section address');
    return { index, name: '', type, address, offset, size, link: view.getUint32(at + 40, true), at };
  }

  private single(name: string, type: number): SectionHeader | undefined {
    const found = this.sections.filter((section) => section.name === name && section.type === type);
    if (found.length > 1) throw new BadElf('nfp-elf-duplicate', `two sections ${name}`, found[1]!.at);
    return found[0];
  }

  private contexts(): 4 | 8 {
    for (const section of this.sections) {
      if (section.type !== SECTION_NFP_INITREG) continue;
      for (let at = section.offset; at + INIT_ENTRY_OCTETS <= section.offset + section.size; at += INIT_ENTRY_OCTETS) {
        if (this.view.getUint32(at + 4, true) !== INIT_CTX_ENABLES) continue;
        return this.view.getUint32(at + 8, true) >= CTX_ENABLES_FOUR ? 4 : 8;
      }
    }
    return 8;
  }

  private data(): FirmwareData[] {
    const list: FirmwareData[] = [];
    let total = 0;
    for (const section of this.sections) {
      const memory = MEMORIES.find((name) => section.name === MEMORY_SECTION[name] + DATA_SUFFIX);
      if (memory === undefined || section.type !== SECTION_PROGBITS) continue;
      if (section.address + section.size > ADDRESS_LIMIT) {
        throw new BadElf('nfp-elf-address', `${section.name} ends above 40 bits of address`, section.at + 16);
      }
      // Sections that share octets of the file would grow without end in memory.
      total += section.size;
      if (total > this.file.length) {
        throw new BadElf('nfp-elf-data', `${section.name} and those before it share octets`, section.at + 24);
      }
      const octets = this.file.slice(section.offset, section.offset + section.size);
      list.push({ memory, address: section.address, octets });
    }
    return list;
  }

  private regions(): FirmwareRegion[] {
    return this.records('.nfp.regions', REGION_OCTETS, (at, strings) => {
      const { view } = this;
      const memory = MEMORIES[view.getUint8(at + 8)];
      if (memory === undefined) throw new BadElf('nfp-elf-region', `no memory ${view.getUint8(at + 8)}`, at + 8);
      const rights = view.getUint8(at + 9);
      if (rights > REGION_READ + REGION_WRITE) throw new BadElf('nfp-elf-region', `no rights ${rights}`, at + 9);
      const address = this.uint64(at + 16, 'region address');
      const octets = this.uint64(at + 24, 'region size');
      if (address + octets > ADDRESS_LIMIT) {
        throw new BadElf('nfp-elf-address', 'a region ends above 40 bits of address', at + 16);
      }
      return {
        name: this.string(strings, view.getUint32(at, true), at),
        owner: this.string(strings, view.getUint32(at + 4, true), at + 4),
        memory,
        address,
        octets,
        read: (rights & REGION_READ) !== 0,
        write: (rights & REGION_WRITE) !== 0,
      };
    });
  }

  private lambdas(): FirmwareLambda[] {
    return this.records('.nfp.lambdas', LAMBDA_OCTETS, (at, strings) => ({
      name: this.string(strings, this.view.getUint32(at, true), at),
      id: this.view.getUint32(at + 4, true),
    }));
  }

  private lines(instructions: number): FirmwareLine[] {
    let last = -1;
    const lines = this.records('.nfp.lines', LINE_OCTETS, (at, strings) => {
      const line = this.line(at, strings);
      if (line.instruction <= last || line.instruction >= instructions) {
        throw new BadElf('nfp-elf-line', `line of instruction ${line.instruction}: out of order or past the end`, at);
      }
      last = line.instruction;
      return line;
    });
    const also = new Map<number, SourceLine[]>(lines.map(({ instruction }) => [instruction, []]));
    this.records('.nfp.lines.also', LINE_OCTETS, (at, strings) => {
      const { instruction, file, line } = this.line(at, strings);
      const others = also.get(instruction);
      if (others === undefined) {
        throw new BadElf('nfp-elf-line', `a further line of instruction ${instruction}, which has no first one`, at);
      }
      others.push({ file, line });
    });
    return lines.map((line) => {
      const others = also.get(line.instruction) ?? [];
      return others.length === 0 ? line : { ...line, also: others };
    });
  }

  private line(at: number, strings: SectionHeader): FirmwareLine {
    const file = this.string(strings, this.view.getUint32(at + 4, true), at + 4);
    return { instruction: this.view.getUint32(at, true), file, line: this.view.getUint32(at + 8, true) };
  }

  private symbols(textIndex: number, instructions: number): FirmwareSymbol[] {
    const table = this.single('.symtab', SECTION_SYMTAB);
    if (table === undefined) return [];
    const strings = this.stringsOf(table);
    const memoryOf = new Map<number, FirmwareMemory>();
    for (const memory of MEMORIES) {
      for (const section of this.sections) {
        if (section.name.startsWith(MEMORY_SECTION[memory])) memoryOf.set(section.index, memory);
      }
    }
    this.checkEntries(table, SYMBOL_OCTETS);
    const list: FirmwareSymbol[] = [];
    let owner: string = RUNTIME_OWNER;
    // Entry 0 is the null symbol.
    for (let at = table.offset + SYMBOL_OCTETS; at + SYMBOL_OCTETS <= table.offset + table.size; at += SYMBOL_OCTETS) {
      const name = this.string(strings, this.view.getUint32(at, true), at);
      const type = this.view.getUint8(at + 4) & 0xf;
      const section = this.view.getUint16(at + 6, true);
      if (type === SYMBOL_FILE) {
        owner = name;
        continue;
      }
      const value = this.uint64(at + 8, 'symbol value');
      const size = this.uint64(at + 16, 'symbol size');
      if (type === SYMBOL_FUNCTION && section === textIndex) {
        const address = value / INSTRUCTION_OCTETS;
        const count = size / INSTRUCTION_OCTETS;
        if (!Number.isInteger(address) || !Number.isInteger(count) || address + count > instructions) {
          throw new BadElf('nfp-elf-symbol', `function ${name} is not inside .text`, at);
        }
        list.push({ name, owner, memory: 'code', address, size: count });
      } else if (type === SYMBOL_OBJECT) {
        const memory = memoryOf.get(section);
        if (memory === undefined || value + size > ADDRESS_LIMIT) {
          throw new BadElf('nfp-elf-symbol', `object ${name} is in no memory`, at);
        }
        list.push({ name, owner, memory, address: value, size });
      }
      // Other symbols (sections, labels without type) carry nothing for the NPU.
    }
    return list;
  }

  private records<T>(name: string, entryOctets: number, read: (at: number, strings: SectionHeader) => T): T[] {
    const table = this.single(name, SECTION_PROGBITS);
    if (table === undefined) return [];
    if (table.size % entryOctets !== 0) {
      throw new BadElf('nfp-elf-table', `${name} has ${table.size} octets, not a multiple of ${entryOctets}`, table.at);
    }
    this.checkEntries(table, entryOctets);
    const strings = this.stringsOf(table);
    return Array.from({ length: table.size / entryOctets }, (_, i) => read(table.offset + i * entryOctets, strings));
  }

  private checkEntries(table: SectionHeader, entryOctets: number): void {
    if (table.size / entryOctets <= MAX_TABLE_ENTRIES) return;
    throw new BadElf('nfp-elf-table', `${table.name} has more than ${MAX_TABLE_ENTRIES} entries`, table.at + 32);
  }

  private stringsOf(table: SectionHeader): SectionHeader {
    const strings = this.sections[table.link];
    if (strings?.type !== SECTION_STRTAB) {
      throw new BadElf('nfp-elf-strings', `${table.name} links to no string table`, table.at + 40);
    }
    return strings;
  }

  /** The string at `start` of a table, up to its zero octet. */
  private string(table: SectionHeader, start: number, at: number): string {
    const end = table.offset + table.size;
    const from = table.offset + start;
    const octets = this.file.subarray(Math.min(from, end), Math.min(end, from + MAX_NAME_OCTETS + 1));
    const length = octets.indexOf(0);
    if (table.type !== SECTION_STRTAB || length < 0) {
      const where = `inside its table and within ${MAX_NAME_OCTETS} octets`;
      throw new BadElf('nfp-elf-strings', `string ${start} does not end ${where}`, at);
    }
    return new TextDecoder().decode(octets.subarray(0, length));
  }

  private uint64(at: number, what: string): number {
    const value = this.view.getUint32(at + 4, true) * 2 ** 32 + this.view.getUint32(at, true);
    if (!Number.isSafeInteger(value)) throw new BadElf('nfp-elf-address', `${what} is larger than 53 bits`, at);
    return value;
  }
}
