import type { P4Expression, ParserState } from '../../2-parse/p4/tree.ts';
import type { P4Instance, P4Model } from '../../3-analyze/p4/model.ts';
import { stackReference } from '../../3-analyze/p4/references.ts';
import type { Diagnostics } from '../../diagnostics.ts';
import { FRAME_SKEW_OCTETS } from './frame.ts';

/** A header at its place in a packet. */
export interface PlacedHeader {
  readonly name: string;
  readonly offsetOctets: number;
  readonly octets: number;
}

/** One way through the parser: the headers that it extracts, in order. */
export type HeaderStack = readonly PlacedHeader[];

/**
 * A state of the parser, reached with so many elements extracted of each header stack; when offsets are constant also
 * with these headers before it.
 */
export interface ParseNode {
  readonly id: number;
  readonly state: ParserState;
  /** Elements of each header stack that were extracted before this state. */
  readonly extracted: ReadonlyMap<string, number>;
  readonly before: HeaderStack;
  /** What each `extract` of the state means here; undefined: the header stack is full. */
  readonly extracts: readonly (P4Instance | undefined)[];
  /** By the names of the states that may follow. */
  readonly next: Map<string, ParseNode>;
  /** How many states lead here, a loop's end included. */
  predecessors: number;
}

export interface ParseGraph {
  /** The offset of every header is known when compiling. */
  readonly constantOffsets: boolean;
  readonly start: ParseNode;
  /** With constant offsets: every combination of headers that the parser can find, shorter ones first, each once. */
  readonly stacks: readonly HeaderStack[];
}

/** Beyond so many states with constant offsets they are found out at run time, which takes each state once. */
const MAX_CONSTANT_NODES = 40;
/** A parser with more states than this, elements of stacks counted one by one, is not for one core. */
const MAX_NODES = 400;
/** What one command reads: the heads of all headers have to lie in it for offsets to be constant. */
const WINDOW_OCTETS = 128;
/** Valid bits that are compared at once. */
const WORD_BITS = 32;

/** The parser as a graph; undefined, and errors, when it runs in circles or is too large. */
export function parseGraph(model: P4Model, diagnostics: Diagnostics): ParseGraph | undefined {
  const errorsBefore = diagnostics.errorCount;
  const headers = [...model.instances.values()].filter((instance) => !instance.metadata);
  const fixed = headers.every((header) => header.fields.every((field) => !field.variable));
  if (fixed && headers.length <= WORD_BITS) {
    const graph = new GraphBuilder(model, diagnostics, true).build();
    if (diagnostics.errorCount > errorsBefore) return undefined;
    if (graph !== undefined) return graph;
  }
  const graph = new GraphBuilder(model, diagnostics, false).build();
  return diagnostics.errorCount > errorsBefore ? undefined : graph;
}

class GraphBuilder {
  private readonly model: P4Model;
  private readonly diagnostics: Diagnostics;
  private readonly constantOffsets: boolean;
  private readonly nodes = new Map<string, ParseNode>();
  private readonly stacks = new Map<string, HeaderStack>();
  private readonly open = new Map<string, ReadonlySet<string>>();
  /** Too large, or with offsets that are not constant, for this kind of graph. */
  private tooLarge = false;

  constructor(model: P4Model, diagnostics: Diagnostics, constantOffsets: boolean) {
    this.model = model;
    this.diagnostics = diagnostics;
    this.constantOffsets = constantOffsets;
  }

  build(): ParseGraph | undefined {
    const first = this.model.states.get('start');
    if (first === undefined) return undefined;
    if (this.constantOffsets) this.stacks.set('', []);
    const start = this.visit(first, new Map(), [], []);
    if (this.tooLarge && !this.constantOffsets) {
      const text = `the parser has more than ${MAX_NODES} states, counting them for each number of extracted headers`;
      this.diagnostics.error('p4-parser-too-large', first.position, text);
    }
    if (this.tooLarge || start === undefined) return undefined;
    return { constantOffsets: this.constantOffsets, start, stacks: [...this.stacks.values()] };
  }

  /** @param way the nodes on the way here, with the octets that were extracted before each */
  private visit(
    state: ParserState,
    all: ReadonlyMap<string, number>,
    before: HeaderStack,
    way: readonly { readonly node: ParseNode; readonly extracts: boolean }[],
  ): ParseNode | undefined {
    if (this.tooLarge) return undefined;
    const open = this.openStacks(state);
    const known = new Map([...all].filter(([stack]) => open.has(stack)));
    return this.visitKnowing(state, known, before, way);
  }

  private visitKnowing(
    state: ParserState,
    extracted: ReadonlyMap<string, number>,
    before: HeaderStack,
    way: readonly { readonly node: ParseNode; readonly extracts: boolean }[],
  ): ParseNode | undefined {
    const key = `${state.name} ${[...extracted].join(' ')} ${before.map((header) => header.name).join(' ')}`;
    const known = this.nodes.get(key);
    if (known !== undefined) {
      known.predecessors++;
      this.refuseEmptyCycle(known, way);
      return known;
    }
    if (this.nodes.size >= (this.constantOffsets ? MAX_CONSTANT_NODES : MAX_NODES)) {
      this.tooLarge = true;
      return undefined;
    }
    const counts = new Map(extracted);
    const extracts: (P4Instance | undefined)[] = [];
    let stack = before;
    for (const statement of state.statements) {
      if (statement.kind !== 'extract') continue;
      const instance = this.extractedBy(statement.instance, counts);
      const isRepeated = instance !== undefined && (extracts.includes(instance) || this.repeats(instance, way));
      extracts.push(instance);
      if (instance === undefined) break;
      if (isRepeated && this.onCycle(state)) this.tooLarge ||= this.constantOffsets;
      else if (isRepeated) {
        this.diagnostics.error('p4-extracted-twice', statement.position, `${instance.name} is extracted twice`);
      }
      if (!this.constantOffsets) continue;
      stack = [...stack, { name: instance.name, offsetOctets: endOf(stack), octets: instance.octets }];
      if (endOf(stack) + FRAME_SKEW_OCTETS > WINDOW_OCTETS) this.tooLarge = true;
      this.stacks.set(stack.map((header) => header.name).join(' '), stack);
    }
    const node: ParseNode = {
      id: this.nodes.size,
      state,
      extracted: new Map(extracted),
      before,
      extracts,
      next: new Map(),
      predecessors: 1,
    };
    this.nodes.set(key, node);
    const full = extracts.includes(undefined);
    const further = [...way, { node, extracts: extracts.length > 0 }];
    for (const name of full ? [] : nextNames(state)) {
      const following = this.model.states.get(name);
      const next = following === undefined ? undefined : this.visit(following, counts, stack, further);
      if (next === undefined) continue;
      node.next.set(name, next);
      next.predecessors += waysTo(state, name) - 1;
    }
    return node;
  }

  /** Stacks that this state or a later one asks for by `next` or `last`: only their counts make a difference. */
  private openStacks(state: ParserState): ReadonlySet<string> {
    const found = new Set<string>();
    const seen = new Set<string>();
    const visit = (name: string): void => {
      const each = this.model.states.get(name);
      if (each === undefined || seen.has(name)) return;
      seen.add(name);
      for (const named of namedHeaders(each)) {
        const reference = stackReference(named);
        if (reference !== undefined) found.add(reference.stack);
      }
      for (const next of nextNames(each)) visit(next);
    };
    const before = this.open.get(state.name);
    if (before !== undefined) return before;
    visit(state.name);
    this.open.set(state.name, found);
    return found;
  }

  private extractedBy(name: string, counts: Map<string, number>): P4Instance | undefined {
    const reference = stackReference(name);
    if (reference === undefined) return this.model.instances.get(name);
    const elements = this.model.stacks.get(reference.stack) ?? [];
    const count = counts.get(reference.stack) ?? 0;
    const index = reference.index === 'next' ? count : Number(reference.index);
    counts.set(reference.stack, Math.max(count, Math.min(index + 1, elements.length)));
    return elements[index];
  }

  private repeats(instance: P4Instance, way: readonly { readonly node: ParseNode }[]): boolean {
    return way.some(({ node }) => node.extracts.some((each) => each?.name === instance.name));
  }

  /** In a loop a header may come again: the packet decides, and offsets are not constant. */
  private onCycle(state: ParserState): boolean {
    const seen = new Set<string>();
    const reach = (name: string): boolean => {
      const each = this.model.states.get(name);
      if (each === undefined || seen.has(name)) return false;
      seen.add(name);
      return nextNames(each).some((next) => next === state.name || reach(next));
    };
    return reach(state.name);
  }

  /** A circle that extracts nothing never ends; others end with the packet. With constant offsets there are none. */
  private refuseEmptyCycle(
    node: ParseNode,
    way: readonly { readonly node: ParseNode; readonly extracts: boolean }[],
  ): void {
    const start = way.findIndex((each) => each.node === node);
    if (start < 0) return;
    const cycle = way.slice(start);
    if (cycle.some((each) => each.extracts)) return;
    const names = [...cycle.map((each) => each.node.state.name), node.state.name].join(' -> ');
    const hint = 'a loop of the parser has to extract something each time round';
    this.diagnostics.error('p4-parser-loop', node.state.position, `the parser loops: ${names}`, hint);
  }
}

/** Headers that a state names, with their indexes. */
function namedHeaders({ statements, end }: ParserState): string[] {
  const inExpression = (expression: P4Expression): string[] => {
    if (expression.kind === 'field' || expression.kind === 'valid') return [expression.instance];
    if (expression.kind === 'unary') return inExpression(expression.operand);
    if (expression.kind !== 'binary') return [];
    return [...inExpression(expression.left), ...inExpression(expression.right)];
  };
  return [
    ...statements.flatMap((each) =>
      each.kind === 'extract' ? [each.instance] : [each.field.instance, ...inExpression(each.value)],
    ),
    ...(end.kind === 'select' ? end.fields.flatMap(inExpression) : []),
  ];
}

/** Names of the states and controls that may follow. */
export function nextNames({ end }: ParserState): string[] {
  if (end.kind === 'state') return [end.name];
  if (end.kind === 'error') return [];
  return [...new Set(end.cases.flatMap(({ next }) => (next.kind === 'state' ? [next.name] : [])))];
}

/** Cases that lead to a state: it is written once all the same. */
function waysTo({ end }: ParserState, name: string): number {
  return end.kind === 'select' ? end.cases.filter(({ next }) => next.kind === 'state' && next.name === name).length : 1;
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
