import type { SourcePosition } from '../../../base/errors.ts';

/**
 * The syntax tree of Micro-C: what was written, before names and types mean anything. Sections in comments are of
 * ISO/IEC 9899:1999.
 */
export interface TranslationUnit {
  readonly declarations: readonly ExternalDeclaration[];
  /** `#pragma` lines between and inside of declarations, for who knows them. */
  readonly pragmas: readonly { readonly position: SourcePosition; readonly text: string }[];
}

/** 6.9 */
export type ExternalDeclaration = FunctionDefinition | Declaration | StaticAssertion;

/** C11 6.7.10 */
export interface StaticAssertion {
  readonly kind: 'static-assertion';
  readonly position: SourcePosition;
  readonly condition: Expression;
  /** The string literals as written. */
  readonly message: string | undefined;
}

export interface FunctionDefinition {
  readonly kind: 'function';
  readonly position: SourcePosition;
  readonly specifiers: DeclarationSpecifiers;
  readonly declarator: Declarator;
  readonly body: CompoundStatement;
}

/** 6.7 */
export interface Declaration {
  readonly kind: 'declaration';
  readonly position: SourcePosition;
  readonly specifiers: DeclarationSpecifiers;
  readonly declarators: readonly InitDeclarator[];
}

export interface InitDeclarator {
  readonly declarator: Declarator;
  readonly initializer: Initializer | undefined;
}

export type MemoryQualifier = 'lmem' | 'cls' | 'ctm' | 'imem' | 'emem' | 'mem' | 'gpr' | 'xread' | 'xwrite' | 'xrw';

/** Qualifiers of the language and of the NIC; they may stand before and after the type, and after each `*`. */
export interface Qualifiers {
  const: boolean;
  volatile: boolean;
  memory: MemoryQualifier | undefined;
  addressBits: 32 | 40 | undefined;
  /** `__shared`, `__export`, `__import`, `scope(global)`: one object for the core, the NIC, from elsewhere. */
  scope: 'shared' | 'export' | 'import' | undefined;
  align: Expression | undefined;
}

export type StorageClass = 'typedef' | 'extern' | 'static' | 'auto' | 'register';

export interface DeclarationSpecifiers {
  readonly position: SourcePosition;
  readonly storage: StorageClass | undefined;
  readonly inline: 'inline' | 'noinline' | undefined;
  readonly qualifiers: Qualifiers;
  readonly type: TypeSpecifier;
  /** Attributes that nobody but the analysis knows what to do with. */
  readonly attributes: readonly Attribute[];
}

/** `__attribute__((name(arguments)))` */
export interface Attribute {
  readonly position: SourcePosition;
  readonly name: string;
  readonly arguments: readonly Expression[];
}

/** 6.7.2 */
export type TypeSpecifier =
  | { readonly kind: 'builtin'; readonly position: SourcePosition; readonly words: readonly string[] }
  | { readonly kind: 'typedef-name'; readonly position: SourcePosition; readonly name: string }
  | { readonly kind: 'typeof'; readonly position: SourcePosition; readonly of: Expression | TypeName }
  | {
      readonly kind: 'record';
      readonly position: SourcePosition;
      readonly union: boolean;
      readonly tag: string | undefined;
      /** Absent in a mere mention: `struct s`. */
      readonly members: readonly MemberDeclaration[] | undefined;
      readonly packed: boolean;
      readonly align: Expression | undefined;
    }
  | {
      readonly kind: 'enum';
      readonly position: SourcePosition;
      readonly tag: string | undefined;
      readonly enumerators: readonly Enumerator[] | undefined;
    };

export interface MemberDeclaration {
  readonly position: SourcePosition;
  readonly specifiers: DeclarationSpecifiers;
  /** Empty for an anonymous struct or union. */
  readonly declarators: readonly { readonly declarator: Declarator; readonly bits: Expression | undefined }[];
  readonly assertion: StaticAssertion | undefined;
}

export interface Enumerator {
  readonly position: SourcePosition;
  readonly name: string;
  readonly value: Expression | undefined;
}

/** 6.7.5, flattened: derivations from the name outward, so `*a[3]` is [array, pointer]. */
export interface Declarator {
  readonly position: SourcePosition;
  /** Absent in an abstract declarator. */
  readonly name: string | undefined;
  readonly derivations: readonly Derivation[];
  /** `__attribute__` behind the declarator. */
  readonly attributes?: readonly Attribute[];
}

export type Derivation =
  | { readonly kind: 'pointer'; readonly position: SourcePosition; readonly qualifiers: Qualifiers }
  | { readonly kind: 'array'; readonly position: SourcePosition; readonly length: Expression | undefined }
  | {
      readonly kind: 'function';
      readonly position: SourcePosition;
      readonly parameters: readonly Parameter[];
      readonly variadic: boolean;
    };

export interface Parameter {
  readonly position: SourcePosition;
  readonly specifiers: DeclarationSpecifiers;
  readonly declarator: Declarator;
}

/** 6.7.6 */
export interface TypeName {
  readonly kind: 'type-name';
  readonly position: SourcePosition;
  readonly specifiers: DeclarationSpecifiers;
  readonly declarator: Declarator;
}

/** 6.7.8 */
export type Initializer =
  | { readonly kind: 'expression'; readonly position: SourcePosition; readonly expression: Expression }
  | { readonly kind: 'list'; readonly position: SourcePosition; readonly items: readonly InitializerItem[] };

export interface InitializerItem {
  readonly designators: readonly Designator[];
  readonly initializer: Initializer;
}

export type Designator =
  | { readonly kind: 'member'; readonly position: SourcePosition; readonly name: string }
  /** `to`: a range of elements, `[first ... to]`. */
  | {
      readonly kind: 'index';
      readonly position: SourcePosition;
      readonly index: Expression;
      readonly to: Expression | undefined;
    };

/** 6.5 */
export type Expression =
  | (Node & { readonly kind: 'integer'; readonly text: string })
  | (Node & { readonly kind: 'floating'; readonly text: string })
  | (Node & { readonly kind: 'character'; readonly text: string })
  /** Adjacent literals are joined (translation phase 6); texts with their quotes. */
  | (Node & { readonly kind: 'string'; readonly texts: readonly string[] })
  | (Node & { readonly kind: 'name'; readonly name: string })
  | (Node & { readonly kind: 'call'; readonly callee: Expression; readonly arguments: readonly Expression[] })
  | (Node & { readonly kind: 'subscript'; readonly array: Expression; readonly index: Expression })
  | (Node & { readonly kind: 'member'; readonly object: Expression; readonly name: string; readonly arrow: boolean })
  | (Node & { readonly kind: 'unary'; readonly operator: UnaryOperator; readonly operand: Expression })
  | (Node & { readonly kind: 'step'; readonly delta: 1 | -1; readonly prefix: boolean; readonly operand: Expression })
  | (Node & { readonly kind: 'sizeof-type'; readonly type: TypeName })
  | (Node & { readonly kind: 'sizeof'; readonly operand: Expression })
  /** 6.5.1.1 of C11; `type` is undefined for `default`. */
  | (Node & {
      readonly kind: 'generic';
      readonly operand: Expression;
      readonly choices: readonly {
        readonly position: SourcePosition;
        readonly type: TypeName | undefined;
        readonly value: Expression;
      }[];
    })
  | (Node & { readonly kind: 'alignof'; readonly of: TypeName })
  | (Node & { readonly kind: 'compound-literal'; readonly type: TypeName; readonly initializer: Initializer })
  | (Node & { readonly kind: 'cast'; readonly type: TypeName; readonly operand: Expression })
  | (Node & {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    })
  | (Node & {
      readonly kind: 'logical';
      readonly operator: '&&' | '||';
      readonly left: Expression;
      readonly right: Expression;
    })
  | (Node & {
      readonly kind: 'conditional';
      readonly condition: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
    })
  | (Node & {
      readonly kind: 'assign';
      /** Absent: plain `=`. */
      readonly operator: BinaryOperator | undefined;
      readonly target: Expression;
      readonly value: Expression;
    })
  | (Node & { readonly kind: 'comma'; readonly left: Expression; readonly right: Expression });

interface Node {
  readonly position: SourcePosition;
}

export type UnaryOperator = '&' | '*' | '+' | '-' | '~' | '!';
export type BinaryOperator =
  | '*'
  | '/'
  | '%'
  | '+'
  | '-'
  | '<<'
  | '>>'
  | '<'
  | '>'
  | '<='
  | '>='
  | '=='
  | '!='
  | '&'
  | '^'
  | '|';

/** 6.8 */
export type Statement =
  | CompoundStatement
  | (Node & { readonly kind: 'expression'; readonly expression: Expression | undefined })
  | (Node & {
      readonly kind: 'if';
      readonly condition: Expression;
      readonly then: Statement;
      readonly otherwise: Statement | undefined;
    })
  | (Node & { readonly kind: 'switch'; readonly value: Expression; readonly body: Statement })
  /** `to`: a range of values, `case value ... to`. */
  | (Node & {
      readonly kind: 'case';
      readonly value: Expression;
      readonly to: Expression | undefined;
      readonly body: Statement;
    })
  | (Node & { readonly kind: 'default'; readonly body: Statement })
  | (Node & { readonly kind: 'while'; readonly condition: Expression; readonly body: Statement })
  | (Node & { readonly kind: 'do'; readonly condition: Expression; readonly body: Statement })
  | (Node & {
      readonly kind: 'for';
      readonly initial: Expression | Declaration | undefined;
      readonly condition: Expression | undefined;
      readonly step: Expression | undefined;
      readonly body: Statement;
    })
  | (Node & { readonly kind: 'goto'; readonly label: string })
  | (Node & { readonly kind: 'label'; readonly label: string; readonly body: Statement })
  | (Node & { readonly kind: 'break' })
  | (Node & { readonly kind: 'continue' })
  | (Node & { readonly kind: 'return'; readonly value: Expression | undefined });

export interface CompoundStatement extends Node {
  readonly kind: 'compound';
  readonly items: readonly (Statement | Declaration | StaticAssertion)[];
}
