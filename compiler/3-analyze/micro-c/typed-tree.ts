import type { SourcePosition } from '../../../base/errors.ts';
import type { Field, FunctionType, IntegerType, Memory, QualifiedType, Type } from './types.ts';

/**
 * What the analysis makes of a syntax tree: names are resolved, every expression has a type, every conversion is
 * written out, constants are computed. Phase 4 turns it into IR and can no longer fail on a bad program, but for limits
 * of the NIC.
 */
export interface TypedProgram {
  readonly functions: ReadonlyMap<string, TypedFunction>;
  readonly globals: readonly Variable[];
}

export interface TypedFunction {
  readonly name: string;
  readonly position: SourcePosition;
  readonly type: FunctionType;
  readonly inline: 'inline' | 'noinline' | undefined;
  /** Lambda whose file declares it first, or `runtime`. */
  readonly owner: string;
  parameters: readonly Variable[];
  /** Absent: declared, and defined in no file. */
  body: TypedStatement | undefined;
  /** Functions whose bodies it calls; for the check against recursion. */
  readonly calls: Map<TypedFunction, SourcePosition>;
}

/** An object with a name: global, static, local or parameter. */
export interface Variable {
  readonly name: string;
  readonly position: SourcePosition;
  type: QualifiedType;
  /** Where it lies; for a local scalar `gpr` until its address is taken, which moves it to `lmem`. */
  memory: Memory;
  readonly storage: 'global' | 'local' | 'parameter';
  readonly align: number;
  /** Octets at load, for a global in a memory; zero when absent. */
  initial: Uint8Array | undefined;
  /** Lambda that declares it, or `runtime`. */
  readonly owner: string;
  /** `__export`: the runtime's object is granted to all lambdas. */
  exported: boolean;
  uses: number;
  /** How often the program assigns to it, its initializer not counted. */
  assignments: number;
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
        readonly computeType: IntegerType;
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

export interface SwitchCase {
  /** Absent: `default`. */
  readonly value: bigint | undefined;
  readonly position: SourcePosition;
}

/** One scalar of an initializer: the object is an lvalue inside the variable. */
export interface LocalInitial {
  readonly target: TypedExpression;
  readonly value: TypedExpression;
}
