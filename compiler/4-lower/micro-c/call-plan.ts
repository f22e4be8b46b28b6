import { expressionsWithin, statementsWithin } from '../../3-analyze/micro-c/tree-walk.ts';
import type {
  TypedExpression,
  TypedFunction,
  TypedProgram,
  TypedStatement,
  Variable,
} from '../../3-analyze/micro-c/typed-tree.ts';
import { sameType, sizeOf, type Type } from '../../3-analyze/micro-c/types.ts';
import { isTwoWords } from './lowering.ts';

/** Structures up to this many words are arguments and results in registers. */
const RECORD_WORDS_MAX = 8;

/** Registers that an argument or a result takes in a real call; 0: none, a large structure passes through memory. */
export function wordsInRegisters(type: Type): number {
  if (type.kind === 'void') return 0;
  if (type.kind !== 'record') return isTwoWords(type) ? 2 : 1;
  const words = Math.ceil(type.octets / 4);
  return words <= RECORD_WORDS_MAX ? words : 0;
}

/** Expressions of a program with everything inlined up to which everything is: code of a few thousand instructions. */
const INLINED_EXPRESSIONS_MAX = 9000;
/** Beyond that, a function of more than this is called where several places call it, ... */
const SHARED_EXPRESSIONS_MAX = 40;
/** ... and one of more than this wherever it is: passes take their time with large functions. */
const SINGLE_EXPRESSIONS_MAX = 1200;
/** A function that has grown to this takes in no more but small ones. */
const CALLER_EXPRESSIONS_MAX = 4000;

/**
 * Which functions are called rather than put into their callers. A program that is small when all is inlined stays so:
 * nothing is faster. In others, functions that several places call, and large ones, are called, where that can be done.
 */
export function functionsOutOfLine(program: TypedProgram, entry: TypedFunction): ReadonlySet<TypedFunction> {
  const order = calleesFirst(program, entry);
  const sites = new Map<TypedFunction, number>();
  const facts = new Map(order.map((each) => [each, factsOf(each, program)]));
  for (const { calls } of facts.values()) for (const called of calls) sites.set(called, (sites.get(called) ?? 0) + 1);
  // A recursion cannot be put into its callers, whatever its size.
  const outOfLine = new Set<TypedFunction>(program.recursions.flatMap(({ functions }) => functions));
  const explicit = (called: TypedFunction): boolean => called.inline === 'noinline' || outOfLine.has(called);
  const sizes = (isCalled: (called: TypedFunction, size: number, caller: number) => boolean): number => {
    const size = new Map<TypedFunction, number>();
    for (const each of order) {
      const { expressions, calls } = facts.get(each) as Facts;
      let total = expressions;
      for (const called of calls) {
        const inner = size.get(called) ?? 0;
        total += isCalled(called, inner, total) ? 4 : inner;
      }
      size.set(each, Math.min(total, Number.MAX_SAFE_INTEGER));
    }
    return size.get(entry) ?? 0;
  };
  if (sizes(explicit) > INLINED_EXPRESSIONS_MAX) {
    const contextual = contextualFunctions(order, facts);
    sizes((called, size, caller) => {
      if (explicit(called) || outOfLine.has(called)) return true;
      const shared = (sites.get(called) ?? 0) > 1 || caller > CALLER_EXPRESSIONS_MAX;
      const limit = shared ? SHARED_EXPRESSIONS_MAX : SINGLE_EXPRESSIONS_MAX;
      const keeps = called.inline === 'inline' ? size <= SINGLE_EXPRESSIONS_MAX : size <= limit;
      if (keeps || contextual.has(called)) return false;
      outOfLine.add(called);
      return true;
    });
  }
  for (const each of order) {
    if (!outOfLine.has(each) && !explicit(each)) continue;
    // What does not fit into registers is handed over in the context's part of EMEM.
    for (const parameter of each.parameters) {
      if (parameter.type.type.kind === 'record' && wordsInRegisters(parameter.type.type) === 0)
        parameter.memory = 'mem';
    }
  }
  return outOfLine;
}

interface Facts {
  readonly expressions: number;
  /** Once for each call. */
  readonly calls: readonly TypedFunction[];
  /** It names registers or local memory that its caller has to know. */
  readonly contextual: boolean;
}

const PER_CONTEXT: readonly string[] = ['gpr', 'lmem', 'xread', 'xwrite', 'xrw'];
const TRANSFER: readonly (string | undefined)[] = ['xread', 'xwrite', 'xrw'];

function factsOf(counted: TypedFunction, program: TypedProgram): Facts {
  const { body, parameters } = counted;
  let expressions = 0;
  const calls: TypedFunction[] = [];
  let contextual = parameters.some(
    ({ type: { type } }) => type.kind === 'pointer' && TRANSFER.includes(type.to.memory),
  );
  const { result } = counted.type;
  if (result.type.kind === 'pointer' && TRANSFER.includes(result.type.to.memory)) contextual = true;
  const visit = (expression: TypedExpression): void => {
    expressions++;
    expressions += copiedWords(expression);
    if (expression.kind === 'call') calls.push(expression.function);
    if (expression.kind === 'call-pointer') calls.push(...targetsOf(expression, program));
    if (expression.kind === 'variable') {
      const { variable } = expression;
      if (variable.storage === 'global' && PER_CONTEXT.includes(variable.memory)) contextual = true;
    }
  };
  if (body !== undefined) for (const expression of expressionsWithin(body)) visit(expression);
  return { expressions, calls, contextual };
}

/** Structures that a call hands over and hands back, each about an expression a word. */
function copiedWords(expression: TypedExpression): number {
  if (expression.kind !== 'call' && expression.kind !== 'call-pointer') return 0;
  const words = ({ type }: TypedExpression): number => (type.kind === 'record' ? Math.ceil(type.octets / 4) : 0);
  return expression.arguments.reduce((sum, argument) => sum + 2 * words(argument), words(expression));
}

function targetsOf(
  { pointer }: Extract<TypedExpression, { kind: 'call-pointer' }>,
  program: TypedProgram,
): readonly TypedFunction[] {
  const { type } = pointer;
  if (type.kind !== 'pointer') return [];
  return program.addressed.filter((each) => sameType(each.type, type.to.type));
}

/** Functions that must be inlined, and those that would inline one of them. */
function contextualFunctions(
  order: readonly TypedFunction[],
  facts: ReadonlyMap<TypedFunction, Facts>,
): ReadonlySet<TypedFunction> {
  const found = new Set<TypedFunction>();
  for (const each of order) {
    const { contextual, calls } = facts.get(each) as Facts;
    if (contextual || calls.some((called) => found.has(called) && needsCaller(called))) found.add(each);
  }
  return found;
}

/** Objects of the context are the entry's alone: whoever inlines code that names them must be inlined there too. */
function needsCaller(called: TypedFunction): boolean {
  return called.inline !== 'noinline';
}

function calleesFirst(program: TypedProgram, entry: TypedFunction): TypedFunction[] {
  const order: TypedFunction[] = [];
  const seen = new Set<TypedFunction>();
  const visit = (each: TypedFunction): void => {
    if (seen.has(each)) return;
    seen.add(each);
    for (const called of each.calls.keys()) visit(called);
    for (const { type } of each.pointerCalls) {
      for (const called of program.addressed) if (sameType(called.type, type)) visit(called);
    }
    order.push(each);
  };
  visit(entry);
  return order;
}

/** Words of local memory that arrays with variable indexes may take together; spilled registers need the rest. */
const LOCAL_WORDS_MAX = 72;

/**
 * Locals for which local memory has no room: of those that cannot become registers the largest go to the context's part
 * of EMEM, until the rest fits. What the program itself has put into local memory stays there.
 */
export function localsToMove(program: TypedProgram, entry: TypedFunction): ReadonlySet<Variable> {
  const fixed: Variable[] = [];
  const movable: Variable[] = [];
  for (const each of calleesFirst(program, entry)) {
    if (each.body === undefined) continue;
    const records = each.parameters.filter(({ type }) => type.type.kind === 'record');
    for (const variable of [...records, ...localsWithin(each.body)]) {
      if (variable.memory !== 'lmem') continue;
      const stays = variable.type.memory !== undefined || !(variable.indexed || wordsOf(variable) > PROMOTED_WORDS_MAX);
      (stays ? fixed : movable).push(variable);
    }
  }
  const declared = fixed.filter(({ type, indexed }) => type.memory !== undefined && indexed);
  let words = [...declared, ...movable].reduce((sum, variable) => sum + wordsOf(variable), 0);
  const moved = new Set<Variable>();
  movable.sort((a, b) => wordsOf(b) - wordsOf(a));
  for (const variable of movable) {
    if (words <= LOCAL_WORDS_MAX) break;
    moved.add(variable);
    words -= wordsOf(variable);
  }
  return moved;
}

/** What the optimiser makes registers of at most. */
const PROMOTED_WORDS_MAX = 64;

function wordsOf({ type }: Variable): number {
  return Math.ceil((sizeOf(type.type) ?? 4) / 4);
}

function localsWithin(body: TypedStatement): Variable[] {
  const found: Variable[] = [];
  for (const statement of statementsWithin(body)) if (statement.kind === 'local') found.push(statement.variable);
  for (const expression of expressionsWithin(body)) {
    if (expression.kind === 'compound-literal') found.push(expression.variable);
  }
  return found;
}
