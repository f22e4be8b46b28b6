import type { SourcePosition } from '../../../base/errors.ts';

/** The syntax tree of P4-14 (language specification 1.0.5); sections in comments are of it. */
export interface P4Program {
  readonly declarations: readonly P4Declaration[];
}

export type P4Declaration =
  | HeaderType
  | Instance
  | ParserState
  | FieldList
  | FieldListCalculation
  | CalculatedField
  | PrimitiveAction
  | Action
  | Table
  | Control
  | ValueSet
  | ParserException
  | Counter
  | Meter
  | Register
  | ActionProfile
  | ActionSelector;

interface Named {
  readonly position: SourcePosition;
  readonly name: string;
}

/** 2.1 */
export interface HeaderType extends Named {
  readonly kind: 'header-type';
  readonly fields: readonly HeaderField[];
  /** Octets of the whole header, computed from its fields; needed when one of them is `*`. */
  readonly length: P4Expression | undefined;
  readonly maxLengthOctets: { readonly value: bigint; readonly position: SourcePosition } | undefined;
}

export interface HeaderField extends Named {
  /** 0: `*`, as wide as the header's length leaves it. */
  readonly bits: number;
  readonly signed: boolean;
  readonly saturating: boolean;
}

/** 2.2 */
export interface Instance extends Named {
  readonly kind: 'instance';
  readonly type: string;
  readonly metadata: boolean;
  /** Elements of a header stack; undefined: a single header. */
  readonly elements: number | undefined;
  readonly initial: readonly { readonly field: string; readonly value: bigint; readonly position: SourcePosition }[];
}

/** `instance.field`; `latest.field` in a parser. */
export interface FieldReference {
  readonly kind: 'field';
  readonly position: SourcePosition;
  /** A name; of a stack with its index, `vlan[1]`, `vlan[last]`, `vlan[next]`. */
  readonly instance: string;
  readonly field: string;
}

/** 2.3 */
export interface FieldList extends Named {
  readonly kind: 'field-list';
  readonly entries: readonly FieldListEntry[];
}

export type FieldListEntry =
  | FieldReference
  | { readonly kind: 'payload'; readonly position: SourcePosition }
  /** As many bits as it was written with (`16'0`); undefined: written without a width. */
  | {
      readonly kind: 'literal';
      readonly position: SourcePosition;
      readonly value: bigint;
      readonly bits: number | undefined;
    }
  /** A header, or another field list. */
  | { readonly kind: 'name'; readonly position: SourcePosition; readonly name: string };

export interface FieldListCalculation extends Named {
  readonly kind: 'calculation';
  readonly inputs: readonly { readonly name: string; readonly position: SourcePosition }[];
  readonly algorithm: string;
  readonly outputBits: number;
}

/** 2.4 */
export interface CalculatedField {
  readonly kind: 'calculated-field';
  readonly position: SourcePosition;
  readonly field: FieldReference;
  readonly uses: readonly CalculatedUse[];
}

export interface CalculatedUse {
  readonly position: SourcePosition;
  readonly what: 'update' | 'verify';
  readonly calculation: string;
  readonly condition: P4Expression | undefined;
}

/** 4: parser states */
export interface ParserState extends Named {
  readonly kind: 'parser';
  readonly statements: readonly ParserStatement[];
  readonly end: ParserReturn;
}

export type ParserStatement =
  | { readonly kind: 'extract'; readonly position: SourcePosition; readonly instance: string }
  | {
      readonly kind: 'set-metadata';
      readonly position: SourcePosition;
      readonly field: FieldReference;
      readonly value: P4Expression;
    };

export type ParserReturn =
  | { readonly kind: 'state'; readonly position: SourcePosition; readonly name: string }
  | {
      readonly kind: 'select';
      readonly position: SourcePosition;
      readonly fields: readonly SelectKey[];
      readonly cases: readonly SelectCase[];
    }
  | { readonly kind: 'error'; readonly position: SourcePosition; readonly name: string };

export type SelectKey = FieldReference | CurrentBits;

/** `current(offset, width)`: bits of the packet that are not extracted yet. */
export interface CurrentBits {
  readonly kind: 'current';
  readonly position: SourcePosition;
  /** From the end of what was extracted. */
  readonly offsetBits: number;
  readonly bits: number;
}

export interface SelectCase {
  readonly position: SourcePosition;
  /** Absent: `default`. One entry a key, or a single value for the keys put together, or a single value set. */
  readonly values: readonly SelectValue[] | undefined;
  readonly next: { readonly kind: 'state' | 'error'; readonly name: string; readonly position: SourcePosition };
}

export type SelectValue =
  | { readonly kind: 'value'; readonly value: bigint; readonly mask: bigint | undefined }
  | { readonly kind: 'value-set'; readonly name: string; readonly position: SourcePosition };

/** 4.4 */
export interface ValueSet extends Named {
  readonly kind: 'value-set';
}

/** 4.7 */
export interface ParserException extends Named {
  readonly kind: 'parser-exception';
  readonly statements: readonly Extract<ParserStatement, { kind: 'set-metadata' }>[];
  /** The control that goes on with the packet; undefined: `parser_drop`. */
  readonly control: { readonly name: string; readonly position: SourcePosition } | undefined;
}

/** Which table an object belongs to: `direct` gives every entry of it a cell of its own. */
export interface TableBinding {
  readonly kind: 'direct' | 'static';
  readonly table: string;
  readonly position: SourcePosition;
}

/** 7: what counters, meters and registers have in common. */
interface StatefulObject extends Named {
  readonly binding: TableBinding | undefined;
  readonly instanceCount: number | undefined;
}

/** 7.1 */
export interface Counter extends StatefulObject {
  readonly kind: 'counter';
  readonly type: 'packets' | 'bytes' | 'packets_and_bytes';
  readonly minWidthBits: number | undefined;
  readonly saturating: boolean;
}

/** 7.2 */
export interface Meter extends StatefulObject {
  readonly kind: 'meter';
  readonly type: 'packets' | 'bytes';
  readonly result: FieldReference | undefined;
}

/** 7.3 */
export interface Register extends StatefulObject {
  readonly kind: 'register';
  readonly bits: number;
  readonly signed: boolean;
  readonly saturating: boolean;
}

/** 10.2 */
export interface ActionProfile extends Named {
  readonly kind: 'action-profile';
  readonly actions: readonly { readonly name: string; readonly position: SourcePosition }[];
  readonly size: number | undefined;
  readonly selector: { readonly name: string; readonly position: SourcePosition } | undefined;
}

/** 10.3 */
export interface ActionSelector extends Named {
  readonly kind: 'action-selector';
  readonly key: { readonly name: string; readonly position: SourcePosition };
  readonly mode: string | undefined;
  readonly type: string | undefined;
}

/** An action that is written in Micro-C: `pif_plugin_<name>`. */
export interface PrimitiveAction extends Named {
  readonly kind: 'primitive-action';
}

/** 6.2 */
export interface Action extends Named {
  readonly kind: 'action';
  readonly parameters: readonly string[];
  readonly calls: readonly ActionCall[];
}

export interface ActionCall extends Named {
  readonly arguments: readonly ActionArgument[];
}

/** A bare name is a parameter, or a header, stack, counter, field list ... as the called action wants it. */
export type ActionArgument = P4Expression;

/** 6.3 */
export interface Table extends Named {
  readonly kind: 'table';
  readonly reads: readonly TableRead[];
  readonly actions: readonly { readonly name: string; readonly position: SourcePosition }[];
  readonly defaultAction: ActionCall | undefined;
  /** `const default_action`: no rule changes it. */
  readonly hasConstantDefault: boolean;
  /** Instead of `actions`. */
  readonly actionProfile: { readonly name: string; readonly position: SourcePosition } | undefined;
  readonly minSize: number | undefined;
  readonly maxSize: number | undefined;
  readonly size: number | undefined;
  readonly supportTimeout: boolean;
}

export interface TableRead {
  readonly position: SourcePosition;
  readonly match: 'exact' | 'ternary' | 'valid' | 'lpm' | 'range' | 'index';
  /** A header for a `valid` match. */
  readonly field: FieldReference | { readonly kind: 'name'; readonly position: SourcePosition; readonly name: string };
  readonly mask: bigint | undefined;
}

/** 7 */
export interface Control extends Named {
  readonly kind: 'control';
  readonly body: readonly ControlStatement[];
}

export type ControlStatement =
  | {
      readonly kind: 'apply';
      readonly position: SourcePosition;
      readonly table: string;
      /** By `hit`, `miss`, `default` or the name of an action. */
      readonly cases: readonly {
        readonly name: string;
        readonly position: SourcePosition;
        readonly body: readonly ControlStatement[];
      }[];
    }
  | { readonly kind: 'call'; readonly position: SourcePosition; readonly control: string }
  | {
      readonly kind: 'if';
      readonly position: SourcePosition;
      readonly condition: P4Expression;
      readonly yes: readonly ControlStatement[];
      readonly no: readonly ControlStatement[];
    };

export type P4Expression =
  | FieldReference
  | CurrentBits
  /** A parameter of an action; other names where an action takes them. */
  | { readonly kind: 'name'; readonly position: SourcePosition; readonly name: string }
  | {
      readonly kind: 'number';
      readonly position: SourcePosition;
      readonly value: bigint;
      /** The width that it was written with (`16'0`). */
      readonly bits: number | undefined;
    }
  | { readonly kind: 'valid'; readonly position: SourcePosition; readonly instance: string }
  | {
      readonly kind: 'unary';
      readonly position: SourcePosition;
      readonly operator: 'not' | '~' | '-';
      readonly operand: P4Expression;
    }
  | {
      readonly kind: 'binary';
      readonly position: SourcePosition;
      readonly operator: P4BinaryOperator;
      readonly left: P4Expression;
      readonly right: P4Expression;
    };

export type P4BinaryOperator =
  | 'or'
  | 'and'
  | '=='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | '|'
  | '^'
  | '&'
  | '<<'
  | '>>'
  | '+'
  | '-'
  | '*';
