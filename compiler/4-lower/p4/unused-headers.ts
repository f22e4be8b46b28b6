import type { P4Model } from '../../3-analyze/p4/model.ts';
import { Diagnostics } from '../../diagnostics.ts';
import { MINIMUM_FRAME_OCTETS } from './frame.ts';
import { endOf, type HeaderStack, parseGraph } from './parse-graph.ts';

/**
 * Headers that the parser need not extract, because nothing can tell the difference: no control, action, table,
 * calculation or plugin names them; they are the last of their packets and lie in the octets that every frame has, so that
 * leaving them in the payload changes neither a length check nor where they stand when the frame goes out.
 * @param microC text of all plugins
 */
export function unusedHeaders(model: P4Model, microC: string): Set<string> {
  const graph = parseGraph(model, new Diagnostics());
  const unused = new Set<string>();
  // Where the payload begins and which headers are valid are numbers that plugins can see.
  const seen = /\bpkt_pl_off\b|(\.|->)\s*valid\b/.test(microC);
  if (graph === undefined || !graph.constantOffsets || seen) return unused;
  const words = new Set(microC.match(/\w+/g) ?? []);
  const used = namedIn(model);
  const moved = movedHeaders(model, words);
  const summed = summedWithPayload(model);
  for (const instance of model.instances.values()) {
    const { name, member, metadata, stack } = instance;
    if (metadata || stack !== undefined || used.has(name)) continue;
    if (words.has(member) || [...words].some((word) => namesHeader(word, member))) continue;
    const stacks = graph.stacks.filter((each) => each.some((header) => header.name === name));
    const leaves = onlyExtractedLast(model, name);
    if (leaves && stacks.every((each) => staysInPlace(each, name, graph.stacks, moved, summed))) unused.add(name);
  }
  return unused;
}

/** `PIF_PLUGIN_tcp_T`, `pif_plugin_hdr_tcp_present` and the like. */
function namesHeader(word: string, member: string): boolean {
  return /^pif_/i.test(word) && (word.includes(`_${member}_`) || word.endsWith(`_${member}`));
}

/** Every state that extracts it does only that, and goes on with a control. */
function onlyExtractedLast(model: P4Model, name: string): boolean {
  return [...model.states.values()].every(
    ({ statements, end }) =>
      !statements.some((each) => each.kind === 'extract' && each.instance === name) ||
      (statements.length === 1 && end.kind === 'state' && model.controls.has(end.name)),
  );
}

function staysInPlace(
  stack: HeaderStack,
  name: string,
  stacks: readonly HeaderStack[],
  moved: ReadonlySet<string>,
  summed: ReadonlySet<string>,
): boolean {
  if (stack.at(-1)?.name !== name || endOf(stack) > MINIMUM_FRAME_OCTETS) return false;
  const before = stack.slice(0, -1).map((header) => header.name);
  if (before.some((each) => moved.has(each) || summed.has(each))) return false;
  // With headers that are added, those before it may become a combination that could not be sent with it.
  return !stacks.some((other) => {
    const names = other.map((header) => header.name);
    if (names.includes(name) || names.length <= before.length || !before.every((each) => names.includes(each))) {
      return false;
    }
    return names.every((each) => before.includes(each) || moved.has(each));
  });
}

/** Headers that are added or removed, by actions or by plugins. */
function movedHeaders(model: P4Model, words: ReadonlySet<string>): Set<string> {
  const moved = new Set<string>();
  for (const { name, member, metadata } of model.instances.values()) {
    const plugin = ['add', 'remove'].some((what) => words.has(`pif_plugin_hdr_${member}_${what}`));
    if (!metadata && plugin) moved.add(name);
  }
  for (const { calls } of model.actions.values()) {
    for (const call of calls) {
      if (!/^(add_header|remove_header|copy_header|push|pop)$/.test(call.name)) continue;
      for (const argument of call.arguments) if (argument.kind === 'name') moved.add(argument.name);
    }
  }
  return moved;
}

/** Headers with a field that is calculated over the payload, which would then begin earlier. */
function summedWithPayload(model: P4Model): Set<string> {
  return new Set(model.calculatedFields.filter((each) => usesPayload(model, each)).map(({ field }) => field.instance));
}

function usesPayload(model: P4Model, calculated: P4Model['calculatedFields'][number]): boolean {
  const seen = new Set<string>();
  const has = (list: string): boolean => {
    if (seen.has(list)) return false;
    seen.add(list);
    const entries = model.fieldLists.get(list)?.entries ?? [];
    return entries.some((entry) => entry.kind === 'payload' || (entry.kind === 'name' && has(entry.name)));
  };
  return calculated.uses.some(({ calculation }) =>
    (model.calculations.get(calculation)?.inputs ?? []).some((list) => has(list.name)),
  );
}

/** Headers that anything but the parser's `extract` names. */
function namedIn(model: P4Model): Set<string> {
  const names = new Set<string>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) visit(each);
    else if (typeof value === 'object' && value !== null) {
      if ('kind' in value && value.kind === 'extract') return;
      for (const [key, each] of Object.entries(value)) {
        if ((key === 'instance' || key === 'name') && typeof each === 'string') names.add(each);
        else visit(each);
      }
    }
  };
  const { instances: _, stacks: __, ...rest } = model;
  for (const part of Object.values(rest)) visit(part instanceof Map ? [...part.values()] : part);
  return names;
}
