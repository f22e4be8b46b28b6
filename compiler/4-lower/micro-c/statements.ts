import type { SourcePosition } from '../../../base/errors.ts';
import type { TypedExpression, TypedStatement, Variable } from '../../3-analyze/micro-c/typed-tree.ts';
import { isScalar, sizeOf } from '../../3-analyze/micro-c/types.ts';
import { store } from './access.ts';
import { bitsOf } from './bits.ts';
import { branchOn } from './branches.ts';
import { returnRecord } from './calls.ts';
import { clearObject, copyObject } from './copy-objects.ts';
import { lowerPlace, lowerStatement, lowerValue } from './evaluate.ts';
import { isTwoWords, type Lowering } from './lowering.ts';
import type { Value } from './value.ts';

/** 6.8 */
export function lowerAnyStatement(lowering: Lowering, statement: TypedStatement): void {
  const { b, body } = lowering;
  const { position } = statement;
  lowering.ensureOpen();
  b.at(position);
  switch (statement.kind) {
    case 'block':
      for (const item of statement.items) lowerStatement(lowering, item);
      return;
    case 'expression':
      lowerValue(lowering, statement.expression);
      return;
    case 'local':
      local(lowering, statement);
      return;
    case 'if': {
      const then = b.blockName('then');
      const done = b.blockName('endif');
      const otherwise = statement.otherwise === undefined ? done : b.blockName('else');
      branchOn(lowering, statement.condition, then, otherwise);
      side(lowering, then, statement.then, done);
      if (statement.otherwise !== undefined) side(lowering, otherwise, statement.otherwise, done);
      b.startBlock(done);
      return;
    }
    case 'loop':
      loop(lowering, statement);
      return;
    case 'switch':
      switchOver(lowering, statement);
      return;
    case 'case':
    case 'label': {
      const block =
        statement.kind === 'case'
          ? (body.cases.get(statement.case) ?? b.blockName('case'))
          : labelBlock(lowering, statement.label);
      b.jump(block);
      b.startBlock(block);
      lowerStatement(lowering, statement.body);
      return;
    }
    case 'goto':
      b.jump(labelBlock(lowering, statement.label));
      return;
    case 'break':
    case 'continue': {
      const to = statement.kind === 'break' ? body.breakTo : body.continueTo;
      if (to !== undefined) b.jump(to);
      return;
    }
    case 'return':
      returnFrom(lowering, statement.value);
  }
}

function side(lowering: Lowering, block: string, statement: TypedStatement, done: string): void {
  lowering.b.startBlock(block);
  lowerStatement(lowering, statement);
  if (lowering.b.isOpen()) lowering.b.jump(done);
}

function labelBlock(lowering: Lowering, label: string): string {
  const { labels } = lowering.body;
  const known = labels.get(label);
  if (known !== undefined) return known;
  const created = lowering.b.blockName(`label.${label}`);
  labels.set(label, created);
  return created;
}

function local(lowering: Lowering, statement: Extract<TypedStatement, { kind: 'local' }>): void {
  const { variable, initial, position } = statement;
  const first = initial[0];
  if (first !== undefined && isBindable(variable)) {
    // Never assigned again: it is its value. Storage would only hide what is known about it.
    const value = lowerValue(lowering, first.value);
    lowering.unbind(variable);
    lowering.bind(variable, value);
    return;
  }
  const values = initial.map(({ value }) => lowering.frozen(lowerValue(lowering, value)));
  lowering.unbind(variable);
  const copied = statement.zero && startFromTemplate(lowering, statement);
  if (statement.zero && !copied) zero(lowering, variable, initial.length);
  initial.forEach(({ target, value: expression }, index) => {
    if (copied && expression.kind === 'constant') return;
    const place = lowerPlace(lowering, target);
    lowering.b.at(position);
    const bits = bitsOf(target);
    const value = values[index];
    if (value !== undefined) store(lowering, place, target.type, value, bits, position);
  });
}

/** An object in a memory of the NIC gets its constants at once, from a copy that the firmware holds. */
function startFromTemplate(lowering: Lowering, statement: Extract<TypedStatement, { kind: 'local' }>): boolean {
  const { variable, initial, template, position } = statement;
  const place = lowering.placeOf(variable, variable.position);
  const octets = sizeOf(variable.type.type) ?? 0;
  if (template === undefined) return false;
  if (place.kind === 'local' && place.local !== undefined) {
    if (initial.every(({ value }) => value.kind !== 'constant')) return false;
    const words = new DataView(new ArrayBuffer(Math.ceil(octets / 4) * 4));
    template.forEach((octet, at) => {
      words.setUint8(at, octet);
    });
    for (let at = 0; at < words.byteLength; at += 4) lowering.b.localStore(place.local, at / 4, words.getUint32(at));
    return true;
  }
  if (place.kind !== 'object' || octets <= 8) return false;
  if (template.every((octet) => octet === 0)) clearObject(lowering, place, octets, position);
  else copyObject(lowering, lowering.stringObject(template, position), place, octets, true, position);
  return true;
}

function isBindable(variable: Variable): boolean {
  return (
    variable.memory === 'gpr' && variable.assignments === 0 && isScalar(variable.type.type) && !variable.type.volatile
  );
}

/** 6.7.8 p21: what a list does not mention is zero. */
function zero(lowering: Lowering, variable: Variable, mentioned: number): void {
  const octets = sizeOf(variable.type.type) ?? 0;
  const place = lowering.placeOf(variable, variable.position);
  if (place.kind === 'object') clearObject(lowering, place, octets, variable.position);
  if (place.kind !== 'local' && place.kind !== 'transfer') return;
  const words = Math.ceil(octets / 4);
  const { type } = variable.type;
  if (type.kind === 'array' && sizeOf(type.of.type) === 4 && mentioned === words) return;
  for (let i = 0; i < words; i++) {
    if (place.kind === 'transfer') lowering.b.transferSet(place.group, i, 0);
    else if (place.local !== undefined) lowering.b.localStore(place.local, i, 0);
  }
}

/** 6.8.5 */
function loop(lowering: Lowering, statement: Extract<TypedStatement, { kind: 'loop' }>): void {
  const { b } = lowering;
  for (const first of statement.initial) lowerStatement(lowering, first);
  const top = b.blockName('loop');
  const test = b.blockName('test');
  const step = b.blockName('step');
  const done = b.blockName('endloop');
  const outer = { ...lowering.body };
  // The test stands at the bottom, so that a turn of the loop takes one branch.
  lowering.ensureOpen();
  b.jump(statement.testAfter || statement.condition === undefined ? top : test);
  b.startBlock(top);
  lowering.body.breakTo = done;
  lowering.body.continueTo = step;
  lowerStatement(lowering, statement.body);
  lowering.body.breakTo = outer.breakTo;
  lowering.body.continueTo = outer.continueTo;
  if (b.isOpen()) b.jump(step);
  b.startBlock(step);
  if (statement.step !== undefined) lowerValue(lowering, statement.step);
  b.jump(test);
  b.startBlock(test);
  if (statement.condition === undefined) b.jump(top);
  else branchOn(lowering, statement.condition, top, done);
  b.startBlock(done);
}

/** More cases than this are found by halves. */
const CHAIN_CASES_MAX = 8;

/** 6.8.4.2: a chain of comparisons, which suits the few cases of packet code; many cases by a tree. */
function switchOver(lowering: Lowering, statement: Extract<TypedStatement, { kind: 'switch' }>): void {
  const { b, body } = lowering;
  const value = lowering.frozen(lowerValue(lowering, statement.value));
  const done = b.blockName('endswitch');
  const outerBreak = body.breakTo;
  const outerCases = body.cases;
  body.cases = new Map(statement.cases.map((each) => [each, b.blockName('case')]));
  const fallback = statement.cases.find((each) => each.value === undefined);
  const otherwise = (fallback && body.cases.get(fallback)) ?? done;
  const wide = isTwoWords(statement.value.type);
  const bits = wide ? 64 : 32;
  const choices = statement.cases.flatMap((each): Choice[] => {
    if (each.value === undefined) return [];
    const first = BigInt.asUintN(bits, each.value);
    const last = first + ((each.last ?? each.value) - each.value);
    return [{ first, last, block: body.cases.get(each) as string, position: each.position }];
  });
  const byHalves = choices.length > CHAIN_CASES_MAX && !wide && choices.every(({ last }) => last < 2n ** 32n);
  if (byHalves) choices.sort((left, right) => (left.first < right.first ? -1 : 1));
  choose(lowering, value, wide, choices, otherwise, byHalves);
  b.startBlock(b.blockName('before'));
  body.breakTo = done;
  lowerStatement(lowering, statement.body);
  if (b.isOpen()) b.jump(done);
  b.startBlock(done);
  body.breakTo = outerBreak;
  body.cases = outerCases;
}

interface Choice {
  readonly first: bigint;
  readonly last: bigint;
  readonly block: string;
  readonly position: SourcePosition;
}

/** Goes to the block of the choice that the value lies in. */
function choose(
  lowering: Lowering,
  value: Value,
  wide: boolean,
  choices: readonly Choice[],
  otherwise: string,
  byHalves: boolean,
): void {
  const { b } = lowering;
  if (byHalves && choices.length > CHAIN_CASES_MAX / 2) {
    const middle = choices.length >> 1;
    const [lower, upper] = [b.blockName('lower'), b.blockName('upper')];
    b.branch('ult', lowering.wordOf(value), Number((choices[middle] as Choice).first), lower, upper);
    b.startBlock(lower);
    choose(lowering, value, wide, choices.slice(0, middle), otherwise, true);
    b.startBlock(upper);
    choose(lowering, value, wide, choices.slice(middle), otherwise, true);
    return;
  }
  for (const { first, last, block, position } of choices) {
    const next = b.blockName('next');
    b.at(position);
    const distance = last - first;
    if (wide) {
      const { low, high } = lowering.pairOf(value);
      const [start, span] = [wordsOf(first), wordsOf(distance)];
      if (distance === 0n) b.branchWide('eq', [low, high], start, block, next);
      else b.branchWide('ule', b.wide('sub', [low, high], start), span, block, next);
    } else {
      const tested = lowering.wordOf(value);
      if (distance === 0n) b.branch('eq', tested, Number(first), block, next);
      else b.branch('ule', b.sub(tested, Number(first)), Number(distance), block, next);
    }
    b.startBlock(next);
  }
  b.jump(otherwise);
}

function wordsOf(value: bigint): [number, number] {
  return [Number(value & 0xffffffffn), Number(value >> 32n)];
}

/** 6.8.6.4 */
function returnFrom(lowering: Lowering, returned: TypedExpression | undefined): void {
  const { b, body } = lowering;
  const value = returned && lowerValue(lowering, returned);
  const { exit } = body;
  if (exit === undefined && lowering.isEntry) {
    // There is nobody to return to: the context is done, as at the function's end.
    b.halt();
    return;
  }
  if (exit === undefined) {
    if (value === undefined || returned === undefined || returned.type.kind === 'void') b.return([]);
    else if (returned.type.kind === 'record')
      returnRecord(lowering, lowering.placeIn(value), returned.type, returned.position);
    else {
      const { low, high } = lowering.pairOf(value);
      b.return(isTwoWords(returned.type) ? [low, high] : [low]);
    }
    return;
  }
  if (value !== undefined && returned !== undefined && exit.result !== undefined) {
    store(lowering, exit.result, returned.type, value, undefined, returned.position);
  }
  b.jump(exit.block);
}
