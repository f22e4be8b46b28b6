/*
 * An encoder for the few WebAssembly instructions that translated regions consist of (WebAssembly Core Specification
 * 2.0, chapter 5 "Binary Format"). One function a module; its memory is imported.
 */

export const I32 = 0x7f;
export const I64 = 0x7e;
export const F64 = 0x7c;

// Instructions without immediates (5.4.5 "Numeric Instructions", 5.4.1 "Control Instructions", 5.4.2 "Parametric").
export const SELECT = 0x1b;
export const I32_EQZ = 0x45;
export const I32_EQ = 0x46;
export const I32_NE = 0x47;
export const I32_LT_S = 0x48;
export const I32_GT_S = 0x4a;
export const I32_GT_U = 0x4b;
export const I32_LE_S = 0x4c;
export const I32_GE_S = 0x4e;
export const I32_GE_U = 0x4f;
export const I32_LT_U = 0x49;
export const I32_CTZ = 0x68;
export const I32_POPCNT = 0x69;
export const I32_ADD = 0x6a;
export const I32_SUB = 0x6b;
export const I32_MUL = 0x6c;
export const I32_AND = 0x71;
export const I32_OR = 0x72;
export const I32_XOR = 0x73;
export const I32_SHL = 0x74;
export const I32_SHR_S = 0x75;
export const I32_SHR_U = 0x76;
export const I32_ROTR = 0x78;
export const I64_ADD = 0x7c;
export const I64_MUL = 0x7e;
export const I64_OR = 0x84;
export const I64_SHL = 0x86;
export const I64_SHR_U = 0x88;
export const I32_WRAP_I64 = 0xa7;
export const I64_EXTEND_I32_U = 0xad;
export const F64_EQ = 0x61;
export const F64_LT = 0x63;
export const F64_LE = 0x65;
export const F64_ADD = 0xa0;
export const F64_SUB = 0xa1;
export const F64_MAX = 0xa5;
export const F64_CONVERT_I32_S = 0xb7;

const BLOCK = 0x02;
const LOOP = 0x03;
const IF = 0x04;
const ELSE = 0x05;
const END = 0x0b;
const BR = 0x0c;
const BR_IF = 0x0d;
const BR_TABLE = 0x0e;
const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;
const LOCAL_TEE = 0x22;
const I32_LOAD = 0x28;
const F64_LOAD = 0x2b;
const I32_STORE = 0x36;
const F64_STORE = 0x39;
const I32_CONST = 0x41;
const I64_CONST = 0x42;
const F64_CONST = 0x44;
/** With the second octet 2: i32.trunc_sat_f64_s. */
const SATURATING = 0xfc;
const NO_RESULT = 0x40;
/** log2 of the alignments that accesses promise. */
const WORD_ALIGNMENT = 2;
const FLOAT_ALIGNMENT = 3;

/** A function's body while it grows. */
export class WasmCode {
  private readonly octets: number[] = [];
  /** Labels that are open, to turn them into the relative depths of branches. */
  private depth = 0;

  /** Instructions without immediates. */
  op(...codes: readonly number[]): this {
    this.octets.push(...codes);
    return this;
  }

  constant(value: number): this {
    this.octets.push(I32_CONST);
    pushSigned(this.octets, value | 0);
    return this;
  }

  /** @param value at most 2^31 - 1 */
  constant64(value: number): this {
    this.octets.push(I64_CONST);
    pushSigned(this.octets, value);
    return this;
  }

  constantFloat(value: number): this {
    this.octets.push(F64_CONST, ...new Uint8Array(new Float64Array([value]).buffer));
    return this;
  }

  /** Makes an integer of the float on the stack; what is too large or too small becomes the largest or smallest. */
  truncate(): this {
    this.octets.push(SATURATING, 2);
    return this;
  }

  get(local: number): this {
    return this.withIndex(LOCAL_GET, local);
  }

  set(local: number): this {
    return this.withIndex(LOCAL_SET, local);
  }

  tee(local: number): this {
    return this.withIndex(LOCAL_TEE, local);
  }

  /** Loads the word at (address on the stack) + offset octets. */
  load(offset: number): this {
    return this.access(I32_LOAD, WORD_ALIGNMENT, offset);
  }

  /** Stores the word on the stack to (address below it) + offset octets. */
  store(offset: number): this {
    return this.access(I32_STORE, WORD_ALIGNMENT, offset);
  }

  /** As `load` and `store`, of a float. */
  loadFloat(offset: number): this {
    return this.access(F64_LOAD, FLOAT_ALIGNMENT, offset);
  }

  storeFloat(offset: number): this {
    return this.access(F64_STORE, FLOAT_ALIGNMENT, offset);
  }

  /** @returns a label that `branch` takes; branching there goes behind the block's end */
  block(): number {
    return this.open(BLOCK);
  }

  /** @returns a label; branching there goes to the loop's start */
  loop(): number {
    return this.open(LOOP);
  }

  if(): number {
    return this.open(IF);
  }

  else(): this {
    this.octets.push(ELSE);
    return this;
  }

  end(): this {
    this.depth--;
    this.octets.push(END);
    return this;
  }

  branch(label: number): this {
    return this.withIndex(BR, this.depth - label);
  }

  /** Branches if the word on the stack is not 0. */
  branchIf(label: number): this {
    return this.withIndex(BR_IF, this.depth - label);
  }

  /** Branches to `labels[index on the stack]`, to the last of them for larger ones. */
  branchTable(labels: readonly number[]): this {
    this.withIndex(BR_TABLE, labels.length - 1);
    for (const label of labels) pushUnsigned(this.octets, this.depth - label);
    return this;
  }

  /** The octets so far. */
  finish(): readonly number[] {
    return this.octets;
  }

  private open(kind: number): number {
    this.octets.push(kind, NO_RESULT);
    this.depth++;
    return this.depth;
  }

  private withIndex(code: number, index: number): this {
    this.octets.push(code);
    pushUnsigned(this.octets, index);
    return this;
  }

  private access(code: number, alignment: number, offset: number): this {
    this.octets.push(code, alignment);
    pushUnsigned(this.octets, offset);
    return this;
  }
}

/** The one function of a module: so many i32 parameters, no results, then i64, f64 and i32 locals. */
export interface WasmFunction {
  readonly parameters: number;
  readonly locals64: number;
  readonly floats: number;
  readonly locals32: number;
  readonly code: readonly number[];
}

/** Names under which a module imports its memory and exports its function. */
export const IMPORT_MODULE = 'npu';
export const IMPORT_MEMORY = 'memory';
export const EXPORT_RUN = 'run';

/** A module of one function (5.5 "Modules"). */
export function encodeModule(fn: WasmFunction): Uint8Array {
  const locals = vector([run(fn.locals64, I64), run(fn.floats, F64), run(fn.locals32, I32)]);
  const body = [...locals, ...fn.code, END];
  const octets = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  const section = (id: number, content: readonly number[]): void => {
    octets.push(id);
    pushUnsigned(octets, content.length);
    for (const octet of content) octets.push(octet);
  };
  section(1, vector([[0x60, ...vector(Array.from({ length: fn.parameters }, () => [I32])), 0x00]]));
  section(2, vector([[...name(IMPORT_MODULE), ...name(IMPORT_MEMORY), 0x02, 0x00, 0x00]]));
  section(3, vector([[0x00]]));
  section(7, vector([[...name(EXPORT_RUN), 0x00, 0x00]]));
  section(10, vector([[...unsigned(body.length), ...body]]));
  return Uint8Array.from(octets);
}

function run(count: number, type: number): number[] {
  return [...unsigned(count), type];
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function name(text: string): number[] {
  return vector(Array.from(text, (character) => [character.charCodeAt(0)]));
}

function unsigned(value: number): number[] {
  const octets: number[] = [];
  pushUnsigned(octets, value);
  return octets;
}

/** LEB128 (5.2.2 "Integers"). */
function pushUnsigned(octets: number[], value: number): void {
  while (value >= 0x80) {
    octets.push((value & 0x7f) | 0x80);
    value >>>= 7;
  }
  octets.push(value);
}

function pushSigned(octets: number[], value: number): void {
  for (;;) {
    const low = value & 0x7f;
    value >>= 7;
    if ((value === 0 && (low & 0x40) === 0) || (value === -1 && (low & 0x40) !== 0)) {
      octets.push(low);
      return;
    }
    octets.push(low | 0x80);
  }
}
