import type { ParserState } from '../../2-parse/p4/tree.ts';
import type { P4Model } from '../../3-analyze/p4/model.ts';
import type { Diagnostics } from '../../diagnostics.ts';

/** A header at its place in a packet. */
export interface PlacedHeader {
  readonly name: string;
  readonly offsetOctets: number;
  readonly octets: number;
}

/** One way through the parser: the headers that it extracts, in order. */
export type HeaderStack = readonly PlacedHeader[];

/** A parser with more ways than this is not for one core. */
const MAX_PATHS = 256;

/**
 * Every stack of headers that the parser can find, shorter ones first, each once. The deparser writes these stacks: it
 * knows the place of every header when compiling. A parser that loops has no end of them and is refused.
 */
export function headerStacks(model: P4Model, diagnostics: Diagnostics): HeaderStack[] {
  const stacks = new Map<string, HeaderStack>([['', []]]);
  let paths = 0;
  const visit = (state: ParserState, before: HeaderStack, way: readonly string[]): void => {
    if (way.includes(state.name)) {
      const names = [...way, state.name].join(' -> ');
      diagnostics.error(
        'p4-parser-loop',
        state.position,
        `the parser loops: ${names}`,
        'header stacks are not supported',
      );
      return;
    }
    if (++paths > MAX_PATHS) {
      diagnostics.error('p4-parser-too-large', state.position, `the parser has more than ${MAX_PATHS} paths`);
      return;
    }
    let stack = before;
    for (const statement of state.statements) {
      if (statement.kind !== 'extract') continue;
      const instance = model.instances.get(statement.instance);
      if (instance === undefined) continue;
      if (stack.some((header) => header.name === instance.name)) {
        diagnostics.error('p4-extracted-twice', statement.position, `${instance.name} is extracted twice`);
      }
      stack = [...stack, { name: instance.name, offsetOctets: endOf(stack), octets: instance.octets }];
      stacks.set(maskOf(model, stack), stack);
    }
    const { end } = state;
    const next =
      end.kind === 'state' ? [end.name] : end.kind === 'select' ? end.cases.map((each) => each.next.name) : [];
    for (const name of new Set(next)) {
      const following = model.states.get(name);
      if (following !== undefined && diagnostics.errorCount === 0) visit(following, stack, [...way, state.name]);
    }
  };
  const start = model.states.get('start');
  if (start !== undefined) visit(start, [], []);
  return [...stacks.values()];
}

export function endOf(stack: HeaderStack): number {
  const last = stack.at(-1);
  return last === undefined ? 0 : last.offsetOctets + last.octets;
}

/** The word of valid bits when exactly this stack is there. */
export function maskOf(model: P4Model, stack: HeaderStack): string {
  let mask = 0;
  for (const { name } of stack) mask += 2 ** (model.instances.get(name)?.validBit ?? 0);
  return `0x${mask.toString(16)}u`;
}
