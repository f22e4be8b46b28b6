import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RequestTable, STATE_ANSWERED } from './request-table.ts';

/** The same mapping, as one would write it without caring for speed. */
class PlainTable {
  readonly byClient = new Map<string, number>();
  readonly byId = new Map<number, { client: string; open: boolean }>();
}

test('agrees with a plain map under any order of opening, answering and forgetting', () => {
  const step = fc.record({
    action: fc.constantFrom('open' as const, 'open' as const, 'close' as const, 'forget' as const),
    address: fc.constantFrom(0, 1, 0xffffffff, 0x0a0a1e01),
    port: fc.constantFrom(0, 40_000, 65_535),
    requestId: fc.nat({ max: 4 }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 200, maxLength: 400 }), (steps) => {
      const table = new RequestTable(16);
      const plain = new PlainTable();
      for (const { action, address, port, requestId } of steps) {
        const client = `${address}:${port}:${requestId}`;
        const known = plain.byClient.get(client);
        const slot = table.find(address, port, requestId);
        expect(slot >= 0).toBe(known !== undefined);
        if (known !== undefined) expect(table.requestId[slot]).toBe(known);
        if (action === 'open' && known === undefined) {
          const id = table.nextId();
          const openCount = [...plain.byId.values()].filter((entry) => entry.open).length;
          expect(table.outstanding).toBe(openCount);
          if (openCount === 16) {
            expect(id).toBe(0);
            continue;
          }
          expect(id).toBeGreaterThan(0);
          const taken = table.slotFor(id);
          if (table.state[taken] === STATE_ANSWERED) {
            const old = table.requestId[taken] as number;
            plain.byClient.delete(plain.byId.get(old)?.client as string);
            plain.byId.delete(old);
            table.forget(taken);
          }
          table.open(id, address, port, requestId);
          plain.byClient.set(client, id);
          plain.byId.set(id, { client, open: true });
        } else if (action === 'close' && known !== undefined && plain.byId.get(known)?.open) {
          table.close(slot);
          plain.byId.set(known, { client, open: false });
        } else if (action === 'forget' && known !== undefined && plain.byId.get(known)?.open === false) {
          table.forget(slot);
          plain.byClient.delete(client);
          plain.byId.delete(known);
        }
      }
      for (const [id] of plain.byId) expect(table.slotOf(id)).toBeGreaterThanOrEqual(0);
      for (const [client, id] of plain.byClient) {
        const [address, port, requestId] = client.split(':').map(Number) as [number, number, number];
        expect(table.requestId[table.find(address, port, requestId)]).toBe(id);
      }
    }),
    { numRuns: 300 },
  );
});

test('gives ids in order, passes over slots in flight and wraps without using 0', () => {
  const table = new RequestTable(4);
  const ids: number[] = [];
  for (let i = 0; i < 6; i++) {
    const id = table.nextId();
    ids.push(id);
    const slot = table.open(id, 1, 2, i);
    if (i !== 1) {
      table.close(slot);
      table.forget(slot);
    }
  }
  expect(ids).toEqual([1, 2, 3, 4, 5, 7]);
});
