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
  | Control;

interface Named {
  readonly position: SourcePosition;
  readonly name: string;
}

/** 2.1 */
export interface HeaderType extends Named {
  readonly kind: 'header-type';
  readonly fields: readonly HeaderField[];
}

export interface HeaderField extends Named {
  readonly bits: number;
}

/** 2.2 */
export interface Instance extends Named {
  readonly kind: 'instance';
  readonly type: string;
  readonly metadata: boolean;
  readonly initial: readonly { readonly field: string; readonly value: bigint; readonly position: SourcePosition }[];
}

/** `instance.field`; `latest.field` in a parser. */
export interface FieldReference {
  readonly kind: 'field';
  readonly position: SourcePosition;
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
      readonly fields: readonly FieldReference[];
      readonly cases: readonly SelectCase[];
    }
  | { readonly kind: 'error'; readonly position: SourcePosition; readonly name: string };

export interface SelectCase {
  readonly position: SourcePosition;
  /** Absent: `default`. One entry a field. */
  readonly values: readonly { readonly value: bigint; readonly mask: bigint | undefined }[] | undefined;
  readonly state: string;
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

export type ActionArgument =
  | P4Expression
  | { readonly kind: 'name'; readonly position: SourcePosition; readonly name: string };

/** 6.3 */
export interface Table extends Named {
  readonly kind: 'table';
  readonly reads: readonly TableRead[];
  readonly actions: readonly { readonly name: string; readonly position: SourcePosition }[];
  readonly defaultAction: ActionCall | undefined;
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
  | { readonly kind: 'number'; readonly position: SourcePosition; readonly value: bigint }
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
