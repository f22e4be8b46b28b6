import type { TypedExpression, TypedStatement, Variable } from '../../3-analyze/micro-c/typed-tree.ts';
import { isScalar, sizeOf } from '../../3-analyze/micro-c/types.ts';
import { store } from './access.ts';
import { branchOn } from './branches.ts';
import { lowerPlace, lowerStatement, lowerValue } from './evaluate.ts';
import { isTwoWords, type Lowering } from './lowering.ts';

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
  if (statement.zero) zero(lowering, variable, initial.length);
  initial.forEach(({ target }, index) => {
    const place = lowerPlace(lowering, target);
    lowering.b.at(position);
    const bits = target.kind === 'field' ? target.field.bits : undefined;
    const value = values[index];
    if (value !== undefined) store(lowering, place, target.type, value, bits, position);
  });
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

/** 6.8.4.2: a chain of comparisons, which suits the few cases of packet code. */
function switchOver(lowering: Lowering, statement: Extract<TypedStatement, { kind: 'switch' }>): void {
  const { b, body } = lowering;
  const value = lowering.frozen(lowerValue(lowering, statement.value));
  const tested = lowering.wordOf(value);
  const done = b.blockName('endswitch');
  const outerBreak = body.breakTo;
  const outerCases = body.cases;
  body.cases = new Map(statement.cases.map((each) => [each, b.blockName('case')]));
  let otherwise = done;
  for (const each of statement.cases) {
    const block = body.cases.get(each) as string;
    if (each.value === undefined) {
      otherwise = block;
      continue;
    }
    const next = b.blockName('next');
    b.at(each.position).branch('eq', tested, Number(BigInt.asUintN(32, each.value)), block, next);
    b.startBlock(next);
  }
  b.jump(otherwise);
  b.startBlock(b.blockName('before'));
  body.breakTo = done;
  lowerStatement(lowering, statement.body);
  if (b.isOpen()) b.jump(done);
  b.startBlock(done);
  body.breakTo = outerBreak;
  body.cases = outerCases;
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
    if (value === undefined || returned === undefined) b.return([]);
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
