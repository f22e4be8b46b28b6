import type { SourcePosition } from '../../../base/errors.ts';
import type { ActionCall } from '../../2-parse/p4/tree.ts';
import type { P4Model } from '../../3-analyze/p4/model.ts';
import type { Diagnostics } from '../../diagnostics.ts';

/** The entries of one table, from a `.p4cfg` file. */
export interface TableRules {
  readonly rules: readonly TableRule[];
  readonly defaultAction: ActionCall | undefined;
}

export interface TableRule {
  readonly name: string;
  /** Smaller comes first. */
  readonly priority: number;
  /** By `instance.field`, or a header's name for a `valid` match. */
  readonly keys: ReadonlyMap<string, { readonly value: bigint; readonly mask: bigint | undefined }>;
  readonly action: ActionCall;
}

/**
 * Reads rules: JSON of the form `tables.<table>.rules[] {name, priority, match {field: {value, mask}}, action {type, data
 * {param: {value}}}}` and `default_rule`. Mistakes are reported at the start of the file, naming the rule.
 */
export function readRules(
  model: P4Model,
  path: string,
  text: string,
  diagnostics: Diagnostics,
): Map<string, TableRules> {
  const position: SourcePosition = { file: path, line: 1, column: 1 };
  const found = new Map<string, TableRules>();
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    diagnostics.error(
      'p4cfg-bad-json',
      position,
      `not JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
    return found;
  }
  for (const [tableName, entry] of Object.entries(record(record(document).tables))) {
    const table = model.tables.get(tableName);
    if (table === undefined) {
      diagnostics.error('p4cfg-unknown-table', position, `there is no table ${tableName}`);
      continue;
    }
    const call = (value: unknown, what: string): ActionCall | undefined => {
      const { type, data } = record(value);
      const action = typeof type === 'string' ? model.actions.get(type) : undefined;
      const isPrimitive = typeof type === 'string' && model.primitives.has(type);
      if ((action === undefined && !isPrimitive) || !table.actions.some((each) => each.name === type)) {
        diagnostics.error('p4cfg-bad-action', position, `${tableName}: ${what} has no action of the table`);
        return undefined;
      }
      const parameters = action?.parameters ?? [];
      const given = parameters.map((name) => number(record(record(data)[name]).value));
      if (given.includes(undefined)) {
        diagnostics.error('p4cfg-bad-value', position, `${tableName}: ${what} lacks the value of a parameter`);
        return undefined;
      }
      return {
        position,
        name: String(type),
        arguments: given.map((value) => ({ kind: 'number', position, value: value ?? 0n, bits: undefined })),
      };
    };
    const rules: TableRule[] = [];
    const { rules: listed, default_rule: fallback } = record(entry);
    for (const [index, each] of (Array.isArray(listed) ? listed : []).entries()) {
      const { name, priority, match, action } = record(each);
      const what = typeof name === 'string' ? `rule ${name}` : `rule ${index + 1}`;
      const keys = new Map<string, { value: bigint; mask: bigint | undefined }>();
      for (const [field, key] of Object.entries(record(match))) {
        const value = number(record(key).value);
        const known = table.reads.some(
          ({ field: read }) => (read.kind === 'field' ? `${read.instance}.${read.field}` : read.name) === field,
        );
        if (value === undefined || !known) {
          diagnostics.error('p4cfg-bad-value', position, `${tableName}: ${what}: ${field} has no key or no value`);
        } else {
          keys.set(field, { value, mask: number(record(key).mask) });
        }
      }
      const called = call(action, what);
      if (called !== undefined) {
        rules.push({ name: what, priority: typeof priority === 'number' ? priority : index, keys, action: called });
      }
    }
    const defaultAction = fallback === undefined ? undefined : call(record(fallback).action, 'default_rule');
    found.set(tableName, { rules, defaultAction });
  }
  return found;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function number(value: unknown): bigint | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'string' && /^(0[xX][0-9a-fA-F]+|[0-9]+)$/.test(value)) return BigInt(value);
  return undefined;
}
