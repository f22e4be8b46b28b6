import { assert } from '../../../base/assert.ts';
import type { SourcePosition } from '../../../base/errors.ts';
import type {
  Recursion,
  TypedExpression,
  TypedFunction,
  TypedProgram,
  TypedStatement,
  Variable,
} from '../../3-analyze/micro-c/typed-tree.ts';
import {
  isWidePointer,
  type PointerType,
  type QualifiedType,
  sizeOf,
  type Type,
} from '../../3-analyze/micro-c/types.ts';
import type { Diagnostics } from '../../diagnostics.ts';
import type { IrModule, MemoryName, Operand, Register } from '../../ir.ts';
import { addObject, addressOf, constant, type FunctionBuilder } from '../../ir-builder.ts';
import { contextIndex } from './context-index.ts';
import { placeAddress } from './pointers.ts';
import { DEPTH_REGISTER } from './recursion.ts';
import type { Place, Value } from './value.ts';

/** What all functions of a module share. */
export interface ModuleLowering {
  readonly module: IrModule;
  readonly program: TypedProgram;
  readonly diagnostics: Diagnostics;
  readonly strings: Map<string, string>;
  readonly objects: Map<Variable, string>;
  /** Functions that are called, not inlined, by the name they have in the module. */
  readonly called: Map<TypedFunction, string>;
  readonly pending: TypedFunction[];
  /** Functions that are called though they do not ask for it: inlining them would make too much code. */
  readonly outOfLine: ReadonlySet<TypedFunction>;
  /** Locals that are moved out of local memory, because together they are more than it holds. */
  readonly moved: ReadonlySet<Variable>;
  /** Copies of an object that exists once a context: one for each context that a NIC may have. */
  readonly contextSlots: number;
  /** Objects that called functions leave their large results in. */
  readonly results: Map<TypedFunction, Variable>;
}

/** A function body that is being written into the current IR function, inlined or not. */
export interface Body {
  readonly function: TypedFunction;
  /** Where `return` goes and where it leaves its value; absent when it ends the IR function. */
  readonly exit: { readonly block: string; readonly result: Place | undefined } | undefined;
  readonly labels: Map<string, string>;
  breakTo: string | undefined;
  continueTo: string | undefined;
  /** Blocks of the cases of the innermost switch, by case. */
  cases: Map<object, string>;
}

/** Where lowering goes round: a call in an expression brings statements. Tied in lower.ts. */
export interface LoweringRules {
  expression(lowering: Lowering, expression: TypedExpression): Value;
  statement(lowering: Lowering, statement: TypedStatement): void;
}

/** Structures' values up to here pass through local memory or registers. */
const TEMPORARY_OCTETS_MAX = 64;

/** One IR function in the making. */
export class Lowering {
  readonly shared: ModuleLowering;
  readonly b: FunctionBuilder;
  /** Only the entry function may use objects that exist once a context. */
  readonly isEntry: boolean;
  readonly rules: LoweringRules;
  body: Body;
  private readonly places = new Map<Variable, Place>();
  private readonly bound = new Map<Variable, Value>();
  /** Registers that belong to variables, whose values change behind a reader's back. */
  private readonly variableRegisters = new Set<number>();
  /** By the power of two that a context's copies are apart: how far this context's is from the first. */
  private readonly contextOffsets = new Map<number, Register>();
  /** Objects of a recursion's calls: other functions into which the same code is inlined have others. */
  private readonly ownObjects = new Map<Variable, string>();
  /** That the function belongs to. */
  private readonly recursion: Recursion | undefined;
  depth = 0;

  constructor(shared: ModuleLowering, b: FunctionBuilder, body: Body, isEntry: boolean, rules: LoweringRules) {
    this.rules = rules;
    this.recursion = shared.program.recursions.find(({ functions }) => functions.includes(body.function));
    this.shared = shared;
    this.b = b;
    this.body = body;
    this.isEntry = isEntry;
  }

  /** What is being lowered, for complaints of code that sees values only. */
  get position(): SourcePosition {
    return this.b.position ?? this.body.function.position;
  }

  error(code: string, position: SourcePosition, message: string, hint?: string): void {
    this.shared.diagnostics.error(code, position, message, hint);
  }

  // ---- variables

  boundValue(variable: Variable): Value | undefined {
    return this.bound.get(variable);
  }

  /**
   * Gives a variable that is never assigned to its value for good, without storage. The operands must not change later,
   * so those that are variables themselves are copied.
   */
  bind(variable: Variable, value: Value): void {
    this.bound.set(variable, this.frozen(value));
  }

  unbind(variable: Variable): void {
    this.bound.delete(variable);
    this.places.delete(variable);
  }

  frozen(value: Value): Value {
    const freeze = (operand: Operand): Operand =>
      operand.kind === 'register' && this.variableRegisters.has(operand.id) ? this.b.copy(operand) : operand;
    const optional = (operand: Operand | undefined): Operand | undefined => operand && freeze(operand);
    switch (value.kind) {
      case 'none':
        return value;
      case 'word':
        return { kind: 'word', operand: freeze(value.operand) };
      case 'pair':
        return { kind: 'pair', low: freeze(value.low), high: freeze(value.high) };
      case 'pointer': {
        const { place } = value;
        switch (place.kind) {
          case 'register':
            return value;
          case 'local':
            return { kind: 'pointer', place: { ...place, words: optional(place.words), base: optional(place.base) } };
          case 'transfer':
            return { kind: 'pointer', place: { ...place, words: optional(place.words) } };
          case 'object':
            return { kind: 'pointer', place: { ...place, base: optional(place.base) } };
          case 'near':
            return { kind: 'pointer', place: { ...place, base: freeze(place.base) } };
          case 'wide':
            return { kind: 'pointer', place: { ...place, high: freeze(place.high), low: freeze(place.low) } };
        }
      }
    }
  }

  /** Where a variable lies; storage of locals comes into being here. */
  placeOf(variable: Variable, position: SourcePosition): Place {
    const known = this.places.get(variable);
    if (known !== undefined) return known;
    const place = this.createPlace(variable, position);
    this.places.set(variable, place);
    return place;
  }

  /** Makes `place`, which nothing else names from now on, the variable's, if it is of the kind that the variable has. */
  adopt(variable: Variable, place: Place): boolean {
    const fits =
      place.kind === 'object' ? this.isInFrame(variable) : place.kind === 'local' && !this.isInFrame(variable);
    if (fits) this.places.set(variable, place);
    return fits;
  }

  /** A local that lies in the context's part of EMEM. */
  private isInFrame(variable: Variable): boolean {
    return variable.storage !== 'global' && (variable.memory === 'mem' || this.shared.moved.has(variable));
  }

  private createPlace(variable: Variable, position: SourcePosition): Place {
    const { memory, name, type } = variable;
    const octets = sizeOf(type.type) ?? 4;
    const perContext =
      memory === 'gpr' || memory === 'lmem' || memory === 'xread' || memory === 'xwrite' || memory === 'xrw';
    if (variable.storage === 'global' && perContext && !this.isEntry) {
      const hint = 'pass it as an argument, or let the function be inlined';
      this.error(
        'lower-context-object',
        position,
        `${name} exists once a context and cannot be used in a called function`,
        hint,
      );
    }
    if (this.isInFrame(variable)) return this.framePlace(variable, octets);
    switch (memory) {
      case 'gpr':
        return this.newRegisters(type.type, name);
      case 'lmem': {
        const local = this.b.local(name, Math.ceil(octets / 4));
        return { kind: 'local', local, words: undefined, base: undefined, octets: 0 };
      }
      case 'xread':
      case 'xwrite':
      case 'xrw': {
        const group = this.b.group(Math.ceil(octets / 4), name);
        const side = memory === 'xread' ? 'in' : memory === 'xwrite' ? 'out' : 'both';
        return { kind: 'transfer', group, side, words: undefined, octets: 0 };
      }
      default:
        return { kind: 'object', object: this.objectOf(variable), base: undefined, octets: 0 };
    }
  }

  /** The running context's copy of a local that lies in a memory of the NIC. */
  private framePlace(variable: Variable, octets: number): Place {
    const strideBits = Math.max(3, Math.ceil(Math.log2(Math.max(octets, 1))));
    const objects = this.recursion === undefined ? this.shared.objects : this.ownObjects;
    const known = objects.get(variable);
    const object = known ?? this.freeName(variable.name === '' ? 'unnamed' : variable.name);
    if (known === undefined) {
      objects.set(variable, object);
      this.addFrameObject(object, strideBits, variable);
    }
    return { kind: 'object', object, base: this.contextOffset(strideBits), octets: 0 };
  }

  /** A copy for each context, and of it one for each call that a recursion may have open. */
  private addFrameObject(
    name: string,
    strideBits: number,
    { owner, align, position }: { owner: string; align: number; position: SourcePosition },
  ): void {
    const bits = strideBits + (this.recursion === undefined ? 0 : depthBits(this.recursion));
    addObject(this.shared.module, {
      name,
      owner,
      memory: 'emem',
      octets: 2 ** bits * this.shared.contextSlots,
      align: Math.max(align, 8),
      position,
    });
  }

  private contextOffset(strideBits: number): Register {
    const known = this.contextOffsets.get(strideBits);
    if (known !== undefined) return known;
    const register = this.b.register('context.offset');
    this.contextOffsets.set(strideBits, register);
    return register;
  }

  /**
   * Writes, at the function's start, how far this context's copies of objects are from the first ones, and within them,
   * in a recursion, this call's.
   */
  finish(): void {
    if (this.contextOffsets.size === 0) return;
    const { blocks } = this.b.function;
    const first = blocks[0];
    assert(first !== undefined, 'a function has a first block');
    const before = first.operations.splice(0, first.operations.length);
    this.b.reopen(first, this.b.function.position);
    const index = contextIndex(this.b);
    const depth = this.recursion === undefined ? undefined : this.b.csrRead(DEPTH_REGISTER);
    for (const [strideBits, target] of this.contextOffsets) {
      if (depth === undefined || this.recursion === undefined) this.b.binary('shl', index, strideBits, target);
      else {
        const context = this.b.binary('shl', index, strideBits + depthBits(this.recursion));
        this.b.add(context, this.b.binary('shl', depth, strideBits), target);
      }
    }
    this.b.leave();
    first.operations.push(...before);
  }

  /** An object of the block at hand without a name, for a structure's value. */
  temporary(octets: number, position: SourcePosition): Place {
    if (octets <= TEMPORARY_OCTETS_MAX) {
      const local = this.b.local('temporary', Math.ceil(octets / 4));
      return { kind: 'local', local, words: undefined, base: undefined, octets: 0 };
    }
    const strideBits = Math.ceil(Math.log2(octets));
    const name = this.freeName('temporary');
    this.addFrameObject(name, strideBits, { owner: this.body.function.owner, align: 8, position });
    return { kind: 'object', object: name, base: this.contextOffset(strideBits), octets: 0 };
  }

  private freeName(wanted: string): string {
    let name = wanted;
    for (let copy = 2; this.shared.module.objects.has(name); copy++) name = `${wanted}.${copy}`;
    return name;
  }

  /** Registers for a scalar; they count as a variable's. */
  newRegisters(type: Type, name: string): Place {
    const low = this.b.register(name);
    const high = isTwoWords(type) ? this.b.register(`${name}.high`) : undefined;
    this.variableRegisters.add(low.id);
    if (high !== undefined) this.variableRegisters.add(high.id);
    return { kind: 'register', low, high };
  }

  private objectOf(variable: Variable): string {
    const known = this.shared.objects.get(variable);
    if (known !== undefined) return known;
    const { module, objects, program } = this.shared;
    const name = this.freeName(variable.name);
    objects.set(variable, name);
    if (!program.globals.includes(variable)) {
      const hint = 'one file must define it, without extern';
      this.error('name-undefined', variable.position, `${variable.name} is declared, but no file defines it`, hint);
    }
    // Two objects may point to one another: each has its name before the other's is asked for.
    const octets = sizeOf(variable.type.type) ?? 4;
    const object = addObject(module, {
      name,
      owner: variable.owner,
      exported: variable.exported,
      memory: variable.memory as MemoryName,
      movable: variable.type.memory === undefined && variable.memory === 'emem',
      octets,
      // Bulk commands move words: nothing lies across one.
      align: Math.max(variable.align, 4),
      initial: variable.initial ?? new Uint8Array(0),
      readOnly: isConstant(variable.type),
      position: variable.position,
    });
    if (variable.addresses.length > 0) {
      const addresses = variable.addresses.map(({ octet, target, offset, octets: width }) => {
        const pointedTo = 'string' in target ? this.stringName(target.string, variable) : this.objectOf(target);
        return { octet, object: pointedTo, offset, octets: width };
      });
      module.objects.set(name, { ...object, addresses });
    }
    return name;
  }

  stringObject(octets: Uint8Array, position: SourcePosition): Place {
    const { owner } = this.body.function;
    return { kind: 'object', object: this.stringName(octets, { owner, position }), base: undefined, octets: 0 };
  }

  private stringName(octets: Uint8Array, { owner, position }: { owner: string; position: SourcePosition }): string {
    const { module, strings } = this.shared;
    // Lambdas share no memory, not even what is equal and read-only.
    const key = `${owner} ${octets.join(',')}`;
    let name = strings.get(key);
    if (name === undefined) {
      name = `string.${strings.size}`;
      strings.set(key, name);
      addObject(module, {
        name,
        owner,
        memory: 'emem',
        octets: octets.length,
        initial: octets,
        readOnly: true,
        position,
      });
    }
    return name;
  }

  /** The object that a structure's value is, wherever it lies. */
  placeIn(value: Value): Place {
    assert(value.kind === 'pointer', "a structure's value is a place");
    return value.place;
  }

  // ---- words

  /** The single word of a value: an integer of at most 32 bits, or a 32-bit address. */
  wordOf(value: Value): Operand {
    if (value.kind === 'word') return value.operand;
    if (value.kind === 'pair') return value.low;
    if (value.kind === 'pointer') return placeAddress(this, value.place).low;
    assert(false, 'a void expression has no value');
  }

  /** Low and high word of a 64-bit integer or a 40-bit address. */
  pairOf(value: Value): { low: Operand; high: Operand } {
    if (value.kind === 'pair') return value;
    if (value.kind === 'pointer') return placeAddress(this, value.place);
    return { low: this.wordOf(value), high: constant(0) };
  }

  /** left + right, constants folded. */
  sum(left: Operand | undefined, right: Operand | undefined): Operand | undefined {
    if (left === undefined || isZero(left)) return right ?? left;
    if (right === undefined || isZero(right)) return left;
    if (left.kind === 'constant' && right.kind === 'constant') return constant(left.value + right.value);
    if (left.kind === 'address' && right.kind === 'constant' && left.part === 'low') {
      return addressOf(left.object, 'low', left.offset + (right.value | 0));
    }
    return this.b.add(left, right);
  }

  /** value * factor for an index. */
  scaled(value: Operand, factor: number): Operand {
    if (value.kind === 'constant') return constant(Math.imul(value.value, factor));
    if (factor === 1) return value;
    if ((factor & (factor - 1)) === 0) return this.b.binary('shl', value, Math.log2(factor));
    return this.b.binary('mul', value, factor);
  }

  /** Goes on in a new block when the current one has ended, so that code after a jump still has a home. */
  ensureOpen(): void {
    if (!this.b.isOpen()) this.b.startBlock(this.b.blockName('dead'));
  }
}

/** An array is as const as its elements are. */
function isConstant({ type, const: isConst }: QualifiedType): boolean {
  return isConst || (type.kind === 'array' && isConstant(type.of));
}

/** As many bits as the number of an open call has. */
function depthBits({ depth }: Recursion): number {
  return Math.ceil(Math.log2(depth));
}

export function isZero(operand: Operand): boolean {
  return operand.kind === 'constant' && operand.value === 0;
}

/** The type's values take two registers. */
export function isTwoWords(type: Type): boolean {
  return (
    ((type.kind === 'integer' || type.kind === 'fixed') && type.bits === 64) ||
    (type.kind === 'pointer' && isWidePointer(type as PointerType))
  );
}

export function registerOf(place: Place): Register {
  assert(place.kind === 'register', 'a register place');
  return place.low;
}
