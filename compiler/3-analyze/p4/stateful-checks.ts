import type { ActionCall, Counter, Meter, Register } from '../../2-parse/p4/tree.ts';
import type { Diagnostics } from '../../diagnostics.ts';
import { ExpressionChecks } from './expression-checks.ts';
import type { P4Model } from './model.ts';

/** Counters, meters, registers: how many cells they have, whose they are, who may use them. */
export class StatefulChecks extends ExpressionChecks {
  static run(model: P4Model, diagnostics: Diagnostics): void {
    const checks = new StatefulChecks(model, diagnostics);
    for (const counter of model.counters.values()) checks.object(counter);
    for (const register of model.registers.values()) {
      checks.object(register);
      if (register.bits >= 1 && register.bits <= 64) continue;
      const text = `register ${register.name} has ${register.bits} bits; 1 to 64 are supported`;
      diagnostics.error('p4-register-width', register.position, text);
    }
    for (const meter of model.meters.values()) {
      checks.object(meter);
      if (meter.result !== undefined) checks.field(meter.result, {});
      else if (meter.binding?.kind === 'direct') {
        const text = `the direct meter ${meter.name} has no result`;
        diagnostics.error('p4-meter-result', meter.position, text, 'result : field;');
      }
    }
    checks.uses();
  }

  private object({ kind, name, position, binding, instanceCount }: Counter | Meter | Register): void {
    if (binding !== undefined && !this.model.tables.has(binding.table)) {
      this.unknown('table', binding.table, binding.position);
    }
    const direct = binding?.kind === 'direct';
    if (direct && instanceCount !== undefined) {
      const text = `${kind} ${name} is direct and has an instance_count`;
      this.diagnostics.error('p4-instance-count', position, text, 'a direct one has a cell for every entry');
    } else if (!direct && instanceCount === undefined) {
      this.diagnostics.error('p4-instance-count', position, `${kind} ${name} has no instance_count`);
    } else if (instanceCount === 0) {
      this.diagnostics.error('p4-instance-count', position, `${kind} ${name} has no cells`);
    }
  }

  /** Direct ones are used by their table alone; static ones by the actions of their table. */
  private uses(): void {
    const { actions, tables } = this.model;
    const check = (call: ActionCall, table: string | undefined, seen: ReadonlySet<string>): void => {
      for (const argument of call.arguments) {
        if (argument.kind === 'name') this.use(call, argument.name, table);
      }
      const called = actions.get(call.name);
      if (called === undefined || seen.has(call.name)) return;
      for (const inner of called.calls) check(inner, table, new Set([...seen, call.name]));
    };
    for (const action of actions.values()) for (const call of action.calls) check(call, undefined, new Set());
    for (const table of tables.values()) {
      for (const { name } of table.actions) {
        for (const call of actions.get(name)?.calls ?? []) check(call, table.name, new Set([name]));
      }
    }
  }

  private use(call: ActionCall, name: string, table: string | undefined): void {
    const { counters, meters, registers } = this.model;
    const object =
      call.name === 'count'
        ? counters.get(name)
        : call.name === 'execute_meter'
          ? meters.get(name)
          : call.name.startsWith('register_')
            ? registers.get(name)
            : undefined;
    if (object?.binding === undefined) return;
    if (object.binding.kind === 'direct' && object.kind !== 'register') {
      const text = `${name} is direct: the table ${object.binding.table} uses it by itself`;
      this.diagnostics.error('p4-direct-object', call.position, text, `leave ${call.name} out`);
    } else if (table !== undefined && object.binding.table !== table) {
      const text = `${name} belongs to the table ${object.binding.table}; ${table} uses it as well`;
      this.diagnostics.error('p4-static-object', call.position, text);
    }
  }
}
