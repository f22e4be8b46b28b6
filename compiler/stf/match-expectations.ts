import type { SourcePosition } from '../../base/errors.ts';
import { compareFrame } from './compare-packet.ts';
import type { StfOutcome } from './outcomes.ts';
import type { StfExpect, StfStatement } from './statements.ts';
import type { SentFrame } from './test-bench.ts';

/** A packet that left, and the place of the statement on whose account it did. */
export interface Arrival extends SentFrame {
  readonly from: SourcePosition;
}

/**
 * What became of the `expect` statements, and packets that nothing expects: packets of a port come in the order in which
 * they are expected.
 * @param arrivals by port, in order
 */
export function matchExpectations(
  statements: readonly StfStatement[],
  arrivals: ReadonlyMap<number, readonly Arrival[]>,
): StfOutcome[] {
  const ports = new Map<number, StfExpect[]>();
  for (const statement of statements) {
    if (statement.kind !== 'expect') continue;
    ports.set(statement.port, [...(ports.get(statement.port) ?? []), statement]);
  }
  const outcomes: StfOutcome[] = [];
  for (const [port, expected] of ports) outcomes.push(...ofPort(expected, arrivals.get(port) ?? []));
  for (const [port, left] of arrivals) if (!ports.has(port)) outcomes.push(...left.map(unexpected));
  return outcomes;
}

function ofPort(expected: readonly StfExpect[], arrivals: readonly Arrival[]): StfOutcome[] {
  // Nothing said of any of them: as many as there are.
  if (expected.every((expect) => expect.nibbles === undefined)) {
    const received = arrivals[0]?.octets;
    return expected.map((expect) => outcome(expect, received));
  }
  const outcomes = expected.map((expect, index) => outcome(expect, arrivals[index]?.octets));
  return [...outcomes, ...arrivals.slice(expected.length).map(unexpected)];
}

function outcome(expect: StfExpect, received: Uint8Array | undefined): StfOutcome {
  const { nibbles, exact, position } = expect;
  const isCompared = received !== undefined && nibbles !== undefined;
  const difference = isCompared ? compareFrame(nibbles, exact, received) : undefined;
  const passed = received !== undefined && difference === undefined;
  return { kind: 'expect', position, passed, expect, received, difference };
}

function unexpected({ port, octets, from }: Arrival): StfOutcome {
  return { kind: 'unexpected', position: from, passed: false, port, received: octets };
}
