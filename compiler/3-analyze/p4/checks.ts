import type { SourcePosition } from '../../../base/errors.ts';
import type { ActionCall, ControlStatement, FieldReference, P4Expression, ParserState } from '../../2-parse/p4/tree.ts';
import type { Diagnostics } from '../../diagnostics.ts';
import { type P4Field, type P4Model, PRIMITIVES } from './model.ts';

/** Everything that the parser cannot know: every name means something of the right kind, nothing runs in circles. */
export function checkProgram(model: P4Model, diagnostics: Diagnostics): void {
  const check = new Checker(model, diagnostics);
  for (const state of model.states.values()) check.state(state);
  for (const list of model.fieldLists.values()) check.fieldList(list.name);
  for (const calculation of model.calculations.values()) {
    for (const { name, position } of calculation.inputs) {
      if (!model.fieldLists.has(name)) check.unknown('field_list', name, position);
    }
    if (calculation.algorithm !== 'csum16' || calculation.outputBits !== 16) {
      const text = `${calculation.algorithm} of ${calculation.outputBits} bits is not supported`;
      diagnostics.error('p4-unsupported', calculation.position, text, 'csum16 with output_width 16 is');
    }
  }
  for (const { field, uses } of model.calculatedFields) {
    check.field(field, undefined);
    for (const use of uses) {
      if (!model.calculations.has(use.calculation))
        check.unknown('field_list_calculation', use.calculation, use.position);
      if (use.condition !== undefined) check.expression(use.condition, undefined);
    }
  }
  for (const action of model.actions.values()) {
    for (const call of action.calls) check.call(call, action.parameters);
    check.noCycle(action.name, action.position, 'action', (name) =>
      model.actions.get(name)?.calls.map((call) => call.name),
    );
  }
  for (const table of model.tables.values()) {
    for (const { field, position } of table.reads) {
      if (field.kind === 'field') check.field(field, undefined);
      else check.header(field.name, position);
    }
    for (const { name, position } of table.actions) check.actionName(name, position);
    if (table.defaultAction !== undefined) check.defaultAction(table.defaultAction);
  }
  for (const control of model.controls.values()) {
    check.control(control.body);
    check.noCycle(control.name, control.position, 'control', (name) =>
      calledControls(model.controls.get(name)?.body ?? []),
    );
  }
  const egress = model.controls.get('egress');
  if (egress !== undefined && egress.body.length > 0) {
    const hint = 'put it at the end of ingress: there are no queues between the two';
    diagnostics.error('p4-unsupported', egress.position, 'control egress is not supported', hint);
  }
  const start = model.states.get('start');
  const anywhere = start?.position ??
    [...model.instances.values()][0]?.position ?? { file: '<p4>', line: 1, column: 1 };
  if (start === undefined) diagnostics.error('p4-no-start', anywhere, 'there is no parser start');
  if (!model.controls.has('ingress')) diagnostics.error('p4-no-ingress', anywhere, 'there is no control ingress');
}

/** The field a reference means; undefined when there is none. `latest` is the header extracted last. */
export function findP4Field(
  model: P4Model,
  reference: FieldReference,
  latest: string | undefined,
): P4Field | undefined {
  const name = reference.instance === 'latest' ? latest : reference.instance;
  return model.instances.get(name ?? '')?.fields.find((field) => field.name === reference.field);
}

class Checker {
  private readonly model: P4Model;
  private readonly diagnostics: Diagnostics;

  constructor(model: P4Model, diagnostics: Diagnostics) {
    this.model = model;
    this.diagnostics = diagnostics;
  }

  unknown(kind: string, name: string, position: SourcePosition): void {
    this.diagnostics.error('p4-unknown-name', position, `there is no ${kind} ${name}`);
  }

  header(name: string, position: SourcePosition): void {
    const instance = this.model.instances.get(name);
    if (instance === undefined) this.unknown('header', name, position);
    else if (instance.metadata)
      this.diagnostics.error('p4-not-a-header', position, `${name} is metadata, not a header`);
  }

  field(reference: FieldReference, latest: string | undefined): void {
    const { instance, field, position } = reference;
    if (instance === 'latest' && latest === undefined) {
      this.diagnostics.error('p4-no-latest', position, 'latest means nothing here', 'extract a header first');
      return;
    }
    const found = this.model.instances.get(instance === 'latest' ? (latest ?? '') : instance);
    if (found === undefined) {
      this.unknown('header or metadata', instance, position);
      return;
    }
    if (found.fields.some((each) => each.name === field)) return;
    const hint = `its fields: ${found.fields.map((each) => each.name).join(', ')}`;
    this.diagnostics.error('p4-unknown-field', position, `${found.name} has no field ${field}`, hint);
  }

  /** A field whose value is computed with. */
  private valueField(reference: FieldReference, latest: string | undefined): void {
    this.field(reference, latest);
    const field = findP4Field(this.model, reference, latest);
    if (field === undefined || field.bits <= 64) return;
    const text = `${reference.field} has ${field.bits} bits; values of at most 64 are supported`;
    this.diagnostics.error('p4-unsupported', reference.position, text);
  }

  expression(expression: P4Expression, latest: string | undefined): void {
    switch (expression.kind) {
      case 'field':
        this.valueField(expression, latest);
        return;
      case 'valid':
        this.header(expression.instance, expression.position);
        return;
      case 'unary':
        this.expression(expression.operand, latest);
        return;
      case 'binary':
        this.expression(expression.left, latest);
        this.expression(expression.right, latest);
        return;
    }
  }

  state(state: ParserState): void {
    let latest: string | undefined;
    for (const statement of state.statements) {
      if (statement.kind === 'extract') {
        this.header(statement.instance, statement.position);
        latest = statement.instance;
      } else {
        this.valueField(statement.field, latest);
        this.expression(statement.value, latest);
      }
    }
    const { end } = state;
    if (end.kind === 'state') this.nextState(end.name, end.position);
    if (end.kind !== 'select') return;
    for (const field of end.fields) this.valueField(field, latest);
    for (const { state: next, position } of end.cases) this.nextState(next, position);
  }

  private nextState(name: string, position: SourcePosition): void {
    if (!this.model.states.has(name) && !this.model.controls.has(name))
      this.unknown('parser state or control', name, position);
  }

  fieldList(name: string, path: readonly string[] = []): void {
    const list = this.model.fieldLists.get(name);
    if (list === undefined) return;
    if (path.includes(name)) {
      this.diagnostics.error('p4-cycle', list.position, `field_list ${name} contains itself`);
      return;
    }
    for (const entry of list.entries) {
      if (entry.kind === 'field') this.field(entry, undefined);
      else if (entry.kind === 'name') {
        if (this.model.fieldLists.has(entry.name)) this.fieldList(entry.name, [...path, name]);
        else this.header(entry.name, entry.position);
      }
    }
  }

  call(call: ActionCall, parameters: readonly string[]): void {
    const kinds = PRIMITIVES.get(call.name);
    const known = this.model.actions.get(call.name);
    if (kinds === undefined && known === undefined && !this.model.primitives.has(call.name)) {
      this.unknown('action', call.name, call.position);
      return;
    }
    const wanted = kinds?.length ?? known?.parameters.length ?? 0;
    const masked = call.name === 'modify_field' && call.arguments.length === 3;
    if (call.arguments.length !== wanted && !masked) {
      const text = `${call.name} takes ${wanted} arguments, ${call.arguments.length} given`;
      this.diagnostics.error('p4-argument-count', call.position, text);
      return;
    }
    call.arguments.forEach((argument, index) => {
      const kind = kinds?.[index] ?? 'value';
      const { position } = argument;
      if (kind === 'header') {
        if (argument.kind === 'name') this.header(argument.name, position);
        else this.diagnostics.error('p4-bad-argument', position, `${call.name} needs a header here`);
      } else if (kind === 'field') {
        if (argument.kind === 'field') this.valueField(argument, undefined);
        else this.diagnostics.error('p4-bad-argument', position, `${call.name} needs a field here`);
      } else if (argument.kind === 'name') {
        if (!parameters.includes(argument.name)) this.unknown('parameter', argument.name, position);
      } else {
        this.expression(argument, undefined);
      }
    });
  }

  actionName(name: string, position: SourcePosition): void {
    if (!this.model.actions.has(name) && !this.model.primitives.has(name) && !PRIMITIVES.has(name)) {
      this.unknown('action', name, position);
    }
  }

  defaultAction(call: ActionCall): void {
    this.call(call, []);
  }

  control(statements: readonly ControlStatement[]): void {
    for (const statement of statements) {
      if (statement.kind === 'if') {
        this.expression(statement.condition, undefined);
        this.control(statement.yes);
        this.control(statement.no);
      } else if (statement.kind === 'call') {
        if (!this.model.controls.has(statement.control)) this.unknown('control', statement.control, statement.position);
      } else {
        const table = this.model.tables.get(statement.table);
        if (table === undefined) this.unknown('table', statement.table, statement.position);
        for (const { name, position, body } of statement.cases) {
          const means = ['hit', 'miss', 'default'].includes(name) || table?.actions.some((each) => each.name === name);
          if (means !== true && table !== undefined) this.unknown(`case of ${table.name}`, name, position);
          this.control(body);
        }
      }
    }
  }

  noCycle(
    name: string,
    position: SourcePosition,
    kind: string,
    next: (name: string) => readonly string[] | undefined,
    path: readonly string[] = [],
  ): void {
    if (path.includes(name)) {
      const names = [...path.slice(path.indexOf(name)), name].join(' -> ');
      this.diagnostics.error('p4-cycle', position, `${kind} calls itself: ${names}`);
      return;
    }
    if (path.length > 64) return;
    for (const called of next(name) ?? []) this.noCycle(called, position, kind, next, [...path, name]);
  }
}

function calledControls(statements: readonly ControlStatement[]): string[] {
  return statements.flatMap((statement) => {
    if (statement.kind === 'call') return [statement.control];
    if (statement.kind === 'if') return [...calledControls(statement.yes), ...calledControls(statement.no)];
    return statement.cases.flatMap((each) => calledControls(each.body));
  });
}
