import type { SourcePosition } from '../../../base/errors.ts';
import type { Diagnostics } from '../../diagnostics.ts';
import { HEAP_FUNCTIONS, heapHint } from './heap-functions.ts';
import type { Recursion, TypedFunction } from './typed-tree.ts';
import { sameType } from './types.ts';

interface Call {
  readonly to: TypedFunction;
  readonly position: SourcePosition;
}

function callsOf(caller: TypedFunction, addressed: readonly TypedFunction[]): Call[] {
  const direct = [...caller.calls].map(([to, position]) => ({ to, position }));
  // A call through a pointer counts as one of every function that it may reach.
  const through = caller.pointerCalls.flatMap(({ type, position }) =>
    addressed.filter((each) => sameType(each.type, type)).map((to) => ({ to, position })),
  );
  return [...direct, ...through];
}

/**
 * Every function that the entry can reach has a body. None calls itself, even through others: there is no stack; unless
 * the program is lowered, and says how many calls may be open at once. The answer is what calls itself so.
 */
export function checkCalls(
  entry: TypedFunction,
  addressed: readonly TypedFunction[],
  lower: boolean,
  diagnostics: Diagnostics,
): Recursion[] {
  const found: Recursion[] = [];
  for (const cycle of cyclesFrom(entry, addressed, diagnostics)) {
    const { functions, position } = cycle;
    const text = `recursion: ${[...functions, functions[0] as TypedFunction].map(({ name }) => name).join(' -> ')}`;
    if (!lower) {
      const hint = 'the NIC has no stack: use a loop, or compile with --lower and say how deep it goes';
      diagnostics.error('recursion', position, text, hint);
      continue;
    }
    const depths = functions.flatMap(({ recursionDepth }) => recursionDepth ?? []);
    if (depths.length === 0) {
      const hint = `say how many calls are open at most: #pragma lambda recursion(${functions[0]?.name}, 16)`;
      diagnostics.error('recursion', position, `${text}, without a bound`, hint);
      continue;
    }
    if (functions.includes(entry)) {
      diagnostics.error(
        'recursion',
        position,
        `${entry.name}, where contexts start, cannot be called`,
        'call a function',
      );
      continue;
    }
    found.push({ functions, depth: Math.max(...depths), position });
  }
  return found;
}

/** Strongly connected components (Tarjan 1972) that contain a call back; functions in the order of their calls. */
function cyclesFrom(entry: TypedFunction, addressed: readonly TypedFunction[], diagnostics: Diagnostics) {
  const numbers = new Map<TypedFunction, number>();
  const lowest = new Map<TypedFunction, number>();
  const open: TypedFunction[] = [];
  const cycles: { functions: TypedFunction[]; position: SourcePosition }[] = [];
  const visit = (called: TypedFunction, from: SourcePosition): void => {
    const number = numbers.size;
    numbers.set(called, number);
    lowest.set(called, number);
    open.push(called);
    if (called.body === undefined) {
      const hint = HEAP_FUNCTIONS.has(called.name) ? heapHint(called.name) : undefined;
      diagnostics.error('name-undefined', from, `${called.name} is declared, but no file defines it`, hint);
    }
    let back: SourcePosition | undefined;
    for (const { to, position } of callsOf(called, addressed)) {
      if (!numbers.has(to)) visit(to, position);
      if (!open.includes(to)) continue;
      lowest.set(called, Math.min(lowest.get(called) ?? number, lowest.get(to) ?? number));
      back = position;
    }
    if (lowest.get(called) !== number) {
      if (back !== undefined) lastBack = back;
      return;
    }
    const functions = open.splice(open.indexOf(called));
    if (functions.length === 1 && back === undefined) return;
    const position = functions.length === 1 ? back : lastBack;
    cycles.push({ functions, position: position ?? from });
  };
  let lastBack: SourcePosition | undefined;
  visit(entry, entry.position);
  return cycles;
}
