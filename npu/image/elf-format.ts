import type { FirmwareMemory } from './firmware-image.ts';

/**
 * An image as an ELF64 file for machine NFP, so that GNU objdump, nm and readelf open it. Little-endian.
 * Sources: System V ABI (ELF-64 object file format); GNU binutils 2.40 `include/elf/nfp.h` for what is the NFP's.
 *
 * | section | type | holds |
 * |---|---|---|
 * | `.text` | PROGBITS | instruction words of 8 octets; `e_entry` is the octet address of the entry |
 * | `.init.ctx` | NFP_INITREG | the CSR CtxEnables: how many contexts share the registers |
 * | `.emem` `.imem` `.ctm` `.cls` `.lmem` | NOBITS | one a memory: anchors for the symbols in it |
 * | `.emem.data` ... | PROGBITS | initialised data, `sh_addr` its offset in the memory; several are allowed |
 * | `.nfp.regions` | PROGBITS | 32 octets a region: name, owner (string offsets), memory, rights, address, octets |
 * | `.nfp.lambdas` | PROGBITS | 8 octets a lambda: name (string offset), id |
 * | `.nfp.lines` | PROGBITS | 12 octets a line: instruction, file (string offset), line |
 * | `.nfp.lines.also` | PROGBITS | the same of further lines that instructions of `.nfp.lines` come from |
 * | `.symtab` | SYMTAB | functions and objects; the FILE symbol before them is their owner |
 * | `.strtab`, `.shstrtab` | STRTAB | strings |
 */
export const ELF_HEADER_OCTETS = 64;
export const SECTION_HEADER_OCTETS = 64;
export const SYMBOL_OCTETS = 24;

export const ELF_MAGIC = 0x7f454c46;
export const ELF_CLASS_64 = 2;
export const ELF_DATA_LITTLE = 1;
export const ELF_VERSION = 1;
export const ELF_TYPE_EXECUTABLE = 2;
/** EM_NFP. */
export const ELF_MACHINE_NFP = 250;
/** Chip family NFP-6xxx/4xxx in bits 8..23 of `e_flags`. */
export const ELF_FLAGS_NFP_6000 = 0x6000 << 8;
export const ELF_FLAGS_MACHINE_MASK = 0xffff00;

export const SECTION_PROGBITS = 1;
export const SECTION_SYMTAB = 2;
export const SECTION_STRTAB = 3;
export const SECTION_NOBITS = 8;
export const SECTION_NFP_INITREG = 0x70000002;

export const FLAG_WRITE = 1;
export const FLAG_ALLOC = 2;
export const FLAG_EXECUTE = 4;

export const SYMBOL_OBJECT = 1;
export const SYMBOL_FUNCTION = 2;
export const SYMBOL_FILE = 4;
/** `st_shndx` of a symbol that lies in no section. */
export const SECTION_INDEX_ABSOLUTE = 0xfff1;

/** `sh_info` of sections that are loaded: the memory's type in the low half, island and core above (0: all). */
export const MEMORY_TYPE_CODE_STORE = 1;
export const MEMORY_TYPE: Record<FirmwareMemory, number> = { local: 2, cls: 3, emem: 4, imem: 4, ctm: 4 };

export const MEMORY_SECTION: Record<FirmwareMemory, string> = {
  emem: '.emem',
  imem: '.imem',
  ctm: '.ctm',
  cls: '.cls',
  local: '.lmem',
};
export const MEMORIES: readonly FirmwareMemory[] = ['emem', 'imem', 'ctm', 'cls', 'local'];
export const DATA_SUFFIX = '.data';

export const REGION_OCTETS = 32;
export const REGION_READ = 1;
export const REGION_WRITE = 2;
export const LAMBDA_OCTETS = 8;
export const LINE_OCTETS = 12;

/**
 * An entry of `.init.ctx`: flags and value type, register address, value, mask; 4 octets each. The address names CSR
 * CtxEnables (0x18) of core 0; the section's `sh_info` says that the entry is a CSR of a core (reads by
 * reflect_read_sig_init, writes by reflect_write_sig_init of the bus target ct).
 */
export const INIT_ENTRY_OCTETS = 16;
export const INIT_VALUE_CONSTANT = 1 << 25;
export const INIT_CTX_ENABLES = 0x10000 | (4 << 10) | 0x18;
export const INIT_SECTION_INFO = (14 << 22) | (2 << 17) | (1 << 15) | (3 << 10) | (1 << 8);
/** Bit 31: four contexts. Bits 8..15: contexts that run. */
export const CTX_ENABLES_FOUR = 0x80000000;
export const CTX_ENABLES_8_CONTEXTS = 0x0000ff00;
export const CTX_ENABLES_4_CONTEXTS = CTX_ENABLES_FOUR + 0x00005500;

/** No file that this code writes or reads has more. */
export const MAX_SECTIONS = 4096;
/** Entries of the symbol table and of the tables of our own. */
export const MAX_TABLE_ENTRIES = 1 << 16;
/** Of a symbol, an owner, a path. */
export const MAX_NAME_OCTETS = 4096;
export const MAX_INSTRUCTIONS = 1 << 14;
/** Addresses on the chip's bus have 40 bits. */
export const ADDRESS_LIMIT = 2 ** 40;
