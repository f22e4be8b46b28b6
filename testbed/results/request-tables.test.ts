import { describe, expect, test } from 'vitest';
import type { NodeReport, RequestRow } from '../../time/node.ts';
import type { Topology } from '../../topology/types.ts';
import { requestTables } from './request-tables.ts';

const hosts = [
  { name: 'm1', role: 'master' },
  { name: 'm2', role: 'worker' },
  { name: 'client', role: 'client' },
] as unknown as Topology['hosts'];

function tablesOf(rows: Readonly<Record<string, readonly RequestRow[]>>): Map<string, readonly RequestRow[]> {
  const reports = Object.entries(rows).map(([node, table]): [string, NodeReport] => [
    node,
    { counters: {}, rows: table },
  ]);
  return requestTables({ hosts }, new Map(reports));
}

const asked = (requestId: number, worker: string, furtherRequestIds = '') => ({
  requestId,
  worker,
  status: 'ok',
  furtherRequestIds,
});
const served = (requestId: number, kind: string, clientRequestId: number, worker: string) => ({
  requestId,
  kind,
  clientRequestId,
  worker,
});

describe('the tables of client and gateway', () => {
  const client = [asked(4, ''), asked(5, 'm3', '6 7'), { ...asked(8, ''), status: 'pending' }];
  const gateway = [
    served(1, 'request', 3, 'm2'),
    served(2, 'request', 4, 'm5'),
    served(3, 'lease', 5, 'm2'),
    served(4, 'lease', 6, 'm3'),
    served(5, 'follow-up', 7, 'm3'),
    served(6, 'request', 8, 'm4'),
    served(7, 'lease', 9, 'm2'),
  ];
  const tables = tablesOf({ client, m1: gateway });

  test('join by the id of the request, under whatever ids the client asked for it', () => {
    expect(tables.get('m1')!.map(({ requestId, kind, forRequestId }) => [requestId, kind, forRequestId])).toEqual([
      [1, 'probe', ''],
      [2, 'request', 4],
      [3, 'lease', 5],
      [4, 'lease', 5],
      [5, 'follow-up', 5],
      [6, 'request', 8],
      [7, 'lease', ''],
    ]);
  });

  test("a row of the client's gets the worker that the gateway chose, and keeps the one that it knows", () => {
    expect(tables.get('client')!.map((row) => row.worker)).toEqual(['m5', 'm3', 'm4']);
  });

  test('stay as they are when the other is missing', () => {
    expect(tablesOf({ m1: gateway }).get('m1')).toEqual(gateway);
    expect(tablesOf({ client }).get('client')).toEqual(client);
    expect([...tablesOf({ client: [], m2: [] }).keys()]).toEqual([]);
  });
});
