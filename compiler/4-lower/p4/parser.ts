import type {
  CurrentBits,
  P4Expression,
  ParserState,
  SelectCase,
  SelectKey,
  SelectValue,
} from '../../2-parse/p4/tree.ts';
import type { P4Instance, P4Model } from '../../3-analyze/p4/model.ts';
import { findP4Field } from '../../3-analyze/p4/references.ts';
import { locationOf, raise } from './exceptions.ts';
import { cExpression, type ExpressionScope, matches } from './expressions.ts';
import { extractFromPacket, extractFromWindow, readCurrent, windowCurrent } from './extract.ts';
import { hasField, setValid, validWordCount, validWordName, writeReference } from './fields.ts';
import { FRAME_SKEW_OCTETS, MINIMUM_FRAME_OCTETS } from './frame.ts';
import { endOf, type ParseGraph, type ParseNode } from './parse-graph.ts';
import type { ValueSetEntry } from './program-rules.ts';
import type { GeneratedText } from './text.ts';
import type { CValue } from './values.ts';

export interface ParserOptions {
  /** Frames may be shorter than 60 octets. */
  readonly wholeProgram: boolean;
  /** Members of each parser value set. */
  readonly valueSets: ReadonlyMap<string, readonly ValueSetEntry[]>;
}

/** Controls that the parser can go on with, `ingress` first: the number that `pif_parse()` returns for each. */
export function parserControls(model: P4Model): string[] {
  const named = [...model.states.values()].flatMap(({ end }) => {
    if (end.kind === 'error') return [];
    return end.kind === 'state' ? [end.name] : end.cases.map(({ next }) => next.name);
  });
  const handlers = [...model.exceptions.values()].flatMap(({ control }) => control?.name ?? []);
  return [...new Set(['ingress', ...named, ...handlers])].filter((name) => model.controls.has(name));
}

/**
 * `int pif_parse(void)`: -1 drops the packet, other results are the number of the control that goes on with it.
 *
 * When the places of all headers are known, one command reads the heads of all of them, and each header's words are
 * handed to local memory as its state is reached. Otherwise the offset is a variable, and each header is read when its
 * state is reached. A state that several lead to is written once, behind a label.
 */
export function generateParser(model: P4Model, graph: ParseGraph, options: ParserOptions, out: GeneratedText): void {
  new ParserText(model, graph, options, out).generate();
}

class ParserText {
  private readonly model: P4Model;
  private readonly graph: ParseGraph;
  private readonly options: ParserOptions;
  private readonly out: GeneratedText;
  private readonly pending: ParseNode[] = [];
  private readonly labelled = new Set<ParseNode>();
  private readonly controls: readonly string[];
  /** Words that are read at once when offsets are constant. */
  private readonly windowWords: number;
  private currents = 0;
  /** Of the state that is written. */
  private location = 0;

  constructor(model: P4Model, graph: ParseGraph, options: ParserOptions, out: GeneratedText) {
    this.model = model;
    this.graph = graph;
    this.options = options;
    this.out = out;
    this.controls = parserControls(model);
    this.windowWords = graph.constantOffsets ? this.countWindowWords() : 0;
  }

  generate(): void {
    const { out, graph, model } = this;
    const { position } = graph.start.state;
    out.at(position).line(`static inline int pif_parse(void) {`);
    if (graph.constantOffsets) {
      const words = this.windowWords;
      out.line(`__xread unsigned int window[${words}];`);
      out.line('pif_headers.valid = 0;');
      out.line(`mem_read32(window, pif_pkt_info_global.pkt_buf - ${FRAME_SKEW_OCTETS}, ${words * 4});`);
    } else {
      out.line('unsigned int offset = 0;');
      for (let word = 0; word < validWordCount(model); word++) out.line(`pif_headers.${validWordName(word)} = 0;`);
    }
    if (model.exceptions.size > 0 && hasField(model, 'standard_metadata', 'parser_status')) {
      out.line('pif_headers.standard_metadata.parser_status = 0;');
    }
    this.enter(graph.start);
    for (let node = this.pending.shift(); node !== undefined; node = this.pending.shift()) {
      out.at(node.state.position).line(`pif_state_${node.id}: {`);
      this.state(node);
      out.at(node.state.position).line('}');
    }
    out.at(position).line('}');
  }

  private countWindowWords(): number {
    let longest = Math.max(...this.graph.stacks.map(endOf));
    const visited = new Set<ParseNode>();
    const visit = (node: ParseNode): void => {
      if (visited.has(node)) return;
      visited.add(node);
      const own = node.extracts.reduce((sum, instance) => sum + (instance?.octets ?? 0), endOf(node.before));
      for (const { offsetBits, bits } of currentsOf(node.state)) {
        longest = Math.max(longest, own + Math.ceil((offsetBits + bits) / 8));
      }
      for (const next of node.next.values()) visit(next);
    };
    visit(this.graph.start);
    return Math.min(Math.max(Math.ceil((longest + FRAME_SKEW_OCTETS) / 4), 1), 32);
  }

  /** Goes on with a node: in place when nothing else leads to it. */
  private enter(node: ParseNode): void {
    if (node.predecessors === 1) {
      this.state(node);
      return;
    }
    this.out.line(`goto pif_state_${node.id};`);
    if (this.labelled.has(node)) return;
    this.labelled.add(node);
    this.pending.push(node);
  }

  private state(node: ParseNode): void {
    const { out } = this;
    this.location = locationOf(this.model, node.state.name);
    const found = [...node.before.map((header) => header.name)];
    const extracted = new Map(node.extracted);
    let end = endOf(node.before);
    let latest: string | undefined;
    let extracts = 0;
    const scope = (): ExpressionScope => ({ model: this.model, latest, extracted: new Map(extracted) });
    for (const statement of node.state.statements) {
      out.at(statement.position);
      if (statement.kind === 'set-metadata') {
        const inner = this.withCurrents(currentsIn(statement.value), scope(), end, found);
        for (const line of writeReference(inner, statement.field, cExpression(inner, statement.value))) out.line(line);
        continue;
      }
      const instance = node.extracts[extracts++];
      if (instance === undefined) {
        this.raise('p4_pe_index_out_of_bounds', scope(), found);
        return;
      }
      if (this.graph.constantOffsets) {
        if (this.needsCheck(end + instance.octets)) this.checkLength(`${end + instance.octets}`, scope(), found);
        extractFromWindow(instance, end, this.windowWords, out);
      } else {
        this.extract(instance, scope(), found);
      }
      end += instance.octets;
      found.push(instance.name);
      latest = instance.name;
      if (instance.stack !== undefined) {
        const { name, index } = instance.stack;
        extracted.set(name, Math.max(extracted.get(name) ?? 0, index + 1));
      }
    }
    this.leave(node, scope(), end, found);
  }

  private needsCheck(end: number): boolean {
    return this.options.wholeProgram || end > MINIMUM_FRAME_OCTETS;
  }

  private checkLength(end: string, scope: ExpressionScope, found: readonly string[]): void {
    this.out.line(`if (pif_pkt_info_global.pkt_len < ${end}) {`);
    this.raise('p4_pe_out_of_packet', scope, found);
    this.out.line('}');
  }

  private extract(instance: P4Instance, scope: ExpressionScope, found: readonly string[]): void {
    extractFromPacket(
      this.model,
      instance,
      (end) => this.checkLength(end, scope, found),
      (name) => this.raise(name, scope, found),
      this.out,
    );
    this.out.line(setValid(instance, true));
  }

  /** Reads what `current(...)` stands for before it is used. */
  private withCurrents(
    currents: readonly CurrentBits[],
    scope: ExpressionScope,
    end: number,
    found: readonly string[],
  ): ExpressionScope {
    const values = new Map<CurrentBits, CValue>();
    for (const current of currents) {
      const octets = Math.ceil((current.offsetBits + current.bits) / 8);
      if (this.graph.constantOffsets) {
        if (this.needsCheck(end + octets)) this.checkLength(`${end + octets}`, scope, found);
        values.set(current, windowCurrent(current, end, this.windowWords));
      } else {
        this.checkLength(`offset + ${octets}`, scope, found);
        values.set(current, readCurrent(current, `pif_current_${this.currents++}`, this.out));
      }
    }
    return { ...scope, current: (bits) => values.get(bits) ?? { text: '0u', bits: bits.bits } };
  }

  private leave({ state, next }: ParseNode, before: ExpressionScope, offset: number, found: readonly string[]): void {
    const { out } = this;
    const { end } = state;
    out.at(end.position);
    const follow = (name: string): void => {
      const node = next.get(name);
      if (node !== undefined) this.enter(node);
      else this.finish(name, found);
    };
    if (end.kind === 'error') this.raise(end.name, before, found);
    else if (end.kind === 'state') follow(end.name);
    else {
      const scope = this.withCurrents(currentsOf(state), before, offset, found);
      let covered = false;
      for (const each of end.cases) {
        if (covered) break;
        out.at(each.position);
        if (each.values === undefined) covered = true;
        else out.line(`if (${this.condition(end.fields, each, scope)}) {`);
        this.location = locationOf(this.model, state.name);
        if (each.next.kind === 'error') this.raise(each.next.name, scope, found);
        else follow(each.next.name);
        if (each.values !== undefined) out.line('}');
      }
      if (covered) return;
      out.at(end.position);
      this.location = locationOf(this.model, state.name);
      this.raise('p4_pe_unhandled_select', scope, found);
    }
  }

  private raise(name: string, scope: ExpressionScope, found: readonly string[]): void {
    raise(scope, name, this.location, (control) => this.finish(control, found), this.out);
  }

  /** A control goes on: what was found so far is valid, and the payload begins behind it. */
  private finish(control: string, found: readonly string[]): void {
    const { out, model } = this;
    if (this.graph.constantOffsets) {
      const headers = found.flatMap((name) => model.instances.get(name) ?? []);
      const valid = headers.reduce((mask, header) => mask + 2 ** header.validBit, 0);
      const octets = headers.reduce((sum, header) => sum + header.octets, 0);
      out.line(`pif_headers.valid = 0x${valid.toString(16)}u;`);
      out.line(`pif_pkt_info_global.pkt_pl_off = ${octets};`);
    } else {
      out.line('pif_pkt_info_global.pkt_pl_off = offset;');
    }
    out.line(`return ${this.controls.indexOf(control)};`);
  }

  private condition(keys: readonly SelectKey[], { values }: SelectCase, scope: ExpressionScope): string {
    const reads = keys.map((key) => {
      const field = key.kind === 'field' ? findP4Field(this.model, key, scope.latest) : undefined;
      return { value: cExpression(scope, key), bits: key.kind === 'current' ? key.bits : (field?.bits ?? 1) };
    });
    if (values?.length === keys.length) {
      return reads.map(({ value }, index) => this.oneOf([{ value, bits: 0 }], values[index])).join(' && ');
    }
    return this.oneOf(reads, values?.[0]);
  }

  /** The keys put together, the first one most significant, are a value, or one of a value set. */
  private oneOf(reads: readonly { readonly value: CValue; readonly bits: number }[], wanted?: SelectValue): string {
    if (wanted === undefined) return '1';
    if (wanted.kind === 'value') return together(reads, wanted.value, wanted.mask);
    const members = this.options.valueSets.get(wanted.name) ?? [];
    if (members.length === 0) return '0';
    return `(${members.map(({ value, mask }) => together(reads, value, mask)).join(' || ')})`;
  }
}

function together(
  reads: readonly { readonly value: CValue; readonly bits: number }[],
  value: bigint,
  mask: bigint | undefined,
): string {
  if (reads.length === 1 && reads[0] !== undefined) return matches(reads[0].value, value, mask);
  let below = reads.reduce((sum, { bits }) => sum + bits, 0);
  const tests = reads.map((read) => {
    below -= read.bits;
    const part = (whole: bigint): bigint => BigInt.asUintN(read.bits, whole >> BigInt(below));
    return matches(read.value, part(value), mask === undefined ? undefined : part(mask));
  });
  return tests.join(' && ');
}

function currentsOf({ end }: ParserState): CurrentBits[] {
  return end.kind === 'select' ? end.fields.filter((key) => key.kind === 'current') : [];
}

function currentsIn(expression: P4Expression): CurrentBits[] {
  switch (expression.kind) {
    case 'current':
      return [expression];
    case 'unary':
      return currentsIn(expression.operand);
    case 'binary':
      return [...currentsIn(expression.left), ...currentsIn(expression.right)];
    default:
      return [];
  }
}
