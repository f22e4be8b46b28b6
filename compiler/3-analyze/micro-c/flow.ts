import type { SourcePosition } from '../../../base/errors.ts';
import type { Diagnostics } from '../../diagnostics.ts';
import { childrenOf, expressionsWithin } from './tree-walk.ts';
import type { TypedExpression, TypedFunction, TypedStatement, Variable } from './typed-tree.ts';

/** What holds where control may be: nothing when it cannot be there. */
interface State {
  reachable: boolean;
  /** Locals that have a value whatever way led here, and those that have one by some way. */
  surely: Set<Variable>;
  maybe: Set<Variable>;
}

/** Where jumps out of the statement at hand meet. */
interface Targets {
  readonly breaks: State[];
  readonly continues: State[];
}

/**
 * Warnings that follow control through a function's body: locals without a value, statements that nothing leads to, an
 * end without a return. A label may be reached from anywhere with anything; so `goto` hides faults and invents none.
 */
export function checkFlow(diagnostics: Diagnostics, checked: TypedFunction): void {
  if (checked.body === undefined) return;
  const flow = new Flow(diagnostics);
  const state: State = { reachable: true, surely: new Set(), maybe: new Set() };
  flow.statement(checked.body, state, { breaks: [], continues: [] });
  if (!state.reachable || checked.type.result.type.kind === 'void' || checked.name === 'main') return;
  diagnostics.warning('missing-return', checked.position, `${checked.name} can end without returning a value`);
}

class Flow {
  private readonly diagnostics: Diagnostics;
  private readonly tracked = new Set<Variable>();
  private readonly told = new Set<Variable>();

  constructor(diagnostics: Diagnostics) {
    this.diagnostics = diagnostics;
  }

  statement(statement: TypedStatement, state: State, targets: Targets): void {
    switch (statement.kind) {
      case 'block':
        this.items(statement.items, state, targets);
        return;
      case 'expression':
        this.expression(statement.expression, state);
        if (endsContext(statement.expression)) state.reachable = false;
        return;
      case 'local':
        this.local(statement, state);
        return;
      case 'if': {
        const [then, otherwise] = this.condition(statement.condition, state);
        this.statement(statement.then, then, targets);
        if (statement.otherwise !== undefined) this.statement(statement.otherwise, otherwise, targets);
        Object.assign(state, then);
        join(state, [otherwise]);
        return;
      }
      case 'loop':
        this.loop(statement, state);
        return;
      case 'switch': {
        this.expression(statement.value, state);
        const inner: Targets = { breaks: [], continues: targets.continues };
        const head = copyOf(state);
        const hasDefault = statement.cases.some(({ value }) => value === undefined);
        // The statements before the first case are for declarations only.
        state.reachable = false;
        this.switchHead.push(head);
        this.statement(statement.body, state, inner);
        this.switchHead.pop();
        join(state, hasDefault ? inner.breaks : [...inner.breaks, head]);
        return;
      }
      case 'case':
        join(state, this.switchHead.slice(-1));
        this.statement(statement.body, state, targets);
        return;
      case 'label':
        state.reachable = true;
        for (const variable of this.tracked) {
          state.surely.add(variable);
          state.maybe.add(variable);
        }
        this.statement(statement.body, state, targets);
        return;
      case 'goto':
        state.reachable = false;
        return;
      case 'break':
        targets.breaks.push(copyOf(state));
        state.reachable = false;
        return;
      case 'continue':
        targets.continues.push(copyOf(state));
        state.reachable = false;
        return;
      case 'return':
        if (statement.value !== undefined) this.expression(statement.value, state);
        state.reachable = false;
    }
  }

  private readonly switchHead: State[] = [];

  private items(items: readonly TypedStatement[], state: State, targets: Targets): void {
    let told = false;
    for (const item of items) {
      const dead = !state.reachable && !told && item.kind !== 'case' && item.kind !== 'label';
      if (dead && !isEmpty(item) && item.kind !== 'local' && !holdsLabel(item)) {
        // A `break` behind a `return` in a switch is a habit, not a mistake.
        if (item.kind !== 'break') this.warnUnreachable(item.position);
        told = true;
      }
      this.statement(item, state, targets);
      if (state.reachable) told = false;
    }
  }

  private warnUnreachable(position: SourcePosition): void {
    this.diagnostics.warning('unreachable', position, 'this statement is never reached');
  }

  private local(statement: Extract<TypedStatement, { kind: 'local' }>, state: State): void {
    const { variable, initial, zero } = statement;
    for (const { value } of initial) this.expression(value, state);
    const isScalarInRegisters = variable.memory === 'gpr';
    if (!isScalarInRegisters) return;
    this.tracked.add(variable);
    if (initial.length > 0 || zero) assign(variable, state);
    else {
      state.surely.delete(variable);
      state.maybe.delete(variable);
    }
  }

  private loop(statement: Extract<TypedStatement, { kind: 'loop' }>, state: State): void {
    for (const first of statement.initial) this.statement(first, state, { breaks: [], continues: [] });
    // What the loop assigns may have been assigned by the turn before.
    for (const variable of assignedIn(statement)) if (this.tracked.has(variable)) state.maybe.add(variable);
    const inner: Targets = { breaks: [], continues: [] };
    let left: State | undefined;
    const test = (): void => {
      if (statement.condition === undefined) return;
      const [again, done] = this.condition(statement.condition, state);
      Object.assign(state, again);
      left = done;
    };
    if (!statement.testAfter) test();
    this.statement(statement.body, state, inner);
    join(state, inner.continues);
    if (statement.step !== undefined) this.expression(statement.step, state);
    if (statement.testAfter) test();
    // The turn after the first may be the last: what leaves by the test leaves as it was there.
    if (left === undefined) state.reachable = false;
    else Object.assign(state, left);
    join(state, inner.breaks);
  }

  /** What holds when the condition is true, and when it is false. */
  private condition(condition: TypedExpression, state: State): [State, State] {
    if (condition.kind === 'not') {
      const [yes, no] = this.condition(condition.operand, state);
      return [no, yes];
    }
    if (condition.kind === 'logical') {
      const isAnd = condition.operator === '&&';
      const [leftYes, leftNo] = this.condition(condition.left, state);
      const [rightYes, rightNo] = this.condition(condition.right, isAnd ? leftYes : leftNo);
      if (isAnd) join(rightNo, [leftNo]);
      else join(rightYes, [leftYes]);
      return [rightYes, rightNo];
    }
    this.expression(condition, state);
    const yes = copyOf(state);
    const no = copyOf(state);
    const known = constantTruth(condition);
    if (known === false) yes.reachable = false;
    if (known === true) no.reachable = false;
    return [yes, no];
  }

  private expression(expression: TypedExpression, state: State): void {
    switch (expression.kind) {
      case 'constant':
      case 'string':
        return;
      case 'variable':
        this.use(expression.variable, expression.position, state);
        return;
      case 'assign':
        this.expression(expression.value, state);
        this.target(expression.target, state);
        return;
      case 'address':
      case 'decay':
        this.place(expression.kind === 'address' ? expression.object : expression.array, state);
        return;
      case 'logical': {
        this.expression(expression.left, state);
        const shortened = copyOf(state);
        this.expression(expression.right, state);
        join(state, [shortened]);
        return;
      }
      case 'conditional': {
        const [then, otherwise] = this.condition(expression.condition, state);
        this.expression(expression.then, then);
        this.expression(expression.otherwise, otherwise);
        Object.assign(state, then);
        join(state, [otherwise]);
        return;
      }
      case 'compound-literal':
        for (const { value } of expression.made.initial) this.expression(value, state);
        return;
      case 'field':
        this.expression(expression.object, state);
        return;
      default:
        for (const child of childrenOf(expression)) this.expression(child, state);
        if (expression.kind === 'update' || expression.kind === 'pointer-update') this.target(expression.target, state);
    }
  }

  /** The object is named, not read. */
  private place(expression: TypedExpression, state: State): void {
    if (expression.kind === 'variable') assign(expression.variable, state);
    else if (expression.kind === 'field') this.place(expression.object, state);
    else this.expression(expression, state);
  }

  private target(target: TypedExpression, state: State): void {
    if (target.kind === 'variable') assign(target.variable, state);
    else if (target.kind === 'field') this.place(target.object, state);
    else this.expression(target, state);
  }

  private use(variable: Variable, position: SourcePosition, state: State): void {
    if (!state.reachable || !this.tracked.has(variable) || state.surely.has(variable) || this.told.has(variable))
      return;
    this.told.add(variable);
    const { name } = variable;
    if (state.maybe.has(variable)) {
      this.diagnostics.warning(
        'maybe-uninitialised',
        position,
        `${name} may have no value here`,
        'give it one where it is declared',
      );
    } else {
      this.diagnostics.warning(
        'uninitialised',
        position,
        `${name} has no value here`,
        'give it one where it is declared',
      );
    }
  }
}

function assign(variable: Variable, state: State): void {
  state.surely.add(variable);
  state.maybe.add(variable);
}

function copyOf({ reachable, surely, maybe }: State): State {
  return { reachable, surely: new Set(surely), maybe: new Set(maybe) };
}

/** `state` becomes what holds when control comes from it or from any of the others. */
function join(state: State, others: readonly State[]): void {
  for (const other of others) {
    if (!other.reachable) continue;
    if (!state.reachable) {
      Object.assign(state, copyOf(other));
      continue;
    }
    for (const variable of state.surely) if (!other.surely.has(variable)) state.surely.delete(variable);
    for (const variable of other.maybe) state.maybe.add(variable);
  }
}

function constantTruth(condition: TypedExpression): boolean | undefined {
  return condition.kind === 'constant' ? condition.value !== 0n : undefined;
}

function endsContext(expression: TypedExpression): boolean {
  return expression.kind === 'intrinsic' && expression.name === 'halt';
}

function isEmpty(statement: TypedStatement): boolean {
  return statement.kind === 'block' && statement.items.every(isEmpty);
}

function holdsLabel(statement: TypedStatement): boolean {
  switch (statement.kind) {
    case 'case':
    case 'label':
      return true;
    case 'block':
      return statement.items.some(holdsLabel);
    case 'if':
      return holdsLabel(statement.then) || (statement.otherwise !== undefined && holdsLabel(statement.otherwise));
    case 'loop':
    case 'switch':
      return holdsLabel(statement.body);
    default:
      return false;
  }
}

/** Variables that a loop assigns to, its inner statements included. */
function assignedIn(statement: TypedStatement): Set<Variable> {
  const found = new Set<Variable>();
  for (const expression of expressionsWithin(statement)) {
    const { kind } = expression;
    if (kind !== 'assign' && kind !== 'update' && kind !== 'pointer-update') continue;
    if (expression.target.kind === 'variable') found.add(expression.target.variable);
  }
  return found;
}
