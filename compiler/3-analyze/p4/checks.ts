import type {
  ActionProfile,
  CalculatedField,
  ControlStatement,
  FieldListCalculation,
  Table,
} from '../../2-parse/p4/tree.ts';
import type { Diagnostics } from '../../diagnostics.ts';
import { ActionChecks } from './action-checks.ts';
import { ALGORITHMS, CRCS } from './algorithms.ts';
import { noCycles } from './cycles.ts';
import type { P4Model } from './model.ts';
import { ParserChecks } from './parser-checks.ts';
import { findInstance } from './references.ts';
import { StatefulChecks } from './stateful-checks.ts';

/** Everything that the parser cannot know: every name means something of the right kind, nothing runs in circles. */
export function checkProgram(model: P4Model, diagnostics: Diagnostics): void {
  ParserChecks.run(model, diagnostics);
  const check = new ProgramChecks(model, diagnostics);
  check.headerLengths();
  for (const list of model.fieldLists.values()) check.fieldList(list.name);
  check.calculations();
  for (const calculated of model.calculatedFields) check.calculatedField(calculated);
  for (const action of model.actions.values()) check.action(action);
  noCycles('action', model.actions, (action) => action.calls.map((call) => call.name), diagnostics);
  StatefulChecks.run(model, diagnostics);
  for (const profile of model.actionProfiles.values()) check.profile(profile);
  for (const { key } of model.actionSelectors.values()) {
    if (!model.calculations.has(key.name)) check.unknown('field_list_calculation', key.name, key.position);
  }
  for (const table of model.tables.values()) check.table(table);
  for (const control of model.controls.values()) check.control(control.body);
  noCycles('control', model.controls, (control) => calledControls(control.body), diagnostics);
  const start = model.states.get('start');
  const anywhere = start?.position ??
    [...model.instances.values()][0]?.position ?? { file: '<p4>', line: 1, column: 1 };
  if (start === undefined) diagnostics.error('p4-no-start', anywhere, 'there is no parser start');
  if (!model.controls.has('ingress')) diagnostics.error('p4-no-ingress', anywhere, 'there is no control ingress');
}

class ProgramChecks extends ActionChecks {
  /** The length of a header with a field of variable width is computed from the fields before that field. */
  headerLengths(): void {
    for (const { length, fields, stack } of this.model.instances.values()) {
      if (length === undefined || (stack !== undefined && stack.index > 0)) continue;
      this.expression(length, { ownFields: fields.filter((field) => !field.variable) });
    }
  }

  fieldList(name: string, path: readonly string[] = []): void {
    const list = this.model.fieldLists.get(name);
    if (list === undefined) return;
    if (path.includes(name)) {
      this.diagnostics.error('p4-cycle', list.position, `field_list ${name} contains itself`);
      return;
    }
    for (const entry of list.entries) {
      if (entry.kind === 'field') this.field(entry, {});
      else if (entry.kind === 'literal') {
        if (entry.bits !== undefined) continue;
        const text = `${entry.value} has no width`;
        this.diagnostics.error('p4-literal-width', entry.position, text, `write it with one: 16'${entry.value}`);
      } else if (entry.kind === 'name') {
        if (this.model.fieldLists.has(entry.name)) this.fieldList(entry.name, [...path, name]);
        else if (findInstance(this.model, entry.name)?.metadata !== true) this.header(entry.name, entry.position);
      }
    }
  }

  calculations(): void {
    for (const { inputs, algorithm, position, name, outputBits } of this.model.calculations.values()) {
      for (const input of inputs) {
        if (!this.model.fieldLists.has(input.name)) this.unknown('field_list', input.name, input.position);
      }
      if (inputs.length === 0) this.diagnostics.error('p4-no-input', position, `${name} has no input`);
      if (!ALGORITHMS.has(algorithm)) {
        const hint = `one of ${[...ALGORITHMS].join(', ')}`;
        this.diagnostics.error('p4-unsupported', position, `there is no algorithm ${algorithm}`, hint);
      }
      const variable = ['csum16', 'csum16_udp', 'xor16'].includes(algorithm) ? undefined : this.variableField(inputs);
      if (variable !== undefined) {
        const text = `${algorithm} over ${variable}, which has a variable width, is not supported`;
        this.diagnostics.error('p4-unsupported', position, text, 'sums can have such fields: csum16, xor16');
      }
      const most = CRCS.get(algorithm)?.bits ?? (algorithm === 'identity' ? 64 : 16);
      if (outputBits < 1 || (ALGORITHMS.has(algorithm) && outputBits > Math.max(most, 32))) {
        const text = `${name} has an output_width of ${outputBits}; ${algorithm} gives ${most} bits`;
        this.diagnostics.error('p4-wrong-width', position, text);
      }
    }
  }

  /** A field of variable width in the list that is calculated over. */
  private variableField([input]: FieldListCalculation['inputs'], seen: readonly string[] = []): string | undefined {
    const list = this.model.fieldLists.get(input?.name ?? '');
    if (input === undefined || list === undefined || seen.includes(input.name)) return undefined;
    for (const entry of list.entries) {
      if (entry.kind !== 'field' && entry.kind !== 'name') continue;
      const name = entry.kind === 'field' ? entry.instance : entry.name;
      const found = findInstance(this.model, name)?.fields.find((field) => field.variable);
      if (found !== undefined && (entry.kind === 'name' || entry.field === found.name)) return `${name}.${found.name}`;
      const inner = this.variableField([{ name, position: entry.position }], [...seen, input.name]);
      if (inner !== undefined) return inner;
    }
    return undefined;
  }

  calculatedField({ field: reference, uses }: CalculatedField): void {
    const field = this.field(reference, {});
    if (field?.variable === true) {
      this.diagnostics.error('p4-variable-value', reference.position, `${field.name} has a variable width`);
    }
    for (const { calculation, position, condition } of uses) {
      const known = this.model.calculations.get(calculation);
      if (known === undefined) this.unknown('field_list_calculation', calculation, position);
      else if (field !== undefined && known.outputBits !== field.bits) {
        const text = `${calculation} gives ${known.outputBits} bits; ${field.name} has ${field.bits}`;
        this.diagnostics.error('p4-wrong-width', position, text);
      }
      if (condition !== undefined) this.expression(condition, {});
    }
  }

  profile({ actions, selector }: ActionProfile): void {
    for (const { name, position } of actions) this.actionName(name, position);
    if (selector !== undefined && !this.model.actionSelectors.has(selector.name)) {
      this.unknown('action_selector', selector.name, selector.position);
    }
  }

  table(table: Table): void {
    for (const { field, position, match } of table.reads) {
      if (field.kind === 'name' && match !== 'valid') {
        const text = `${field.name} is a header; its fields can be matched, or whether it is valid`;
        if (findInstance(this.model, field.name) !== undefined) {
          this.diagnostics.error('p4-not-a-field', position, text, `${field.name} : valid;`);
        } else this.unknown('field', field.name, position);
      } else if (field.kind === 'name') this.header(field.name, position);
      else this.expression(field, {});
    }
    const profile = table.actionProfile;
    if (profile !== undefined && !this.model.actionProfiles.has(profile.name)) {
      this.unknown('action_profile', profile.name, profile.position);
    } else if (table.actions.length === 0) {
      this.diagnostics.error('p4-no-actions', table.position, `${table.name} has no actions`);
    }
    if (profile === undefined) for (const { name, position } of table.actions) this.actionName(name, position);
    const lpm = table.reads.filter(({ match }) => match === 'lpm');
    if (lpm[1] !== undefined) {
      this.diagnostics.error(
        'p4-two-lpm',
        lpm[1].position,
        'two fields with a longest prefix',
        'keep one; match others ternary',
      );
    }
    if (table.minSize !== undefined && table.maxSize !== undefined && table.minSize > table.maxSize) {
      this.diagnostics.error(
        'p4-table-size',
        table.position,
        `min_size ${table.minSize} above max_size ${table.maxSize}`,
      );
    }
    if (table.defaultAction !== undefined) this.call(table.defaultAction, []);
  }

  control(statements: readonly ControlStatement[]): void {
    for (const statement of statements) {
      if (statement.kind === 'if') {
        this.expression(statement.condition, {});
        this.control(statement.yes);
        this.control(statement.no);
      } else if (statement.kind === 'call') {
        if (!this.model.controls.has(statement.control)) this.unknown('control', statement.control, statement.position);
      } else this.apply(statement);
    }
  }

  private apply({ table: name, position, cases }: Extract<ControlStatement, { kind: 'apply' }>): void {
    const table = this.model.tables.get(name);
    if (table === undefined) this.unknown('table', name, position);
    const seen = new Set<string>();
    for (const each of cases) {
      const listed = table?.actions.some((action) => action.name === each.name);
      const means = ['hit', 'miss', 'default'].includes(each.name) || listed;
      if (means !== true && table !== undefined) this.unknown(`case of ${table.name}`, each.name, each.position);
      if (seen.has(each.name)) {
        this.diagnostics.error('p4-redefined', each.position, `${each.name} stands twice behind apply(${name})`);
      }
      seen.add(each.name);
      this.control(each.body);
    }
  }
}

export function calledControls(statements: readonly ControlStatement[]): string[] {
  return statements.flatMap((statement) => {
    if (statement.kind === 'call') return [statement.control];
    if (statement.kind === 'if') return [...calledControls(statement.yes), ...calledControls(statement.no)];
    return statement.cases.flatMap((each) => calledControls(each.body));
  });
}
