import type { SourcePosition } from '../../../base/errors.ts';
import type { Declarator, Expression } from '../../2-parse/micro-c/tree.ts';
import type { Diagnostics } from '../../diagnostics.ts';
import type { FixedPointUse } from './fixed-point.ts';
import type { TypedExpression, TypedFunction, Variable } from './typed-tree.ts';
import type { QualifiedType, RecordType, Type } from './types.ts';

/** What an identifier stands for (6.2.3: ordinary identifiers). */
export type Binding =
  | { readonly kind: 'variable'; readonly variable: Variable }
  | { readonly kind: 'function'; readonly function: TypedFunction }
  | { readonly kind: 'typedef'; readonly type: QualifiedType; readonly position: SourcePosition }
  | { readonly kind: 'enumerator'; readonly value: bigint; readonly position: SourcePosition };

export type Tag = RecordType | { readonly kind: 'enum'; readonly tag: string; readonly type: Type };

interface Scope {
  readonly names: Map<string, Binding>;
  readonly tags: Map<string, Tag>;
}

/** Names of external linkage (6.2.2), shared by all files of a program. */
export interface Linkage {
  readonly functions: Map<string, TypedFunction>;
  readonly variables: Map<string, Variable>;
  /** Every object with static storage, in order of definition. */
  readonly globals: Variable[];
  /** Every function, `static` ones of all files included. */
  readonly allFunctions: TypedFunction[];
  readonly addressed: TypedFunction[];
  /** `#pragma lambda recursion(name, depth)` */
  readonly recursionDepths: Map<string, number>;
  readonly fixedPoint: FixedPointUse;
}

/** Where the analysis goes round: an expression may stand in a type, and the other way. Tied in analyze.ts. */
export interface AnalysisRules {
  expression(analysis: Analysis, expression: Expression): TypedExpression;
}

/** One file under analysis: its scopes and where its complaints go. */
export class Analysis {
  diagnostics: Diagnostics;
  readonly linkage: Linkage;
  /** Lambda that the file belongs to, or `runtime`. */
  readonly owner: string;
  readonly rules: AnalysisRules;
  /** What the NIC has nothing for is turned into what it has (paper section 3.1(b)). */
  readonly lower: boolean;
  /** `#pragma GCC diagnostic warning "-Wconversion"` stands in the file. */
  warnsOfConversions = false;
  currentFunction: TypedFunction | undefined;
  /** Locals whose address becomes a plain pointer: they lie in a memory that such pointers reach. */
  readonly framed = new Set<Declarator>();
  /** Objects of blocks with static storage, which a second analysis of the block finds again. */
  readonly blockStatics = new Map<Declarator, Variable>();
  /** What unnamed objects count as declared by. */
  readonly unnamed = new Map<Expression, Declarator>();
  private readonly scopes: Scope[] = [newScope()];
  private anonymous = 0;
  /** A declaration was left out because of its syntax: an unknown name may be its. */
  private readonly incomplete: boolean;

  constructor(
    diagnostics: Diagnostics,
    linkage: Linkage,
    owner: string,
    incomplete: boolean,
    lower: boolean,
    rules: AnalysisRules,
  ) {
    this.rules = rules;
    this.lower = lower;
    this.incomplete = incomplete;
    this.diagnostics = diagnostics;
    this.linkage = linkage;
    this.owner = owner;
  }

  get atFileScope(): boolean {
    return this.scopes.length === 1;
  }

  undeclared(position: SourcePosition, message: string, hint?: string): void {
    if (!this.incomplete) this.diagnostics.error('name-undeclared', position, message, hint);
  }

  inScope<T>(work: () => T): T {
    this.scopes.push(newScope());
    const result = work();
    this.warnUnused(this.scopes.pop());
    return result;
  }

  lookUp(name: string): Binding | undefined {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const found = this.scopes[i]?.names.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  inThisScope(name: string): Binding | undefined {
    return this.scopes.at(-1)?.names.get(name);
  }

  atFile(name: string): Binding | undefined {
    return this.scopes[0]?.names.get(name);
  }

  bind(name: string, binding: Binding): void {
    this.scopes.at(-1)?.names.set(name, binding);
  }

  lookUpTag(name: string, thisScopeOnly: boolean): Tag | undefined {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const found = this.scopes[i]?.tags.get(name);
      if (found !== undefined || thisScopeOnly) return found;
    }
    return undefined;
  }

  bindTag(name: string, tag: Tag): void {
    this.scopes.at(-1)?.tags.set(name, tag);
  }

  anonymousTag(): string {
    this.anonymous++;
    return `<unnamed ${this.anonymous}>`;
  }

  /** Names that could have been meant, for a hint. */
  similarName(name: string): string | undefined {
    for (const scope of this.scopes) {
      for (const candidate of scope.names.keys()) if (isSimilar(candidate, name)) return candidate;
    }
    return undefined;
  }

  private warnUnused(scope: Scope | undefined): void {
    for (const binding of scope?.names.values() ?? []) {
      if (binding.kind !== 'variable' || binding.variable.uses > 0 || binding.variable.storage !== 'local') continue;
      const { name, position } = binding.variable;
      this.diagnostics.warning('unused-variable', position, `${name} is never used`);
    }
  }
}

function newScope(): Scope {
  return { names: new Map(), tags: new Map() };
}

/** One letter more, less or other. */
function isSimilar(a: string, b: string): boolean {
  if (a === b || Math.abs(a.length - b.length) > 1 || b.length < 3) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  return Math.max(a.length, b.length) - start - end <= 1;
}
