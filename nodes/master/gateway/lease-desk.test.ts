import { describe, expect, test } from 'vitest';
import { PS_PER_MS, PS_PER_S } from '../../../base/units.ts';
import {
  FLAG_KEEP,
  FLAG_LEASE_ANSWER,
  FLAG_LEASE_RELEASE,
  FLAG_LEASE_REQUEST,
  FLAG_RESPONSE,
  STATUS_BACKEND_FAILURE,
  STATUS_BAD_REQUEST,
  STATUS_NO_CAPACITY,
  STATUS_NOT_FOUND,
  STATUS_OK,
  STATUS_UNKNOWN_FUNCTION,
} from '../../../packet/lambda.ts';
import {
  emitLeaseRelease,
  emitLeaseRequest,
  type LeaseAnswer,
  type LeaseRequest,
  parseLeaseAnswer,
} from '../../../packet/lease.ts';
import { TestFabric, unreliable } from '../test-fabric.ts';
import { published, TestClient, type TestWorker } from '../test-hosts.ts';

const REQUEST: LeaseRequest = {
  inputOctets: 262_148,
  outputOctets: 65_536,
  clientQpn: 17,
  clientStartPsn: 0xabcdef,
  clientRkey: 0x1234,
  clientAddress: 0x10_0000_0000n,
  clientMac: 0x020000000099,
  lambdaFlags: 0,
};

function ready(options: ConstructorParameters<typeof TestFabric>[0] = {}) {
  const fabric = new TestFabric({ rdmaSlots: 2, ...options });
  const client = new TestClient(fabric);
  const workers = published(fabric);
  return { fabric, client, workers };
}

function ask(client: TestClient, requestId: number, request: Partial<LeaseRequest> = {}, name = 'image-transformer') {
  client.request(name, requestId, emitLeaseRequest({ ...REQUEST, ...request }), FLAG_LEASE_REQUEST);
}

function leaseOf(client: TestClient, requestId: number): LeaseAnswer {
  const answer = client.answersTo(requestId).at(-1);
  expect(answer?.header).toMatchObject({ status: STATUS_OK, flags: FLAG_RESPONSE | FLAG_LEASE_ANSWER });
  const body = answer?.body ?? new Uint8Array(0);
  const parsed = parseLeaseAnswer(body, 0, body.length);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

const addressOf = (worker: TestWorker) => worker.host.interfaces[0]?.address;
const installs = (worker: TestWorker) => worker.management.filter((message) => message.type === 'lease-install');

function holder(workers: readonly TestWorker[], leaseId: number): TestWorker {
  const worker = workers.find((candidate) => installs(candidate).some((message) => message.leaseId === leaseId));
  if (worker === undefined) throw new Error(`nobody holds lease ${leaseId}`);
  return worker;
}

describe('a lease', () => {
  test('is installed at a worker and answered with what the worker said', () => {
    const { fabric, client, workers } = ready();
    ask(client, 5, { lambdaFlags: FLAG_KEEP });
    fabric.run(fabric.nowPs + PS_PER_MS);
    const lease = leaseOf(client, 5);
    const worker = workers[0] as TestWorker;
    expect(installs(worker)).toMatchObject([
      {
        leaseId: lease.leaseId,
        slot: 0,
        wId: 3,
        clientQpn: 17,
        clientStartPsn: 0xabcdef,
        clientRkey: 0x1234,
        clientMac: 0x020000000099,
        clientMemoryAddress: 0x10_0000_0000n,
        lambdaFlags: FLAG_KEEP,
      },
    ]);
    expect(addressOf(worker)).toBe('10.10.101.101');
    expect(lease).toMatchObject({
      wId: 3,
      workerAddress: 0x0a0a6565,
      workerMac: 0x00154d000101,
      workerQpn: 100,
      workerStartPsn: 7,
      rkey: 9,
      address: 0x9800000000n,
      slot: 0,
      slotInputOctets: 384 * 1024,
    });
  });

  test('ends when the worker says so; the row tells from answer to end', () => {
    const { fabric, client, workers } = ready();
    ask(client, 5);
    fabric.run(fabric.nowPs + PS_PER_MS);
    const lease = leaseOf(client, 5);
    holder(workers, lease.leaseId).leaseDone(lease.leaseId, lease.slot);
    fabric.run();
    expect(fabric.counter('lease_held')).toBe(0);
    expect(fabric.model.report().rows).toMatchObject([
      {
        requestId: lease.leaseId,
        kind: 'lease',
        clientAddress: '10.10.30.1',
        clientPort: client.port,
        clientRequestId: 5,
        lambda: 'image-transformer',
        worker: 'm2',
        attempts: 1,
        status: 'ok',
      },
    ]);
  });

  test('a duplicate request gets the same lease, also after the end none', () => {
    const { fabric, client, workers } = ready();
    ask(client, 5);
    ask(client, 5);
    fabric.run(fabric.nowPs + PS_PER_MS);
    ask(client, 5);
    fabric.run(fabric.nowPs + PS_PER_MS);
    const [first, second, ...more] = client.answersTo(5);
    expect(more).toEqual([]);
    expect(second?.body).toEqual(first?.body);
    const lease = leaseOf(client, 5);
    holder(workers, lease.leaseId).leaseDone(lease.leaseId, lease.slot);
    fabric.run();
    ask(client, 5);
    fabric.run();
    expect(client.answersTo(5)).toHaveLength(2);
    expect(workers.flatMap(installs)).toHaveLength(1);
  });

  test('a second DONE is acknowledged and frees nothing', () => {
    const { fabric, client, workers } = ready({ rdmaSlots: 1 });
    ask(client, 1);
    fabric.run(fabric.nowPs + PS_PER_MS);
    const first = leaseOf(client, 1);
    const worker = holder(workers, first.leaseId);
    worker.leaseDone(first.leaseId, first.slot);
    fabric.run();
    for (let id = 2; id <= 5; id++) ask(client, id);
    fabric.run(fabric.nowPs + PS_PER_MS);
    worker.leaseDone(first.leaseId, first.slot);
    fabric.run(fabric.nowPs + PS_PER_MS);
    expect(fabric.counter('lease_held')).toBe(4);
    expect(worker.management.filter((message) => message.type === 'ack')).toHaveLength(2);
  });

  test('DONE from another worker changes nothing', () => {
    const { fabric, client, workers } = ready();
    ask(client, 5);
    fabric.run(fabric.nowPs + PS_PER_MS);
    const lease = leaseOf(client, 5);
    (workers[3] as TestWorker).leaseDone(lease.leaseId, lease.slot);
    fabric.run(fabric.nowPs + PS_PER_MS);
    expect(fabric.counter('lease_held')).toBe(1);
  });

  test('that is kept ends with the client, who may say it twice', () => {
    const { fabric, client, workers } = ready();
    ask(client, 5, { lambdaFlags: FLAG_KEEP });
    fabric.run(fabric.nowPs + PS_PER_MS);
    const lease = leaseOf(client, 5);
    const body = emitLeaseRelease({ leaseId: lease.leaseId });
    client.request('image-transformer', 6, body, FLAG_LEASE_RELEASE);
    client.request('image-transformer', 6, body, FLAG_LEASE_RELEASE);
    fabric.run();
    const flags = FLAG_RESPONSE | FLAG_LEASE_RELEASE;
    expect(client.answersTo(6).map((answer) => answer.header)).toMatchObject([
      { flags, status: STATUS_OK },
      { flags, status: STATUS_OK },
    ]);
    const frees = holder(workers, lease.leaseId).management.filter((message) => message.type === 'lease-free');
    expect(frees).toMatchObject([{ leaseId: lease.leaseId, slot: lease.slot }]);
    expect(fabric.counter('lease_held')).toBe(0);
  });

  test('cannot be released by somebody else', () => {
    const { fabric, client } = ready();
    const thief = new TestClient(fabric, '10.10.30.66', 40_000);
    ask(client, 5);
    fabric.run(fabric.nowPs + PS_PER_MS);
    const body = emitLeaseRelease({ leaseId: leaseOf(client, 5).leaseId });
    thief.request('image-transformer', 1, body, FLAG_LEASE_RELEASE);
    fabric.run(fabric.nowPs + PS_PER_MS);
    expect(thief.answers[0]?.header.status).toBe(STATUS_NOT_FOUND);
    expect(fabric.counter('lease_held')).toBe(1);
  });

  test('of a client that is gone is taken back', () => {
    const { fabric, client, workers } = ready();
    ask(client, 5);
    fabric.run();
    const lease = leaseOf(client, 5);
    expect(fabric.nowPs).toBeGreaterThan(29 * PS_PER_S);
    expect(holder(workers, lease.leaseId).management.at(-1)).toMatchObject({ type: 'lease-free' });
    expect(fabric.counter('lease_expired')).toBe(1);
    expect(fabric.counter('lease_held')).toBe(0);
  });
});

describe('refusals', () => {
  test('a message that no slot can hold, an unknown function, a short body', () => {
    const { fabric, client } = ready();
    ask(client, 1, { inputOctets: 384 * 1024 - 31 });
    ask(client, 2, { outputOctets: 128 * 1024 - 31 });
    ask(client, 3, {}, 'no-such-lambda');
    client.request('image-transformer', 4, new Uint8Array(39), FLAG_LEASE_REQUEST);
    ask(client, 5, { inputOctets: 384 * 1024 - 32, outputOctets: 128 * 1024 - 32 });
    fabric.run(fabric.nowPs + PS_PER_MS);
    expect(client.answers.map((answer) => [answer.header.requestId, answer.header.status])).toEqual([
      [1, STATUS_BAD_REQUEST],
      [2, STATUS_BAD_REQUEST],
      [3, STATUS_UNKNOWN_FUNCTION],
      [4, STATUS_BAD_REQUEST],
      [5, STATUS_OK],
    ]);
    expect(client.answers.every((answer) => (answer.header.flags & FLAG_LEASE_ANSWER) !== 0)).toBe(true);
  });

  test('a worker that does not answer the installation', () => {
    const { fabric, client, workers } = ready({ rdmaSlots: 1 });
    for (const worker of workers) worker.deaf = true;
    ask(client, 1);
    fabric.run();
    expect(client.answers.map((answer) => answer.header)).toMatchObject([
      { requestId: 1, status: STATUS_BACKEND_FAILURE, flags: FLAG_RESPONSE | FLAG_LEASE_ANSWER },
    ]);
    expect(fabric.counter('lease_held')).toBe(0);
    for (const worker of workers) worker.deaf = false;
    ask(client, 2);
    fabric.run(fabric.nowPs + PS_PER_MS);
    expect(leaseOf(client, 2).slot).toBe(0);
  });
});

describe('when all slots are taken', () => {
  test('requests wait their turn and are served in order', () => {
    const { fabric, client, workers } = ready({ rdmaSlots: 1 });
    for (let id = 1; id <= 7; id++) ask(client, id);
    fabric.run(fabric.nowPs + PS_PER_MS);
    expect(client.answers.map((answer) => answer.header.requestId)).toEqual([1, 2, 3, 4]);
    expect(fabric.counter('lease_waited')).toBe(3);
    for (const id of [3, 1]) {
      const lease = leaseOf(client, id);
      holder(workers, lease.leaseId).leaseDone(lease.leaseId, lease.slot);
      fabric.run(fabric.nowPs + PS_PER_MS);
    }
    expect(client.answers.map((answer) => answer.header.requestId)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(leaseOf(client, 5).workerAddress).toBe(leaseOf(client, 3).workerAddress);
    expect(leaseOf(client, 6).workerAddress).toBe(leaseOf(client, 1).workerAddress);
  });

  test('a bounded number waits, the rest is refused', () => {
    const { fabric, client } = ready({ rdmaSlots: 1 });
    for (let id = 1; id <= 4 + 1024 + 3; id++) {
      ask(client, id);
      fabric.run(fabric.nowPs + PS_PER_MS / 10);
    }
    const refused = client.answers.filter((answer) => answer.header.status === STATUS_NO_CAPACITY);
    expect(refused.map((answer) => answer.header.requestId)).toEqual([1029, 1030, 1031]);
    expect(fabric.counter('lease_refused')).toBe(3);
  });
});

describe('a function on a lease', () => {
  function askMean(client: TestClient, requestId: number, leaseId: number): void {
    const body = new Uint8Array(12);
    new DataView(body.buffer).setUint32(0, leaseId);
    client.request('image-mean', requestId, body);
  }

  test('goes to the worker that holds it, whoever is next in turn', () => {
    const { fabric, client, workers } = ready();
    ask(client, 1);
    ask(client, 2, { lambdaFlags: FLAG_KEEP });
    fabric.run(fabric.nowPs + PS_PER_MS);
    const lease = leaseOf(client, 2);
    for (let id = 10; id < 13; id++) {
      askMean(client, id, lease.leaseId);
      fabric.run(fabric.nowPs + PS_PER_MS);
    }
    expect(holder(workers, lease.leaseId).seen.map((seen) => seen.header.wId)).toEqual([4, 4, 4]);
    expect(client.bodyOf(12)).toBeDefined();
    const rows = fabric.model.report().rows ?? [];
    expect(rows.map(({ kind, clientRequestId }) => [kind, clientRequestId])).toEqual([
      ['follow-up', 10],
      ['follow-up', 11],
      ['follow-up', 12],
    ]);
  });

  test('is refused without one', () => {
    const { fabric, client, workers } = ready();
    askMean(client, 10, 12_345);
    client.request('image-mean', 11, new Uint8Array(3));
    fabric.run();
    expect(client.answers.map((answer) => answer.header.status)).toEqual([STATUS_NOT_FOUND, STATUS_BAD_REQUEST]);
    expect(workers.every((worker) => worker.seen.length === 0)).toBe(true);
  });
});

describe('on a network that loses, doubles and reorders', () => {
  for (let seed = 1; seed <= 8; seed++) {
    test(`every request gets one lease, and all slots come back, seed ${seed}`, () => {
      const { fabric, client, workers } = ready({ seed });
      fabric.fate = unreliable(0.2, 0.2, 0.3);
      const granted = new Map<number, number>();
      for (let id = 1; id <= 24; id++) {
        const attempt = (waitPs: number): void => {
          const answer = client.answersTo(id).find((candidate) => candidate.header.status === STATUS_OK);
          if (answer === undefined) {
            ask(client, id);
            fabric.at(waitPs, () => attempt(2 * waitPs));
            return;
          }
          const lease = leaseOf(client, id);
          granted.set(id, lease.leaseId);
          holder(workers, lease.leaseId).leaseDone(lease.leaseId, lease.slot);
        };
        attempt(20 * PS_PER_MS);
      }
      fabric.run();
      expect(new Set(granted.values()).size).toBe(24);
      expect(fabric.counter('lease_held')).toBe(0);
      expect(fabric.counter('lease_expired')).toBe(0);
      for (const id of granted.keys()) {
        const bodies = client.answersTo(id).map((answer) => answer.body.join());
        expect(new Set(bodies).size).toBe(1);
      }
    });
  }
});
