import type { Action, ActionCall, P4Expression } from '../../2-parse/p4/tree.ts';
import { ExpressionChecks } from './expression-checks.ts';
import { type ArgumentKind, PRIMITIVES } from './primitives.ts';
import { findInstance } from './references.ts';

/** Actions: what they call, with what. */
export class ActionChecks extends ExpressionChecks {
  action(action: Action): void {
    const { parameters, position } = action;
    const twice = parameters.find((name, index) => parameters.indexOf(name) !== index);
    if (twice !== undefined) {
      this.diagnostics.error('p4-redefined', position, `${action.name} has two parameters named ${twice}`);
    }
    for (const call of action.calls) this.call(call, parameters);
  }

  /** The name of an action where only its name stands: in a table, in a profile. */
  actionName(name: string, position: Action['position']): void {
    const { actions, primitives } = this.model;
    if (!actions.has(name) && !primitives.has(name) && !PRIMITIVES.has(name)) this.unknown('action', name, position);
  }

  call(call: ActionCall, parameters: readonly string[]): void {
    const action = this.model.actions.get(call.name);
    const primitive = action === undefined ? PRIMITIVES.get(call.name) : undefined;
    if (action === undefined && primitive === undefined && !this.model.primitives.has(call.name)) {
      this.unknown('action', call.name, call.position);
      return;
    }
    const most = primitive?.arguments.length ?? action?.parameters.length ?? 0;
    const least = most - (primitive?.optional ?? 0);
    const given = call.arguments.length;
    if (given < least || given > most) {
      const wanted = least === most ? `${most}` : `${least} to ${most}`;
      const text = `${call.name} takes ${wanted} arguments, ${given} given`;
      this.diagnostics.error('p4-argument-count', call.position, text);
      return;
    }
    call.arguments.forEach((argument, index) => {
      this.argument(call, argument, primitive?.arguments[index] ?? 'value', parameters);
    });
    if (call.name === 'copy_header') this.sameTypes(call);
  }

  private argument(
    { name: called }: ActionCall,
    argument: P4Expression,
    kind: ArgumentKind,
    parameters: readonly string[],
  ): void {
    const { position } = argument;
    if (kind === 'value') {
      this.expression(argument, { parameters });
      return;
    }
    if (kind === 'field') {
      if (argument.kind === 'field') this.expression(argument, {});
      else this.diagnostics.error('p4-bad-argument', position, `${called} needs a field here`, 'header.field');
      return;
    }
    const what = KIND_NAMES[kind];
    if (argument.kind !== 'name') {
      this.diagnostics.error('p4-bad-argument', position, `${called} needs a ${what} here`);
    } else if (kind === 'header') {
      this.header(argument.name, position);
    } else if (!this.declared(kind).has(argument.name)) {
      if (findInstance(this.model, argument.name) === undefined) this.unknown(what, argument.name, position);
      else this.diagnostics.error('p4-bad-argument', position, `${argument.name} is no ${what}`);
    }
  }

  private declared(kind: Exclude<ArgumentKind, 'field' | 'value' | 'header'>): ReadonlyMap<string, unknown> {
    switch (kind) {
      case 'stack':
        return this.model.stacks;
      case 'counter':
        return this.model.counters;
      case 'meter':
        return this.model.meters;
      case 'register':
        return this.model.registers;
      case 'field-list':
        return this.model.fieldLists;
      case 'calculation':
        return this.model.calculations;
    }
  }

  /** 9.1: source and destination are of the same type. */
  private sameTypes({ arguments: [to, from], position }: ActionCall): void {
    if (to?.kind !== 'name' || from?.kind !== 'name') return;
    const target = findInstance(this.model, to.name);
    const source = findInstance(this.model, from.name);
    if (target === undefined || source === undefined || target.typeName === source.typeName) return;
    const text = `copy_header from ${source.typeName} to ${target.typeName}`;
    this.diagnostics.error('p4-type-mismatch', position, text, 'both have to be of the same header_type');
  }
}

const KIND_NAMES: Readonly<Record<Exclude<ArgumentKind, 'field' | 'value'>, string>> = {
  header: 'header',
  stack: 'header stack',
  counter: 'counter',
  meter: 'meter',
  register: 'register',
  'field-list': 'field_list',
  calculation: 'field_list_calculation',
};
