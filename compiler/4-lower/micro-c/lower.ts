import { assert } from '../../../base/assert.ts';
import { statementsWithin } from '../../3-analyze/micro-c/tree-walk.ts';
import type { TypedFunction, TypedProgram } from '../../3-analyze/micro-c/typed-tree.ts';
import { sizeOf } from '../../3-analyze/micro-c/types.ts';
import { CONTEXT_SLOTS } from '../../context-slots.ts';
import type { Diagnostics } from '../../diagnostics.ts';
import type { IrFunction, IrModule, Terminator } from '../../ir.ts';
import { constant, createModule, FunctionBuilder } from '../../ir-builder.ts';
import { store } from './access.ts';
import { functionsOutOfLine, localsToMove, wordsInRegisters } from './call-plan.ts';
import { lowerExpression } from './expressions.ts';
import { type Body, isTwoWords, Lowering, type ModuleLowering } from './lowering.ts';
import { lowerRecursion } from './recursion.ts';
import { lowerAnyStatement } from './statements.ts';
import type { Value } from './value.ts';
import { storeWords } from './words-in-place.ts';

/**
 * Phase 4: typed tree to IR. The entry function takes everything that it calls into itself (but `__noinline`
 * functions), objects in the NIC's memories become objects of the module.
 * @param program without errors
 * @param contextSlots for how many contexts there are copies of a local that lies in a memory of the NIC
 * @returns undefined when the program goes against a limit of the NIC, which is then in `diagnostics`
 */
export function lowerMicroC(
  program: TypedProgram,
  entry: string,
  diagnostics: Diagnostics,
  contextSlots = CONTEXT_SLOTS,
): IrModule | undefined {
  const start = program.functions.get(entry);
  assert(start?.body !== undefined, `no function ${entry}`);
  const module = createModule(entry);
  const shared: ModuleLowering = {
    module,
    program,
    diagnostics,
    strings: new Map(),
    objects: new Map(),
    called: new Map(),
    pending: [],
    outOfLine: functionsOutOfLine(program, start),
    moved: localsToMove(program, start),
    contextSlots,
    results: new Map(),
  };
  const errorsBefore = diagnostics.errorCount;
  for (const { functions } of program.recursions) for (const each of functions) refuseInRecursion(each, diagnostics);
  lowerFunction(shared, start, entry, true);
  for (let next = shared.pending.shift(); next !== undefined; next = shared.pending.shift()) {
    lowerFunction(shared, next, shared.called.get(next) as string, false);
  }
  if (diagnostics.errorCount > errorsBefore) return undefined;
  for (const { functions, depth, position } of program.recursions) {
    const names = functions.flatMap((each) => shared.called.get(each) ?? []);
    if (names.length > 0) lowerRecursion(module, { names, depth, position }, contextSlots);
  }
  return module;
}

function lowerFunction(shared: ModuleLowering, lowered: TypedFunction, name: string, isEntry: boolean): void {
  const parameterNames = lowered.parameters.flatMap(({ name: each, type }) =>
    Array.from({ length: wordsInRegisters(type.type) }, (_, i) => (i === 0 ? each : `${each}.${i}`)),
  );
  const result = lowered.type.result.type;
  const b = new FunctionBuilder(shared.module, {
    name,
    owner: lowered.owner,
    parameterNames,
    resultCount: wordsInRegisters(result),
    inline: lowered.inline === 'noinline' || shared.outOfLine.has(lowered) ? 'never' : 'auto',
    position: lowered.position,
  });
  const body: Body = {
    function: lowered,
    exit: undefined,
    labels: new Map(),
    breakTo: undefined,
    continueTo: undefined,
    cases: new Map(),
  };
  const lowering = new Lowering(shared, b, body, isEntry, {
    expression: lowerExpression,
    statement: lowerAnyStatement,
  });
  let next = 0;
  for (const parameter of lowered.parameters) {
    const place = lowering.placeOf(parameter, parameter.position);
    const words = wordsInRegisters(parameter.type.type);
    if (parameter.type.type.kind === 'record') {
      const values = Array.from({ length: words }, () => b.parameter(next++));
      if (words > 0) storeWords(lowering, place, values, parameter.position);
      continue;
    }
    const low = b.parameter(next++);
    const high = isTwoWords(parameter.type.type) ? b.parameter(next++) : undefined;
    const value: Value = high === undefined ? { kind: 'word', operand: low } : { kind: 'pair', low, high };
    store(lowering, place, parameter.type.type, value, undefined, parameter.position);
  }
  if (isEntry) initialiseLocalMemory(lowering, shared.program);
  if (lowered.body !== undefined) lowerAnyStatement(lowering, lowered.body);
  if (b.isOpen()) {
    if (isEntry) b.halt();
    else b.return(Array.from({ length: b.function.resultCount }, () => 0));
  }
  lowering.finish();
  dropUnreachable(b.function);
}

/** Static objects of local memory are each context's own, so each context writes their initial values when it starts. */
function initialiseLocalMemory(lowering: Lowering, program: TypedProgram): void {
  for (const variable of program.globals) {
    const { memory, initial, position } = variable;
    if (memory !== 'lmem' || initial === undefined) continue;
    const octets = new Uint8Array(Math.ceil((sizeOf(variable.type.type) ?? 0) / 4) * 4);
    octets.set(initial);
    const view = new DataView(octets.buffer);
    const words = Array.from({ length: octets.length / 4 }, (_, i) => constant(view.getUint32(4 * i)));
    storeWords(lowering, lowering.placeOf(variable, position), words, position);
  }
}

/** What a stack of words cannot hold: registers that a command fills, and addresses in local memory. */
function refuseInRecursion({ parameters, body, name }: TypedFunction, diagnostics: Diagnostics): void {
  for (const { type, position } of parameters) {
    const memory = type.type.kind === 'pointer' ? type.type.to.memory : undefined;
    const large = type.type.kind === 'record' && wordsInRegisters(type.type) === 0;
    if (large) {
      const text = `${name} calls itself, so it takes no structure of more than 32 octets`;
      diagnostics.error('lower-recursion', position, text, 'pass a pointer to it');
    } else if (memory !== undefined && ['lmem', 'gpr', 'xread', 'xwrite', 'xrw'].includes(memory)) {
      const text = `${name} calls itself, so it takes no pointer into registers or local memory`;
      diagnostics.error('lower-recursion', position, text, 'use a plain pointer');
    }
  }
  if (body === undefined) return;
  for (const statement of statementsWithin(body)) {
    if (statement.kind !== 'local' || !statement.variable.memory.startsWith('x')) continue;
    const text = `${name} calls itself, so it has no transfer registers of its own`;
    diagnostics.error('lower-recursion', statement.position, text, 'call a function that has them');
  }
}

/** Code after a jump got blocks of its own; those that nothing reaches go. */
function dropUnreachable(lowered: IrFunction): void {
  const byName = new Map(lowered.blocks.map((block) => [block.name, block]));
  const reached = new Set<string>();
  const pending = [lowered.blocks[0]?.name ?? ''];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    const block = byName.get(name);
    assert(block !== undefined, `block ${name} of ${lowered.name} was never written`);
    pending.push(...targetsOf(block.end));
  }
  const kept = lowered.blocks.filter((block) => reached.has(block.name));
  lowered.blocks.splice(0, lowered.blocks.length, ...kept);
}

function targetsOf(end: Terminator): readonly string[] {
  if (end.op === 'jump') return [end.to];
  if (end.op === 'return' || end.op === 'halt') return [];
  return [end.taken, end.otherwise];
}
