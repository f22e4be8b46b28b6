import type { SourcePosition } from '../../../base/errors.ts';
import type { FieldReference, P4Expression } from '../../2-parse/p4/tree.ts';
import type { Diagnostics } from '../../diagnostics.ts';
import type { P4Field, P4Instance, P4Model } from './model.ts';
import { findInstance, findP4Field, stackReference } from './references.ts';

/** What parameters of actions have, and \`current\` at most. */
const VALUE_BITS = 64;
/** The code of a product grows with the product of its factors' words. */
const MAX_PRODUCT_BITS = 128;
/** But for a factor of one word. */
const MAX_SHORT_FACTOR_BITS = 32;
const YES_OR_NO: ReadonlySet<string> = new Set(['or', 'and', '==', '!=', '<', '<=', '>', '>=']);

/** What the names in an expression may mean beside fields. */
export interface CheckScope {
  /** Header extracted last in this parser state. */
  readonly latest?: string | undefined;
  /** Parameters of the action. */
  readonly parameters?: readonly string[];
  /** Fields that go by their bare names: those of the header whose length is computed. */
  readonly ownFields?: readonly P4Field[];
  /** `current` and `[next]` mean something. */
  readonly parser?: boolean;
}

/** Names and widths in expressions: what is wrong with them is reported where it stands. */
export class ExpressionChecks {
  protected readonly model: P4Model;
  protected readonly diagnostics: Diagnostics;

  constructor(model: P4Model, diagnostics: Diagnostics) {
    this.model = model;
    this.diagnostics = diagnostics;
  }

  unknown(kind: string, name: string, position: SourcePosition): void {
    this.diagnostics.error('p4-unknown-name', position, `there is no ${kind} ${name}`);
  }

  /** A packet header, one of them: no metadata, no whole stack. */
  header(name: string, position: SourcePosition): P4Instance | undefined {
    const instance = this.instance('header', name, position);
    if (instance?.metadata !== true) return instance;
    this.diagnostics.error('p4-not-a-header', position, `${name} is metadata, not a header`);
    return undefined;
  }

  private instance(kind: string, name: string, position: SourcePosition): P4Instance | undefined {
    const found = findInstance(this.model, name);
    if (found !== undefined) return found;
    const reference = stackReference(name);
    const size = this.model.stacks.get(reference?.stack ?? name)?.length;
    if (reference === undefined && size !== undefined) {
      const hint = `write ${name}[0] to ${name}[${size - 1}]`;
      this.diagnostics.error('p4-stack-without-index', position, `${name} is a header stack`, hint);
    } else if (reference !== undefined && size !== undefined) {
      const hint = `it has ${size} elements, ${reference.stack}[0] to ${reference.stack}[${size - 1}]`;
      this.diagnostics.error('p4-index-out-of-range', position, `there is no header ${name}`, hint);
    } else if (reference !== undefined && this.model.instances.has(reference.stack)) {
      const text = `${reference.stack} is no header stack and takes no index`;
      this.diagnostics.error('p4-not-a-stack', position, text);
    } else {
      this.unknown(kind, name, position);
    }
    return undefined;
  }

  field(reference: FieldReference, scope: CheckScope): P4Field | undefined {
    const { instance, field, position } = reference;
    if (instance === 'latest' && scope.latest === undefined) {
      this.diagnostics.error('p4-no-latest', position, 'latest means nothing here', 'extract a header first');
      return undefined;
    }
    if (instance.endsWith('[next]')) {
      const hint = 'only extract takes next; the header extracted last is latest';
      this.diagnostics.error('p4-bad-index', position, `${instance} has no fields yet`, hint);
      return undefined;
    }
    const found = this.instance('header or metadata', this.named(instance, scope), position);
    if (found === undefined) return undefined;
    const known = findP4Field(this.model, reference, scope.latest);
    if (known !== undefined) return known;
    const hint = `its fields: ${found.fields.map((each) => each.name).join(', ')}`;
    this.diagnostics.error('p4-unknown-field', position, `${found.name} has no field ${field}`, hint);
    return undefined;
  }

  private named(instance: string, scope: CheckScope): string {
    return instance === 'latest' ? (scope.latest ?? '') : instance;
  }

  /** Checks an expression. @returns how many bits its value has; a constant has as many as it needs */
  expression(expression: P4Expression, scope: CheckScope): number {
    switch (expression.kind) {
      case 'number':
        return expression.bits ?? bitsOf(expression.value);
      case 'field': {
        const field = this.field(expression, scope);
        if (field?.variable === true) {
          const text = `${expression.field} has a variable width: no value to compute with`;
          this.diagnostics.error('p4-variable-value', expression.position, text);
        }
        return field?.bits ?? 1;
      }
      case 'current':
        return this.current(expression, scope);
      case 'name':
        return this.bareName(expression.name, expression.position, scope);
      case 'valid':
        this.validity(expression.instance, expression.position, scope);
        return 1;
      case 'unary': {
        const bits = this.expression(expression.operand, scope);
        return expression.operator === 'not' ? 1 : bits;
      }
      case 'binary': {
        const left = this.expression(expression.left, scope);
        const right = this.expression(expression.right, scope);
        const bits = Math.max(left, right);
        const { operator, position } = expression;
        if (operator === '*') this.product(left, right, position);
        if (operator === '<<' || operator === '>>') return left;
        return YES_OR_NO.has(operator) ? 1 : bits;
      }
    }
  }

  private product(left: number, right: number, position: SourcePosition): void {
    if (Math.max(left, right) <= MAX_PRODUCT_BITS || Math.min(left, right) <= MAX_SHORT_FACTOR_BITS) return;
    const text = `a product of ${left} and ${right} bits; at most ${MAX_PRODUCT_BITS} are supported`;
    const hint = `one factor of at most ${MAX_SHORT_FACTOR_BITS} bits may be multiplied with any other`;
    this.diagnostics.error('p4-too-wide', position, text, hint);
  }

  private current(expression: Extract<P4Expression, { kind: 'current' }>, scope: CheckScope): number {
    const { position, bits, offsetBits } = expression;
    if (scope.parser !== true) {
      const text = 'current() means bits behind what the parser has extracted, and nothing elsewhere';
      this.diagnostics.error('p4-current-outside-parser', position, text);
    } else if (bits < 1 || bits > VALUE_BITS || offsetBits > 1024) {
      const text = `current(${offsetBits}, ${bits}): a width of 1 to 64 bits and an offset of at most 1024 are supported`;
      this.diagnostics.error('p4-bad-current', position, text);
    }
    return bits;
  }

  private bareName(name: string, position: SourcePosition, scope: CheckScope): number {
    const own = scope.ownFields?.find((field) => field.name === name);
    if (own !== undefined) return own.bits;
    if (scope.parameters?.includes(name) === true) return VALUE_BITS;
    const kind = scope.ownFields === undefined ? 'parameter' : 'field';
    const isInstance = findInstance(this.model, name) !== undefined;
    if (isInstance) {
      this.diagnostics.error('p4-bad-argument', position, `${name} is no value`, `name a field: ${name}.field`);
    } else this.unknown(kind, name, position);
    return 1;
  }

  private validity(name: string, position: SourcePosition, scope: CheckScope): void {
    const instance = this.instance('header', this.named(name, scope), position);
    if (instance?.metadata === true) {
      this.diagnostics.warning('p4-metadata-is-valid', position, `${name} is metadata, which is always valid`);
    }
  }
}

/** Of a negative number as many as hold it with its sign. */
function bitsOf(value: bigint): number {
  return Math.max(value < 0n ? (-value - 1n).toString(2).length + 1 : value.toString(2).length, 1);
}
