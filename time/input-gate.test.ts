import { expect, test } from 'vitest';
import { NEVER_PS } from '../base/units.ts';
import { InputGate } from './input-gate.ts';

test('inputs are stamped behind everything that was admitted, and never before an earlier input', () => {
  const gate = new InputGate();
  const first = gate.stamp();
  expect(gate.openUntilPs).toBe(first);
  gate.admit(first - 1);
  expect(gate.stamp()).toBe(first);
  gate.admit(first);
  expect(gate.stamp()).toBeGreaterThan(first);
  expect(gate.openUntilPs).toBe(gate.stamp());
});

test('a closed gate holds nothing back', () => {
  const gate = new InputGate();
  gate.close();
  expect(gate.openUntilPs).toBe(NEVER_PS);
});
