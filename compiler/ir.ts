import type { SourcePosition } from '../base/errors.ts';

/**
 * The intermediate representation between the front ends (phase 4, lower) and the back end (phases 5 and 6).
 *
 * Three-address operations on 32-bit words in basic blocks. It is **not** SSA: a virtual register may be written many
 * times, as a variable of the source. Registers, local objects and transfer groups belong to one function; functions
 * and memory objects belong to the module. There is no recursion: the call graph is a DAG, so that every function has
 * one static frame and registers are allocated over the whole call graph.
 *
 * Words are unsigned 32-bit numbers (0 .. 2^32 - 1) wherever they appear as constants. Memory is big-endian, so the
 * first octet in memory is the most significant octet of a word.
 */
export interface IrModule {
  readonly functions: Map<string, IrFunction>;
  readonly objects: Map<string, MemoryObject>;
  /** Areas that no object of the module lies in but that its code may reach, such as the RDMA slots. */
  readonly reserved: ReservedRegion[];
  /** Function that every context starts in; it takes no arguments and never returns. */
  entry: string;
}

export interface IrFunction {
  readonly name: string;
  /** Lambda that the code belongs to, or `runtime`; faults are reported under it. */
  readonly owner: string;
  readonly parameters: readonly Register[];
  /** How many words `return` hands back. */
  readonly resultCount: number;
  /** Execution starts at the first block. Every block is listed here; order is the preferred layout. */
  readonly blocks: Block[];
  /** `registers[id]`, names for people only. */
  readonly registers: { readonly name: string }[];
  /** `locals[id]` */
  readonly locals: LocalObject[];
  /** `groups[id]` */
  readonly groups: TransferGroup[];
  readonly position: SourcePosition | undefined;
  /** The optimiser may not inline it, or must; absent: it decides. */
  inline: 'never' | 'always' | 'auto';
}

export interface Block {
  /** Unique within the function. */
  readonly name: string;
  readonly operations: Operation[];
  end: Terminator;
}

// ------------------------------------------------------------------------------------------------------- operands

export type Operand = Register | Constant | ObjectAddress;

export interface Register {
  readonly kind: 'register';
  readonly id: number;
}

export interface Constant {
  readonly kind: 'constant';
  /** 0 .. 2^32 - 1 */
  readonly value: number;
}

/** A link-time constant: part of the address of a memory object. Resolved when objects are placed. */
export interface ObjectAddress {
  readonly kind: 'address';
  readonly object: string;
  /**
   * `low`: address bits 31..0 (within the island's memory for CTM and CLS); `high`: bits 39..32 as an octet (0x98 for
   * EMEM 0), which CTM and CLS copies of an island do not have: 0 there, so that code can tell.
   */
  readonly part: 'low' | 'high';
  /** Octets added to the low part. */
  readonly offset: number;
}

// ---------------------------------------------------------------------------------------------------- declarations

/** Memory next to the core, one copy a context: at most 128 words with spills, see docs/compiler.md. */
export interface LocalObject {
  readonly id: number;
  readonly name: string;
  readonly words: number;
  /** For reuse: objects whose scopes never overlap may carry the same number; absent: its own storage. */
  readonly overlay?: number;
}

/**
 * `words` consecutive transfer registers. Each word has an *in* side (what a read command brought) and an *out* side
 * (what a write command sends); the two hold different values. A group is valid from its first write to its last use,
 * and not across a return.
 */
export interface TransferGroup {
  readonly id: number;
  readonly name: string;
  /** 1 .. 32 */
  readonly words: number;
}

export const MEMORY_NAMES = ['emem', 'imem', 'ctm', 'cls'] as const;
export type MemoryName = (typeof MEMORY_NAMES)[number];

/** Static storage in a memory of the NIC. */
export interface MemoryObject {
  readonly name: string;
  readonly owner: string;
  /** `auto`: placed by size and use (docs/compiler.md). */
  readonly memory: MemoryName | 'auto';
  /** The program did not name `memory`: the object may be placed elsewhere (`memory-stratification`). */
  readonly movable?: boolean;
  readonly octets: number;
  /** Power of two, in octets. */
  readonly align: number;
  /** Initial content; the rest is zero. At most `octets` long. */
  readonly initial: Uint8Array;
  /** Parts of the initial content that are addresses of objects, written when these are placed. */
  readonly addresses?: readonly StoredAddress[];
  readonly readOnly: boolean;
  /** The runtime's, and granted to the code of all lambdas. */
  readonly exported: boolean;
  /**
   * `nic`: one copy for all cores (EMEM, IMEM). `island`: one copy an island (CTM, CLS), equal at load.
   * `auto` memory needs to know which the program can live with.
   */
  readonly sharing: 'nic' | 'island';
  /** Low 32 bits of the address when the program insists. */
  readonly fixedAddress?: number;
  readonly position: SourcePosition | undefined;
}

/** The address of `object` + `offset`, at `octet` of another object's initial content. */
export interface StoredAddress {
  readonly octet: number;
  readonly object: string;
  readonly offset: number;
  /** 4: within the memory of an island; 8: bits 39..32 as an octet in the first word, bits 31..0 in the second. */
  readonly octets: 4 | 8;
}

export interface ReservedRegion {
  readonly name: string;
  readonly owner: string;
  readonly memory: MemoryName;
  readonly address: number;
  readonly octets: number;
  readonly read: boolean;
  readonly write: boolean;
  /** As of an object. */
  readonly exported: boolean;
}

// ------------------------------------------------------------------------------------------------------ operations

/** Where an operation comes from. Code that was merged comes from several places: the others are in `also`. */
export interface CodePosition extends SourcePosition {
  readonly also?: readonly SourcePosition[];
}

interface At {
  readonly position: CodePosition | undefined;
}

/** As the instruction `crc` has them (npu/isa). */
export type CrcOperator = 'crc_32' | 'crc_iscsi' | 'crc_ccitt' | 'crc_10' | 'crc_5';
export const CRC_BYTES = ['bytes_0_3', 'bytes_0_2', 'bytes_0_1', 'byte_0', 'bytes_1_3', 'bytes_2_3', 'byte_3'] as const;
export type CrcBytes = (typeof CRC_BYTES)[number];

export type BinaryOperator = 'add' | 'sub' | 'and' | 'or' | 'xor' | 'shl' | 'shr' | 'sar' | 'rotr' | 'mul' | 'mulhigh';
export type DivisionOperator = 'div' | 'rem' | 'sdiv' | 'srem';
/** `u` unsigned, `s` signed; eq and ne have no sign. */
export type Relation = 'eq' | 'ne' | 'ult' | 'ule' | 'ugt' | 'uge' | 'slt' | 'sle' | 'sgt' | 'sge';

export type Operation = At &
  (
    | { readonly op: 'copy'; readonly target: Register; readonly source: Operand }
    | { readonly op: 'not'; readonly target: Register; readonly source: Operand }
    /** Shift and rotate amounts count modulo 32. `mul` gives bits 31..0, `mulhigh` bits 63..32 of the unsigned product. */
    | {
        readonly op: 'binary';
        readonly operator: BinaryOperator;
        readonly target: Register;
        readonly left: Operand;
        readonly right: Operand;
      }
    /** Division by zero gives quotient 2^32 - 1 and remainder = left, as the run-time routine does. `s`: truncating. */
    | {
        readonly op: 'divide';
        readonly operator: DivisionOperator;
        readonly target: Register;
        readonly left: Operand;
        readonly right: Operand;
      }
    /** 64-bit add or subtract. The two targets must be different registers; sources may be equal to them. */
    | {
        readonly op: 'wide';
        readonly operator: 'add' | 'sub';
        readonly targetLow: Register;
        readonly targetHigh: Register;
        readonly leftLow: Operand;
        readonly leftHigh: Operand;
        readonly rightLow: Operand;
        readonly rightHigh: Operand;
      }
    /** Low 32 bits of (high:low) >> amount; the amount counts modulo 32 (so 0 gives low). */
    | {
        readonly op: 'funnel';
        readonly target: Register;
        readonly high: Operand;
        readonly low: Operand;
        readonly amount: Operand;
      }
    /** Bits [shift, shift + width) of source, zero-extended. 0 <= shift, 1 <= width, shift + width <= 32. */
    | {
        readonly op: 'extract';
        readonly target: Register;
        readonly source: Operand;
        readonly shift: number;
        readonly width: number;
      }
    /** base with bits [shift, shift + width) replaced by the low `width` bits of source. */
    | {
        readonly op: 'insert';
        readonly target: Register;
        readonly base: Operand;
        readonly source: Operand;
        readonly shift: number;
        readonly width: number;
      }
    /** target = 1 when the relation holds, else 0. */
    | {
        readonly op: 'compare';
        readonly relation: Relation;
        readonly target: Register;
        readonly left: Operand;
        readonly right: Operand;
      }
    /** Index of the least significant set bit; 32 when source is 0. */
    | { readonly op: 'ffs'; readonly target: Register; readonly source: Operand }
    /** Index in words, unchecked when it is a register. */
    | { readonly op: 'local_load'; readonly target: Register; readonly local: number; readonly index: Operand }
    | { readonly op: 'local_store'; readonly local: number; readonly index: Operand; readonly source: Operand }
    /** Octet address in the core's local memory of a word of the local object, for pointers. */
    | { readonly op: 'local_address'; readonly target: Register; readonly local: number; readonly index: Operand }
    | { readonly op: 'local_load_at'; readonly target: Register; readonly address: Operand }
    | { readonly op: 'local_store_at'; readonly address: Operand; readonly source: Operand }
    /** Reads the in side of a word of a group. A register index costs a branch tree. */
    | { readonly op: 'transfer_get'; readonly target: Register; readonly group: number; readonly index: Operand }
    /** Writes the out side of a word of a group. */
    | { readonly op: 'transfer_set'; readonly group: number; readonly index: Operand; readonly source: Operand }
    | MemoryOperation
    /** Waits for asynchronous commands: every signal listed, which takes them; with `any` one of them, and takes none. */
    | { readonly op: 'wait'; readonly signals: readonly number[]; readonly any?: boolean }
    /** target = 1 when the signal is there, which takes it, else 0. `second`: the other signal of a pair. */
    | { readonly op: 'signal_test'; readonly target: Register; readonly signal: number; readonly second: boolean }
    /** Octets of the source into the core's CRC remainder. */
    | {
        readonly op: 'crc';
        readonly operator: CrcOperator;
        readonly littleEndian: boolean;
        readonly bytes: CrcBytes;
        readonly source: Operand;
      }
    /** Of the core's CAM: the answer is entry << 3, bit 7 when the tag was there, its state in bits 11..8. */
    | { readonly op: 'cam_lookup'; readonly target: Register; readonly source: Operand }
    | { readonly op: 'cam_read'; readonly what: 'tag' | 'state'; readonly target: Register; readonly source: Operand }
    /** Without a tag, only the state of the entry changes. */
    | {
        readonly op: 'cam_write';
        readonly entry: Operand;
        readonly tag: Operand | undefined;
        /** 0 .. 15 */
        readonly state: number;
      }
    | { readonly op: 'cam_clear' }
    /** Joins the idle queue; in words 0..3 of the group when a frame is there (firmware ABI). */
    | { readonly op: 'receive'; readonly group: number }
    /** Sends the frame that out words 0..1 of the group describe. */
    | { readonly op: 'send'; readonly group: number }
    | { readonly op: 'csr_read'; readonly target: Register; readonly csr: string }
    | { readonly op: 'csr_write'; readonly csr: string; readonly source: Operand }
    /** Number of the context within its core, 0..7. */
    | { readonly op: 'context_number'; readonly target: Register }
    /** Lets the core's other contexts run. */
    | { readonly op: 'yield' }
    | {
        readonly op: 'call';
        readonly function: string;
        readonly arguments: readonly Operand[];
        readonly results: readonly Register[];
      }
  );

export type OperationOf<Op extends Operation['op']> = Extract<Operation, { readonly op: Op }>;

/**
 * Commands of the memory engines. `count` is in octets for read8/write8, else in words. Atomics take their operands, if
 * any, from out words `first` on; the old values come to the in words for test_*, swap and atomic_read.
 */
export type MemoryCommand =
  | 'read8'
  | 'write8'
  | 'read32'
  | 'write32'
  | 'read32_swap'
  | 'write32_swap'
  | 'atomic_read'
  | 'atomic_write'
  | 'add'
  | 'sub'
  | 'incr'
  | 'decr'
  | 'set'
  | 'clr'
  | 'swap'
  | 'test_add'
  | 'test_sub'
  | 'test_set'
  | 'test_clr'
  | 'xor'
  | 'test_xor'
  /** Saturating: unsigned, at 2^32 - 1 and 0. */
  | 'addsat'
  | 'subsat'
  | 'test_addsat'
  | 'test_subsat'
  | 'add64'
  | 'sub64'
  | 'incr64'
  | 'decr64'
  | 'test_add64'
  | 'test_sub64'
  /** Rings and work queues in EMEM: the address is that of the queue engine and, as its low part, the ring's number. */
  | 'ring_put'
  | 'ring_get'
  | 'ring_get_freely'
  | 'ring_pop'
  | 'ring_pop_freely'
  | 'ring_journal'
  | 'ring_push_descriptor'
  | 'workq_add_work'
  | 'workq_add_thread'
  /** Sets up the ring that `count` numbers from the descriptor at the address. */
  | 'ring_read_descriptor'
  /** The low part of the address is the word that ring `count` takes. */
  | 'ring_journal_fast';

export interface MemoryOperation extends At {
  readonly op: 'memory';
  readonly command: MemoryCommand;
  readonly address: MemoryAddress;
  /** Transfer words used: `words[first ..]` of the group. Absent for commands without any. */
  readonly group: number | undefined;
  readonly first: number;
  /** At most 32 words, and 32 octets for read8/write8. A register must hold at least 1. */
  readonly count: Operand;
  /** `swap`: other contexts run until the command is done. A number: signal to wait for later. */
  readonly completion: 'swap' | number;
}

export type MemoryAddress =
  /** An octet of a memory object, wherever it is placed. */
  | { readonly form: 'object'; readonly object: string; readonly offset: Operand }
  /** `base + offset`, 32 bits: own island for ctm and cls, unit 0 for emem and imem. */
  | { readonly form: 'memory'; readonly memory: MemoryName; readonly base: Operand; readonly offset: Operand }
  /** 40 bits: `high` is the octet of bits 39..32. */
  | { readonly form: 'wide'; readonly high: Operand; readonly low: Operand };

export type Terminator = At &
  (
    | { readonly op: 'jump'; readonly to: string }
    | {
        readonly op: 'branch';
        readonly relation: Relation;
        readonly left: Operand;
        readonly right: Operand;
        readonly taken: string;
        readonly otherwise: string;
      }
    /** 64-bit comparison. */
    | {
        readonly op: 'branch_wide';
        readonly relation: Relation;
        readonly leftLow: Operand;
        readonly leftHigh: Operand;
        readonly rightLow: Operand;
        readonly rightHigh: Operand;
        readonly taken: string;
        readonly otherwise: string;
      }
    /** `taken` when bit `bit` (0 = least significant) of source is set. */
    | {
        readonly op: 'branch_bit';
        readonly source: Operand;
        readonly bit: number;
        readonly taken: string;
        readonly otherwise: string;
      }
    /** As `signal_test`, which becomes this when it is made legal. */
    | {
        readonly op: 'branch_signal';
        readonly signal: number;
        readonly second: boolean;
        readonly taken: string;
        readonly otherwise: string;
      }
    | { readonly op: 'return'; readonly values: readonly Operand[] }
    /** The context never runs again. */
    | { readonly op: 'halt' }
  );
