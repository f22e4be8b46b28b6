import type { SourcePosition } from '../../../base/errors.ts';
import type { Declarator } from '../../2-parse/micro-c/tree.ts';
import type { Field, FixedType, FunctionType, IntegerType, Memory, QualifiedType, Type } from './types.ts';

/**
 * What the analysis makes of a syntax tree: names are resolved, every expression has a type, every conversion is
 * written out, constants are computed. Phase 4 turns it into IR and can no longer fail on a bad program, but for limits
 * of the NIC.
 */
export interface TypedProgram {
  readonly functions: ReadonlyMap<string, TypedFunction>;
  readonly globals: readonly Variable[];
  /** Functions whose address is taken: a pointer to `addressed[n]` is the number n + 1. */
  readonly addressed: readonly TypedFunction[];
  /** What calls itself, with its bound; empty unless the program is lowered. */
  readonly recursions: readonly Recursion[];
}

/** Functions that call one another in a circle. */
export interface Recursion {
  readonly functions: readonly TypedFunction[];
  /** Calls of them that may be open at once. */
  readonly depth: number;
  readonly position: SourcePosition;
}

export interface TypedFunction {
  readonly name: string;
  readonly position: SourcePosition;
  readonly type: FunctionType;
  inline: 'inline' | 'noinline' | undefined;
  readonly isStatic: boolean;
  uses: number;
  /** Calls of it that may be open at once, as the program says. */
  recursionDepth: number | undefined;
  /** Lambda whose file declares it first, or `runtime`. */
  readonly owner: string;
  parameters: readonly Variable[];
  /** Absent: declared, and defined in no file. */
  body: TypedStatement | undefined;
  /** Functions whose bodies it calls; for the check against recursion. */
  readonly calls: Map<TypedFunction, SourcePosition>;
  /** Calls through pointers: of any function of that type whose address is taken. */
  readonly pointerCalls: { readonly type: FunctionType; readonly position: SourcePosition }[];
}

/** Part of an object's initial content that is an address, known when objects are placed. */
export interface InitialAddress {
  /** Where in the object. */
  readonly octet: number;
  readonly target: Variable | { readonly string: Uint8Array };
  /** Added to the target's address. */
  readonly offset: number;
  /** 4: an address within an island's memory; 8: a 40-bit address. */
  readonly octets: 4 | 8;
}

/** An object with a name: global, static, local or parameter. */
export interface Variable {
  readonly name: string;
  readonly position: SourcePosition;
  /** Where it was declared: the same in every analysis of a function body. */
  readonly declarator: Declarator;
  type: QualifiedType;
  /**
   * Where it lies; for a local scalar `gpr` until its address is taken, which moves it to `lmem`. A local in `mem` has a
   * copy for each context in a memory that plain pointers reach.
   */
  memory: Memory;
  readonly storage: 'global' | 'local' | 'parameter';
  readonly align: number;
  /** Octets at load, for a global in a memory; zero when absent. */
  initial: Uint8Array | undefined;
  /** Addresses in there. */
  addresses: readonly InitialAddress[];
  /** Lambda that declares it, or `runtime`. */
  readonly owner: string;
  /** `__export`: the runtime's object is granted to all lambdas. */
  exported: boolean;
  uses: number;
  /** How often the program assigns to it, its initializer not counted. */
  assignments: number;
  /** An element is named by an index that is not constant, so that it cannot live in registers. */
  indexed: boolean;
}

/** A value or an object. `lvalue` says that it names an object in a memory or in registers. */
export type TypedExpression = Typed &
  (
    | { readonly kind: 'constant'; readonly value: bigint }
    | { readonly kind: 'string'; readonly octets: Uint8Array }
    | { readonly kind: 'variable'; readonly variable: Variable }
    | { readonly kind: 'dereference'; readonly pointer: TypedExpression }
    | { readonly kind: 'field'; readonly object: TypedExpression; readonly field: Field }
    | { readonly kind: 'address'; readonly object: TypedExpression }
    /** Array to pointer to its first element (6.3.2.1). */
    | { readonly kind: 'decay'; readonly array: TypedExpression }
    | { readonly kind: 'negate' | 'complement' | 'not'; readonly operand: TypedExpression }
    | {
        readonly kind: 'arithmetic';
        readonly operator: '*' | '/' | '%' | '+' | '-' | '<<' | '>>' | '&' | '^' | '|';
        readonly left: TypedExpression;
        readonly right: TypedExpression;
      }
    | {
        readonly kind: 'compare';
        readonly operator: '<' | '>' | '<=' | '>=' | '==' | '!=';
        readonly left: TypedExpression;
        readonly right: TypedExpression;
      }
    /** `index` counts objects of `octets` octets; it is a 32-bit integer. */
    | {
        readonly kind: 'pointer-add';
        readonly pointer: TypedExpression;
        readonly index: TypedExpression;
        readonly octets: number;
        readonly subtract: boolean;
      }
    | {
        readonly kind: 'pointer-difference';
        readonly left: TypedExpression;
        readonly right: TypedExpression;
        readonly octets: number;
      }
    | {
        readonly kind: 'logical';
        readonly operator: '&&' | '||';
        readonly left: TypedExpression;
        readonly right: TypedExpression;
      }
    | {
        readonly kind: 'conditional';
        readonly condition: TypedExpression;
        readonly then: TypedExpression;
        readonly otherwise: TypedExpression;
      }
    | { readonly kind: 'comma'; readonly left: TypedExpression; readonly right: TypedExpression }
    | { readonly kind: 'convert'; readonly operand: TypedExpression }
    | { readonly kind: 'assign'; readonly target: TypedExpression; readonly value: TypedExpression }
    /** `target op= value`: computed in `computeType` (6.5.16.2); the result is the new value, or the old one. */
    | {
        readonly kind: 'update';
        readonly operator: '*' | '/' | '%' | '+' | '-' | '<<' | '>>' | '&' | '^' | '|';
        readonly target: TypedExpression;
        readonly value: TypedExpression;
        readonly computeType: IntegerType | FixedType;
        readonly result: 'new' | 'old';
      }
    /** `target += index` for a pointer. */
    | {
        readonly kind: 'pointer-update';
        readonly target: TypedExpression;
        readonly index: TypedExpression;
        readonly octets: number;
        readonly subtract: boolean;
        readonly result: 'new' | 'old';
      }
    | { readonly kind: 'call'; readonly function: TypedFunction; readonly arguments: readonly TypedExpression[] }
    /** One of the functions of the pointer's type whose address is taken. */
    | {
        readonly kind: 'call-pointer';
        readonly pointer: TypedExpression;
        readonly arguments: readonly TypedExpression[];
      }
    /** An unnamed object of a block (6.5.2.5), made anew each time. */
    | { readonly kind: 'compound-literal'; readonly variable: Variable; readonly made: LocalStatement }
    | { readonly kind: 'intrinsic'; readonly name: string; readonly arguments: readonly TypedExpression[] }
  );

interface Typed {
  readonly position: SourcePosition;
  readonly type: Type;
  readonly lvalue: boolean;
  /** Of the object, for an lvalue: it decides the memory that a pointer to it points into. */
  readonly qualifiers: QualifiedType | undefined;
}

export type TypedStatement = { readonly position: SourcePosition } & (
  | { readonly kind: 'block'; readonly items: readonly TypedStatement[] }
  | { readonly kind: 'expression'; readonly expression: TypedExpression }
  /** A local comes into being, with its first value; the rest of an initialised aggregate is zeroed before. */
  | {
      readonly kind: 'local';
      readonly variable: Variable;
      readonly initial: readonly LocalInitial[];
      readonly zero: boolean;
      /** The constants among the first values as they lie in the object; absent for a scalar. */
      readonly template: Uint8Array | undefined;
    }
  | {
      readonly kind: 'if';
      readonly condition: TypedExpression;
      readonly then: TypedStatement;
      readonly otherwise: TypedStatement | undefined;
    }
  | {
      readonly kind: 'loop';
      readonly initial: readonly TypedStatement[];
      readonly condition: TypedExpression | undefined;
      /** `do`: the condition is tested after the body. */
      readonly testAfter: boolean;
      readonly step: TypedExpression | undefined;
      readonly body: TypedStatement;
    }
  | {
      readonly kind: 'switch';
      readonly value: TypedExpression;
      readonly body: TypedStatement;
      readonly cases: readonly SwitchCase[];
    }
  | { readonly kind: 'case'; readonly case: SwitchCase; readonly body: TypedStatement }
  | { readonly kind: 'goto'; readonly label: string }
  | { readonly kind: 'label'; readonly label: string; readonly body: TypedStatement }
  | { readonly kind: 'break' | 'continue' }
  | { readonly kind: 'return'; readonly value: TypedExpression | undefined }
);

export type LocalStatement = Extract<TypedStatement, { readonly kind: 'local' }>;

export interface SwitchCase {
  /** Absent: `default`. */
  readonly value: bigint | undefined;
  /** Last value of a range; that of `value` for one. */
  readonly last: bigint | undefined;
  readonly position: SourcePosition;
}

/** One scalar of an initializer: the object is an lvalue inside the variable. */
export interface LocalInitial {
  readonly target: TypedExpression;
  readonly value: TypedExpression;
}
