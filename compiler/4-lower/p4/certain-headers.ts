import type { CalculatedField, CalculatedUse, P4Expression } from '../../2-parse/p4/tree.ts';
import type { P4Model } from '../../3-analyze/p4/model.ts';
import type { ParseGraph } from './parse-graph.ts';

/**
 * Headers that need no test in a calculation, because they are there whenever it is used: those of the field that it is
 * for, those that the condition asks for, and those that the parser always finds with them.
 */
export function certainHeaders(
  model: P4Model,
  graph: ParseGraph,
  uses: readonly { readonly calculated: CalculatedField; readonly use: CalculatedUse }[],
): ReadonlySet<string> {
  const sets = uses.map(({ calculated, use }) => {
    const present = [calculated.field.instance, ...asked(use.condition)];
    return new Set([...present, ...foundWith(model, graph, present)]);
  });
  const [first = new Set<string>(), ...others] = sets;
  return new Set([...first].filter((name) => others.every((set) => set.has(name))));
}

function asked(condition: P4Expression | undefined): string[] {
  if (condition?.kind === 'valid') return [condition.instance];
  if (condition?.kind !== 'binary' || condition.operator !== 'and') return [];
  return [...asked(condition.left), ...asked(condition.right)];
}

function foundWith(model: P4Model, graph: ParseGraph, present: readonly string[]): string[] {
  if (!graph.constantOffsets || changesHeaders(model)) return [];
  const headers = present.filter((name) => model.instances.get(name)?.metadata === false);
  const stacks = graph.stacks
    .map((stack) => stack.map(({ name }) => name))
    .filter((names) => names.length > 0 && headers.every((name) => names.includes(name)));
  const [first = [], ...others] = stacks;
  return first.filter((name) => others.every((names) => names.includes(name)));
}

/** The program's own actions make headers come and go: combinations that the parser does not find. */
function changesHeaders(model: P4Model): boolean {
  const names = ['add_header', 'remove_header', 'copy_header', 'push', 'pop'];
  return [...model.actions.values()].some((action) => action.calls.some((call) => names.includes(call.name)));
}
