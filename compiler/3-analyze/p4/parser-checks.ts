import type { ParserException, ParserState, SelectCase, SelectKey } from '../../2-parse/p4/tree.ts';
import type { Diagnostics } from '../../diagnostics.ts';
import { type CheckScope, ExpressionChecks } from './expression-checks.ts';
import { type P4Model, STANDARD_EXCEPTIONS } from './model.ts';
import { findInstance, stackReference } from './references.ts';

/** Parser states and exceptions: what they extract, set, select by, and where they go. */
export class ParserChecks extends ExpressionChecks {
  /** Widths of the keys that each value set is compared with. */
  private readonly valueSetBits = new Map<string, number>();

  static run(model: P4Model, diagnostics: Diagnostics): void {
    const checks = new ParserChecks(model, diagnostics);
    for (const state of model.states.values()) checks.state(state);
    for (const exception of model.exceptions.values()) checks.exception(exception);
  }

  private state(state: ParserState): void {
    if (this.model.controls.has(state.name)) {
      const text = `${state.name} is a parser state and a control`;
      this.diagnostics.error('p4-redefined', state.position, text, 'both are names that a parser returns');
    }
    let latest: string | undefined;
    for (const statement of state.statements) {
      if (statement.kind === 'extract') {
        this.extract(statement.instance, statement.position);
        latest = findInstance(this.model, statement.instance)?.name;
      } else {
        this.setMetadata(statement, { latest, parser: true });
      }
    }
    const { end } = state;
    if (end.kind === 'state') this.next({ ...end, kind: 'state' });
    if (end.kind === 'error') this.next(end);
    if (end.kind !== 'select') return;
    const widths = end.fields.map((key) => this.key(key, { latest, parser: true }));
    for (const each of end.cases) {
      this.selectValues(each, widths);
      this.next(each.next);
    }
  }

  private extract(name: string, position: ParserState['position']): void {
    if (stackReference(name)?.index === 'last') {
      this.diagnostics.error('p4-bad-index', position, `${name} is extracted already`, 'write [next]');
      return;
    }
    this.header(name, position);
  }

  private setMetadata({ field, value }: ParserException['statements'][number], scope: CheckScope): void {
    this.field(field, scope);
    this.expression(value, scope);
    const instance = findInstance(this.model, field.instance);
    if (instance?.metadata !== false) return;
    const text = `set_metadata sets metadata; ${field.instance} is a header`;
    this.diagnostics.error('p4-not-metadata', field.position, text);
  }

  private key(key: SelectKey, scope: CheckScope): number {
    return this.expression(key, scope);
  }

  private selectValues({ values, position }: SelectCase, widths: readonly number[]): void {
    const total = widths.reduce((sum, bits) => sum + bits, 0);
    const together = values?.length !== widths.length;
    for (const [index, value] of (values ?? []).entries()) {
      const bits = together ? total : (widths[index] ?? total);
      if (value.kind === 'value') {
        if (value.value >= 1n << BigInt(bits)) {
          this.diagnostics.warning(
            'p4-never-matches',
            position,
            `${value.value} has more than the ${bits} bits of its key`,
          );
        }
        continue;
      }
      const { name } = value;
      if (!this.model.valueSets.has(name)) {
        this.unknown('parser_value_set', name, value.position);
        continue;
      }
      const before = this.valueSetBits.get(name) ?? bits;
      this.valueSetBits.set(name, before);
      if (before !== bits) {
        const text = `${name} is compared with ${bits} bits here and with ${before} elsewhere`;
        this.diagnostics.error('p4-value-set-width', value.position, text, 'declare a value set for each');
      }
    }
  }

  private next({ kind, name, position }: SelectCase['next']): void {
    if (kind === 'error') {
      if (!STANDARD_EXCEPTIONS.includes(name) && !this.model.exceptions.has(name)) {
        this.unknown('parser_exception', name, position);
      }
    } else if (!this.model.states.has(name) && !this.model.controls.has(name)) {
      this.unknown('parser state or control', name, position);
    }
  }

  private exception({ statements, control }: ParserException): void {
    for (const statement of statements) this.setMetadata(statement, { parser: true });
    if (control !== undefined && !this.model.controls.has(control.name)) {
      this.unknown('control', control.name, control.position);
    }
  }
}
