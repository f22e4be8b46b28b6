import { expect, test } from 'vitest';
import { readUint16, readUint32 } from '../../../packet/big-endian.ts';
import {
  FLAG_RESPONSE,
  LAMBDA_REQUEST_ID,
  LAMBDA_STATUS,
  STATUS_NO_CAPACITY,
  STATUS_OK,
} from '../../../packet/lambda.ts';
import { buildUdpFrame, parseUdpFrame, UDP_PAYLOAD_OFFSET, type UdpFrame } from '../../../packet/udp-frame.ts';
import { Scheduler } from '../../../time/scheduler.ts';
import { lambdaPayload } from '../test-hosts.ts';
import { FunctionTable } from './function-table.ts';
import { Gateway, type GatewayOptions } from './gateway.ts';
import type { LeaseManagement } from './lease-desk.ts';
import { WorkerPool } from './worker-pool.ts';

const WORKER = 0x0a0a6565;
const CLIENT = 0x0a0a1e01;

/** The gateway alone, with small bounds. */
function bounded(options: Partial<GatewayOptions>) {
  const scheduler = new Scheduler();
  const toWorker: number[] = [];
  const toClient: { requestId: number; status: number }[] = [];
  const pool = new WorkerPool([
    {
      name: 'w',
      nic: 0,
      address: WORKER,
      mac: 1,
      managementAddress: 2,
      slots: 1,
      slotInputOctets: 64,
      slotOutputOctets: 64,
    },
  ]);
  pool.markLoaded(0);
  const functions = new FunctionTable([{ name: 'f', id: 1, workers: [0] }]);
  functions.publish();
  const nothing: LeaseManagement = { install: () => {}, free: () => {}, acknowledge: () => {} };
  const gateway = new Gateway(
    {
      nowPs: () => scheduler.nowPs(),
      at: (timePs, callback) => scheduler.armTimer(0, timePs, callback),
      cancel: (timer) => scheduler.cancelTimer(timer),
    },
    { run: (_servicePs, then) => then() },
    {
      sendInPlace: (frame, _octets, _srcPort, address) => {
        const requestId = readUint32(frame, UDP_PAYLOAD_OFFSET + LAMBDA_REQUEST_ID);
        const status = readUint16(frame, UDP_PAYLOAD_OFFSET + LAMBDA_STATUS);
        if (address === WORKER) toWorker.push(requestId);
        else toClient.push({ requestId, status });
        return true;
      },
    },
    functions,
    pool,
    nothing,
    { spec: { requestTimeoutPs: 1000, retries: 0, placement: 'round-robin' }, servicePs: 0, ...options },
  );
  const header = { fragment: 0, fragments: 1, status: 0 };
  return {
    gateway,
    toWorker,
    toClient,
    ask: (requestId: number) =>
      gateway.onDatagram(
        datagram(
          CLIENT,
          5000,
          lambdaPayload({ ...header, wId: 0, requestId, flags: 0, length: 0 }, new Uint8Array(0), 'f'),
        ),
      ),
    answer: (requestId: number, octets: number) => {
      const answer = { ...header, wId: 1, requestId, flags: FLAG_RESPONSE, length: octets };
      gateway.onDatagram(datagram(WORKER, 4369, lambdaPayload(answer, new Uint8Array(octets))));
    },
  };
}

function datagram(srcAddress: number, srcPort: number, payload: Uint8Array): UdpFrame {
  const addresses = { dstMac: 1, srcMac: 2, srcAddress, dstAddress: 3, srcPort, dstPort: 4369 };
  const parsed = parseUdpFrame(buildUdpFrame({ ...addresses, payload }));
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

test('answers beyond the bound are forgotten, oldest first; a duplicate is then a new request', () => {
  const { ask, answer, toWorker, toClient } = bounded({ answerMemoryOctets: 2500 });
  for (let id = 1; id <= 3; id++) {
    ask(id);
    answer(toWorker.at(-1) as number, 1000);
  }
  ask(3);
  ask(2);
  expect(toWorker).toHaveLength(3);
  ask(1);
  expect(toWorker).toHaveLength(4);
  expect(toClient.map(({ requestId }) => requestId)).toEqual([1, 2, 3, 3, 2]);
});

test('what is forgotten makes room: the bound holds over any number of requests', () => {
  const { ask, answer, toWorker } = bounded({ answerMemoryOctets: 2500, tableEntries: 4 });
  for (let id = 1; id <= 50; id++) {
    ask(id);
    answer(toWorker.at(-1) as number, 1000);
    // The two latest answers are always there.
    ask(id);
    if (id > 1) ask(id - 1);
    expect(toWorker).toHaveLength(id);
  }
});

test('when every slot is in flight a request is refused, and served once one is free', () => {
  const { ask, answer, toWorker, toClient, gateway } = bounded({ tableEntries: 4 });
  for (let id = 1; id <= 5; id++) ask(id);
  expect(toWorker).toHaveLength(4);
  expect(toClient).toEqual([{ requestId: 5, status: STATUS_NO_CAPACITY }]);
  answer(toWorker[2] as number, 1);
  ask(5);
  expect(toWorker).toHaveLength(5);
  answer(toWorker[4] as number, 1);
  expect(toClient.slice(1)).toEqual([
    { requestId: 3, status: STATUS_OK },
    { requestId: 5, status: STATUS_OK },
  ]);
  expect(gateway.outstanding).toBe(3);
});
