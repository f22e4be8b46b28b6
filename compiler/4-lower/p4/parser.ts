import type { ParserState, SelectCase, SelectKey } from '../../2-parse/p4/tree.ts';
import type { P4Model } from '../../3-analyze/p4/model.ts';
import { cExpression, matches } from './expressions.ts';
import { writeReference } from './fields.ts';
import { FRAME_SKEW_OCTETS, MINIMUM_FRAME_OCTETS } from './frame.ts';
import { endOf, type HeaderStack } from './paths.ts';
import type { GeneratedText } from './text.ts';

/**
 * `static int pif_parse(void)`: reads the heads of all headers with one command, hands each header's words to local
 * memory as its state is reached, and chooses the next state. Each state is written out once for every way to it, so
 * that all offsets are constants. 0: go on with the pipeline; -1: drop the packet.
 */
export function generateParser(model: P4Model, stacks: readonly HeaderStack[], out: GeneratedText): void {
  const start = model.states.get('start') as ParserState;
  const longest = Math.max(...stacks.map(endOf));
  const words = Math.max(Math.ceil((longest + FRAME_SKEW_OCTETS) / 4), 1);
  out.at(start.position).line('static inline int pif_parse(void) {');
  out.line(`__xread unsigned int window[${words}];`);
  out.line('pif_headers.valid = 0;');
  out.line(`mem_read32(window, pif_pkt_info_global.pkt_buf - ${FRAME_SKEW_OCTETS}, ${words * 4});`);
  generateState(model, start, [], undefined, 0, out);
  out.at(start.position).line('}');
}

function generateState(
  model: P4Model,
  state: ParserState,
  before: HeaderStack,
  latestBefore: string | undefined,
  validBefore: number,
  out: GeneratedText,
): void {
  let stack = before;
  let latest = latestBefore;
  let valid = validBefore;
  for (const statement of state.statements) {
    out.at(statement.position);
    if (statement.kind === 'set-metadata') {
      const scope = { model, latest };
      for (const line of writeReference(scope, statement.field, cExpression(scope, statement.value))) out.line(line);
      continue;
    }
    const instance = model.instances.get(statement.instance);
    if (instance === undefined) continue;
    const offset = endOf(stack);
    const end = offset + instance.octets;
    // Every frame has the minimum length, so that only what lies beyond it needs a check (p4_pe_out_of_packet).
    if (end > MINIMUM_FRAME_OCTETS) out.line(`if (pif_pkt_info_global.pkt_len < ${end}) return -1;`);
    for (let word = 0; word * 4 < instance.octets; word++) {
      out.line(`((__lmem unsigned int *)&pif_headers.${instance.name})[${word}] = ${windowWord(offset + word * 4)};`);
    }
    stack = [...stack, { name: instance.name, offsetOctets: offset, octets: instance.octets }];
    latest = instance.name;
    valid += 2 ** instance.validBit;
  }
  const { end } = state;
  out.at(end.position);
  switch (end.kind) {
    case 'error':
      out.line('return -1;');
      return;
    case 'state':
      generateNext(model, end.name, stack, latest, valid, out);
      return;
    case 'select': {
      let covered = false;
      for (const each of end.cases) {
        if (covered) break;
        out.at(each.position);
        if (each.values === undefined) covered = true;
        else out.line(`if (${selectCondition(model, end.fields, each, latest)}) {`);
        generateNext(model, each.next.name, stack, latest, valid, out);
        if (each.values !== undefined) out.line('}');
      }
      // 4.6: no case matches and there is no default.
      if (!covered) out.at(end.position).line('return -1;');
    }
  }
}

function generateNext(
  model: P4Model,
  name: string,
  stack: HeaderStack,
  latest: string | undefined,
  valid: number,
  out: GeneratedText,
): void {
  const state = model.states.get(name);
  if (state !== undefined) {
    generateState(model, state, stack, latest, valid, out);
    return;
  }
  // A control: what was found so far is valid, and the payload begins behind it.
  out.line(`pif_headers.valid = 0x${valid.toString(16)}u;`);
  out.line(`pif_pkt_info_global.pkt_pl_off = ${endOf(stack)};`);
  out.line('return 0;');
}

function selectCondition(
  model: P4Model,
  keys: readonly SelectKey[],
  { values }: SelectCase,
  latest: string | undefined,
): string {
  const tests = keys.map((key, index) => {
    const wanted = values?.[index];
    if (wanted?.kind !== 'value') return '1';
    return matches(cExpression({ model, latest }, key), wanted.value, wanted.mask);
  });
  return tests.join(' && ');
}

/** Four octets of the frame from `offset` on, out of the window that starts FRAME_SKEW_OCTETS before the frame. */
function windowWord(offset: number): string {
  const at = offset + FRAME_SKEW_OCTETS;
  const index = Math.floor(at / 4);
  const skew = (at % 4) * 8;
  if (skew === 0) return `window[${index}]`;
  return `dbl_shf(window[${index}], window[${index + 1}], ${32 - skew})`;
}
