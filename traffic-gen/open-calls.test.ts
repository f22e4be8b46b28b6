import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OpenCalls } from './open-calls.ts';

test('agrees with a map whatever stays open for however long', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 32 - 1_000), fc.array(fc.nat(400), { maxLength: 500 }), (firstId, lifetimes) => {
      const calls = new OpenCalls<{ readonly requestId: number }>();
      const model = new Map<number, { readonly requestId: number }>();
      const ends = new Map<number, number[]>();
      lifetimes.forEach((lifetime, issued) => {
        const call = { requestId: firstId + issued };
        calls.add(call);
        model.set(call.requestId, call);
        ends.set(issued + lifetime, [...(ends.get(issued + lifetime) ?? []), call.requestId]);
        for (const requestId of ends.get(issued) ?? []) {
          calls.remove(model.get(requestId) as { readonly requestId: number });
          model.delete(requestId);
        }
        expect(calls.size).toBe(model.size);
        for (let id = firstId - 70; id <= call.requestId + 70; id += 7) expect(calls.get(id)).toBe(model.get(id));
      });
    }),
    { numRuns: 20 },
  );
});

test('refuses to settle a call twice', () => {
  const calls = new OpenCalls<{ readonly requestId: number }>();
  const call = { requestId: 5 };
  calls.add(call);
  calls.remove(call);
  expect(() => calls.remove(call)).toThrow('settled twice');
});
