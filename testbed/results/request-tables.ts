import type { NodeReport, RequestRow } from '../../time/node.ts';
import type { Topology } from '../../topology/types.ts';
import { DATAGRAM_PORTS, FIRST_DATAGRAM_PORT } from '../../traffic-gen/datagram-phase.ts';

/**
 * The rows of client and gateway as `requests/` holds them. Neither node knows what the other calls a request, and the
 * client does not know who served it behind the gateway; here both tables are at hand, so each is completed from the
 * other: M1's rows get `forRequestId`, the `requestId` of the client's row that they belong to, and the kind `probe`
 * where there is none; the client's rows get their worker. What a node measured stays as it is.
 * @param reports by node; the tables of a node that left none stay as the other made them
 * @returns rows by node
 */
export function requestTables(
  topology: Pick<Topology, 'hosts'>,
  reports: ReadonlyMap<string, NodeReport>,
): Map<string, readonly RequestRow[]> {
  const tables = new Map<string, readonly RequestRow[]>();
  for (const [node, { rows }] of reports) if (rows !== undefined && rows.length > 0) tables.set(node, rows);
  const nameOf = (role: 'client' | 'master'): string => topology.hosts.find((host) => host.role === role)!.name;
  const client = nameOf('client');
  const master = nameOf('master');
  const clientRows = tables.get(client);
  const masterRows = tables.get(master);
  if (clientRows === undefined || masterRows === undefined) return tables;

  const requestOf = new Map<number, number>();
  for (const row of clientRows) for (const id of requestIdsOf(row)) requestOf.set(id, row.requestId as number);
  const workerOf = new Map<number, string>();
  const datagramOf = datagramFinder(clientRows);
  const joined = masterRows.map((row): RequestRow => {
    const forRequestId = row.kind === 'datagram' ? datagramOf(row) : requestOf.get(row.clientRequestId as number);
    if (forRequestId !== undefined) workerOf.set(forRequestId, row.worker as string);
    // Only small requests serve as probes; what a lease or a follow-up was for is known once its request has ended.
    const isProbe = forRequestId === undefined && row.kind === 'request';
    return { ...row, ...(isProbe && { kind: 'probe' }), forRequestId: forRequestId ?? '' };
  });
  tables.set(master, joined);
  const completed = clientRows.map((row): RequestRow => {
    return row.worker === '' ? { ...row, worker: workerOf.get(row.requestId as number) ?? '' } : row;
  });
  tables.set(client, completed);
  return tables;
}

/**
 * Which of the client's requests a datagram at the gateway belonged to: its source port says it (traffic-gen), and of
 * requests that had the same port, the last one that had begun.
 */
function datagramFinder(clientRows: readonly RequestRow[]): (row: RequestRow) => number | undefined {
  const byPort = new Map<number, RequestRow[]>();
  for (const row of clientRows) {
    if (row.transport !== 'datagram') continue;
    const port = FIRST_DATAGRAM_PORT + ((row.requestId as number) % DATAGRAM_PORTS);
    byPort.set(port, [...(byPort.get(port) ?? []), row]);
  }
  return ({ clientPort, startPs }) => {
    const candidates = byPort.get(clientPort as number) ?? [];
    return candidates.findLast((each) => (each.startPs as number) <= (startPs as number))?.requestId as
      | number
      | undefined;
  };
}

/** Everything that the client called its request on the wire. */
function requestIdsOf(row: RequestRow): number[] {
  const further = row.furtherRequestIds === '' ? [] : String(row.furtherRequestIds).split(' ').map(Number);
  return [row.requestId as number, ...further];
}
