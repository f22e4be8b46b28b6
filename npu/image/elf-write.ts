import { assert } from '../../base/assert.ts';
import { INSTRUCTION_OCTETS } from '../isa/instruction.ts';
import {
  ADDRESS_LIMIT,
  CTX_ENABLES_4_CONTEXTS,
  CTX_ENABLES_8_CONTEXTS,
  DATA_SUFFIX,
  ELF_CLASS_64,
  ELF_DATA_LITTLE,
  ELF_FLAGS_NFP_6000,
  ELF_HEADER_OCTETS,
  ELF_MACHINE_NFP,
  ELF_MAGIC,
  ELF_TYPE_EXECUTABLE,
  ELF_VERSION,
  FLAG_ALLOC,
  FLAG_EXECUTE,
  FLAG_WRITE,
  INIT_CTX_ENABLES,
  INIT_ENTRY_OCTETS,
  INIT_SECTION_INFO,
  INIT_VALUE_CONSTANT,
  LAMBDA_OCTETS,
  LINE_OCTETS,
  MAX_INSTRUCTIONS,
  MAX_NAME_OCTETS,
  MAX_SECTIONS,
  MAX_TABLE_ENTRIES,
  MEMORIES,
  MEMORY_SECTION,
  MEMORY_TYPE,
  MEMORY_TYPE_CODE_STORE,
  REGION_OCTETS,
  REGION_READ,
  REGION_WRITE,
  SECTION_HEADER_OCTETS,
  SECTION_INDEX_ABSOLUTE,
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
import type { FirmwareImage, FirmwareLine, FirmwareMemory } from './firmware-image.ts';

interface Section {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly octets: Uint8Array;
  /** Of NOBITS, which has no octets in the file. */
  readonly size?: number;
  readonly link?: number;
  readonly info?: number;
  readonly alignment: number;
  readonly entryOctets?: number;
}

/** The image as an ELF64 file for machine NFP (`elf-format.ts`). The same image gives the same octets. */
export function writeFirmwareElf(image: FirmwareImage): Uint8Array {
  assert(image.instructions.length <= MAX_INSTRUCTIONS, `${image.instructions.length} instructions: more than 14 bits`);
  const strings = new StringTable();
  const sections: Section[] = [];
  const add = (section: Section): number => sections.push(section);

  const textIndex = add({
    name: '.text',
    type: SECTION_PROGBITS,
    flags: FLAG_ALLOC | FLAG_EXECUTE,
    address: 0,
    octets: wordOctets(image.instructions),
    info: MEMORY_TYPE_CODE_STORE,
    alignment: INSTRUCTION_OCTETS,
  });
  add({
    name: '.init.ctx',
    type: SECTION_NFP_INITREG,
    flags: 0,
    address: 0,
    octets: contextEntry(image),
    info: INIT_SECTION_INFO,
    alignment: 4,
    entryOctets: INIT_ENTRY_OCTETS,
  });
  const memoryIndex = new Map<FirmwareMemory, number>();
  for (const memory of MEMORIES) {
    const index = add({
      name: MEMORY_SECTION[memory],
      type: SECTION_NOBITS,
      flags: FLAG_ALLOC | FLAG_WRITE,
      address: 0,
      octets: new Uint8Array(0),
      size: memoryEnd(image, memory),
      info: MEMORY_TYPE[memory],
      alignment: 1,
    });
    memoryIndex.set(memory, index);
  }
  for (const { memory, address, octets } of image.data) {
    assert(address + octets.length <= ADDRESS_LIMIT, 'data ends above 40 bits of address');
    add({
      name: MEMORY_SECTION[memory] + DATA_SUFFIX,
      type: SECTION_PROGBITS,
      flags: FLAG_ALLOC | FLAG_WRITE,
      address,
      octets,
      info: MEMORY_TYPE[memory],
      alignment: 1,
    });
  }
  // The string table comes right after the symbols; the own tables link to it as the symbols do.
  const stringsIndex = sections.length + 6;
  const own = (name: string, octets: Uint8Array, entryOctets: number): Section => ({
    name,
    type: SECTION_PROGBITS,
    flags: 0,
    address: 0,
    octets,
    link: stringsIndex,
    alignment: 8,
    entryOctets,
  });
  add(own('.nfp.regions', regionOctets(image, strings), REGION_OCTETS));
  add(own('.nfp.lambdas', lambdaOctets(image, strings), LAMBDA_OCTETS));
  add(own('.nfp.lines', lineOctets(image.lines, strings), LINE_OCTETS));
  const also = image.lines.flatMap(({ instruction, also = [] }) => also.map((line) => ({ ...line, instruction })));
  add(own('.nfp.lines.also', lineOctets(also, strings), LINE_OCTETS));
  const symbols = symbolOctets(image, strings, textIndex, memoryIndex);
  add({
    name: '.symtab',
    type: SECTION_SYMTAB,
    flags: 0,
    address: 0,
    octets: symbols,
    link: stringsIndex,
    // All symbols are local: the first global one would come after them.
    info: symbols.length / SYMBOL_OCTETS,
    alignment: 8,
    entryOctets: SYMBOL_OCTETS,
  });
  const at = add({
    name: '.strtab',
    type: SECTION_STRTAB,
    flags: 0,
    address: 0,
    octets: strings.octets(),
    alignment: 1,
  });
  assert(at === stringsIndex, 'the string table is where the other sections say');
  return layOut(sections, image.entry * INSTRUCTION_OCTETS);
}

/** Octets of a memory from its start to the end of what the image has in it. */
function memoryEnd({ data, regions, symbols }: FirmwareImage, memory: FirmwareMemory): number {
  const ends = [
    ...data.map((item) => (item.memory === memory ? item.address + item.octets.length : 0)),
    ...regions.map((item) => (item.memory === memory ? item.address + item.octets : 0)),
    ...symbols.map((item) => (item.memory === memory ? item.address + item.size : 0)),
  ];
  return ends.reduce((most, end) => Math.max(most, end), 0);
}

/** Header, contents, then the section table, each aligned to 8. */
function layOut(contents: readonly Section[], entry: number): Uint8Array {
  const names = new StringTable();
  const nameOffsets = contents.map((section) => names.offsetOf(section.name));
  const ownName = names.offsetOf('.shstrtab');
  nameOffsets.push(ownName);
  const sections: readonly Section[] = [
    ...contents,
    { name: '.shstrtab', type: SECTION_STRTAB, flags: 0, address: 0, octets: names.octets(), alignment: 1 },
  ];
  assert(sections.length < MAX_SECTIONS, `${sections.length} sections`);
  let end = ELF_HEADER_OCTETS;
  const offsets = sections.map((section) => {
    const offset = align8(end);
    end = offset + section.octets.length;
    return offset;
  });
  const tableOffset = align8(end);
  const file = new Uint8Array(tableOffset + (sections.length + 1) * SECTION_HEADER_OCTETS);
  const view = new DataView(file.buffer);
  view.setUint32(0, ELF_MAGIC);
  view.setUint8(4, ELF_CLASS_64);
  view.setUint8(5, ELF_DATA_LITTLE);
  view.setUint8(6, ELF_VERSION);
  view.setUint16(16, ELF_TYPE_EXECUTABLE, true);
  view.setUint16(18, ELF_MACHINE_NFP, true);
  view.setUint32(20, ELF_VERSION, true);
  setUint64(view, 24, entry);
  setUint64(view, 40, tableOffset);
  view.setUint32(48, ELF_FLAGS_NFP_6000, true);
  view.setUint16(52, ELF_HEADER_OCTETS, true);
  view.setUint16(58, SECTION_HEADER_OCTETS, true);
  view.setUint16(60, sections.length + 1, true);
  view.setUint16(62, sections.length, true);
  sections.forEach((section, i) => {
    file.set(section.octets, offsets[i]!);
    const header = tableOffset + (i + 1) * SECTION_HEADER_OCTETS;
    view.setUint32(header, nameOffsets[i]!, true);
    view.setUint32(header + 4, section.type, true);
    setUint64(view, header + 8, section.flags);
    setUint64(view, header + 16, section.address);
    setUint64(view, header + 24, offsets[i]!);
    setUint64(view, header + 32, section.size ?? section.octets.length);
    view.setUint32(header + 40, section.link ?? 0, true);
    view.setUint32(header + 44, section.info ?? 0, true);
    setUint64(view, header + 48, section.alignment);
    setUint64(view, header + 56, section.entryOctets ?? 0);
  });
  return file;
}

function wordOctets(words: BigUint64Array): Uint8Array {
  const octets = new Uint8Array(words.length * INSTRUCTION_OCTETS);
  const view = new DataView(octets.buffer);
  words.forEach((word, i) => {
    view.setBigUint64(i * INSTRUCTION_OCTETS, word, true);
  });
  return octets;
}

function contextEntry(image: FirmwareImage): Uint8Array {
  const octets = new Uint8Array(INIT_ENTRY_OCTETS);
  const view = new DataView(octets.buffer);
  view.setUint32(0, INIT_VALUE_CONSTANT, true);
  view.setUint32(4, INIT_CTX_ENABLES, true);
  view.setUint32(8, image.contexts === 4 ? CTX_ENABLES_4_CONTEXTS : CTX_ENABLES_8_CONTEXTS, true);
  view.setUint32(12, 0xffffffff, true);
  return octets;
}

function regionOctets(image: FirmwareImage, strings: StringTable): Uint8Array {
  const octets = new Uint8Array(image.regions.length * REGION_OCTETS);
  const view = new DataView(octets.buffer);
  image.regions.forEach((region, i) => {
    assert(region.address + region.octets <= ADDRESS_LIMIT, 'a region ends above 40 bits of address');
    const at = i * REGION_OCTETS;
    view.setUint32(at, strings.offsetOf(region.name), true);
    view.setUint32(at + 4, strings.offsetOf(region.owner), true);
    view.setUint8(at + 8, MEMORIES.indexOf(region.memory));
    view.setUint8(at + 9, (region.read ? REGION_READ : 0) | (region.write ? REGION_WRITE : 0));
    setUint64(view, at + 16, region.address);
    setUint64(view, at + 24, region.octets);
  });
  return octets;
}

function lambdaOctets(image: FirmwareImage, strings: StringTable): Uint8Array {
  const octets = new Uint8Array(image.lambdas.length * LAMBDA_OCTETS);
  const view = new DataView(octets.buffer);
  image.lambdas.forEach((lambda, i) => {
    view.setUint32(i * LAMBDA_OCTETS, strings.offsetOf(lambda.name), true);
    view.setUint32(i * LAMBDA_OCTETS + 4, lambda.id, true);
  });
  return octets;
}

function lineOctets(lines: readonly FirmwareLine[], strings: StringTable): Uint8Array {
  const octets = new Uint8Array(lines.length * LINE_OCTETS);
  const view = new DataView(octets.buffer);
  lines.forEach((line, i) => {
    view.setUint32(i * LINE_OCTETS, line.instruction, true);
    view.setUint32(i * LINE_OCTETS + 4, strings.offsetOf(line.file), true);
    view.setUint32(i * LINE_OCTETS + 8, line.line, true);
  });
  return octets;
}

/** The null symbol, then the image's in their order with a FILE symbol wherever the owner changes. */
function symbolOctets(
  image: FirmwareImage,
  strings: StringTable,
  textIndex: number,
  memoryIndex: ReadonlyMap<FirmwareMemory, number>,
): Uint8Array {
  const entries: { name: string; type: number; section: number; value: number; size: number }[] = [];
  let owner: string | undefined;
  for (const symbol of image.symbols) {
    if (symbol.owner !== owner) {
      entries.push({ name: symbol.owner, type: SYMBOL_FILE, section: SECTION_INDEX_ABSOLUTE, value: 0, size: 0 });
      owner = symbol.owner;
    }
    const code = symbol.memory === 'code';
    const unit = code ? INSTRUCTION_OCTETS : 1;
    entries.push({
      name: symbol.name,
      type: code ? SYMBOL_FUNCTION : SYMBOL_OBJECT,
      section: symbol.memory === 'code' ? textIndex : memoryIndex.get(symbol.memory)!,
      value: symbol.address * unit,
      size: symbol.size * unit,
    });
  }
  assert(entries.length < MAX_TABLE_ENTRIES, `${entries.length} symbols`);
  const octets = new Uint8Array((entries.length + 1) * SYMBOL_OCTETS);
  const view = new DataView(octets.buffer);
  entries.forEach((entry, i) => {
    const at = (i + 1) * SYMBOL_OCTETS;
    view.setUint32(at, strings.offsetOf(entry.name), true);
    view.setUint8(at + 4, entry.type);
    view.setUint16(at + 6, entry.section, true);
    setUint64(view, at + 8, entry.value);
    setUint64(view, at + 16, entry.size);
  });
  return octets;
}

/** Strings ended by a zero octet, each once; offset 0 is the empty one. */
class StringTable {
  private readonly offsets = new Map<string, number>([['', 0]]);
  private readonly parts: Uint8Array[] = [new Uint8Array(1)];
  private end = 1;

  offsetOf(text: string): number {
    const known = this.offsets.get(text);
    if (known !== undefined) return known;
    const encoded = new TextEncoder().encode(text);
    assert(!encoded.includes(0), `a name holds a zero octet: ${JSON.stringify(text)}`);
    assert(encoded.length <= MAX_NAME_OCTETS, `a name of ${encoded.length} octets`);
    const offset = this.end;
    this.offsets.set(text, offset);
    this.parts.push(encoded, new Uint8Array(1));
    this.end += encoded.length + 1;
    return offset;
  }

  octets(): Uint8Array {
    const all = new Uint8Array(this.end);
    let at = 0;
    for (const part of this.parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

function setUint64(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value % 2 ** 32, true);
  view.setUint32(offset + 4, Math.floor(value / 2 ** 32), true);
}

function align8(offset: number): number {
  return Math.ceil(offset / 8) * 8;
}
