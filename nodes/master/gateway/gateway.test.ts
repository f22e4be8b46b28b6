import { describe, expect, test } from 'vitest';
import { randomStream } from '../../../base/random.ts';
import { PS_PER_MS } from '../../../base/units.ts';
import {
  FLAG_RESPONSE,
  STATUS_BAD_REQUEST,
  STATUS_NO_CAPACITY,
  STATUS_OK,
  STATUS_TIMEOUT,
  STATUS_UNKNOWN_FUNCTION,
} from '../../../packet/lambda.ts';
import { numberOf, TestFabric, unreliable } from '../test-fabric.ts';
import { lambdaPayload, published, TestClient, TestWorker } from '../test-hosts.ts';

const SEED = Number(process.env.GATEWAY_SEED ?? 4369);
const TIMEOUT_PS = 10 * PS_PER_MS;

function ready(options: ConstructorParameters<typeof TestFabric>[0] = {}) {
  const fabric = new TestFabric({ gateway: { requestTimeoutPs: TIMEOUT_PS, retries: 3 }, ...options });
  const client = new TestClient(fabric);
  const workers = published(fabric);
  return { fabric, client, workers };
}

function octets(length: number, seed: number): Uint8Array {
  const random = randomStream(seed, 'octets');
  return new Uint8Array(length).map(() => random.below(256));
}

const seenByAll = (workers: readonly TestWorker[]) => workers.flatMap((worker) => worker.seen);

describe('one request', () => {
  test('goes to a worker under the lambda id and the gateway id, and comes back under the client id', () => {
    const { fabric, client, workers } = ready();
    client.request('web-server', 77, Uint8Array.of(1, 2, 3));
    fabric.run();
    const [seen, ...more] = seenByAll(workers);
    expect(more).toEqual([]);
    expect(seen?.header).toMatchObject({ wId: 1, fragment: 0, fragments: 1, flags: 0, status: 0, length: 3 });
    expect(seen?.header.requestId).not.toBe(77);
    expect([...(seen?.body ?? [])]).toEqual([1, 2, 3]);
    expect(seen?.port).toBe(4369);
    expect(client.answers).toHaveLength(1);
    expect(client.answers[0]?.header).toMatchObject({ wId: 1, requestId: 77, flags: FLAG_RESPONSE, status: STATUS_OK });
    expect([...(client.answers[0]?.body ?? [])]).toEqual([2, 3, 4]);
  });

  test('is logged from the send call to the receive call returning', () => {
    const { fabric, client, workers } = ready();
    const sentPs = fabric.nowPs;
    client.request('key-value-client', 1, Uint8Array.of(0));
    fabric.run();
    const { receiveStackPs, sendStackPs, gatewayServicePs } = fabric.master.profile;
    const wirePs = 1_000_000;
    const startPs = sentPs + wirePs + receiveStackPs + gatewayServicePs;
    const endPs = startPs + sendStackPs + wirePs + wirePs + receiveStackPs;
    expect(fabric.model.report().rows).toEqual([
      {
        requestId: workers.flatMap((worker) => worker.seen)[0]?.header.requestId,
        kind: 'request',
        clientAddress: '10.10.30.1',
        clientPort: client.port,
        clientRequestId: 1,
        lambda: 'key-value-client',
        worker: 'm2',
        startPs,
        endPs,
        latencyPs: endPs - startPs,
        attempts: 1,
        status: 'ok',
      },
    ]);
  });

  test('leaves no timer behind', () => {
    const { fabric, client } = ready();
    client.request('web-server', 1, Uint8Array.of(1));
    const startPs = fabric.nowPs;
    fabric.run();
    expect(fabric.nowPs - startPs).toBeLessThan(TIMEOUT_PS);
  });

  test('carries the status and the body that the lambda gives', () => {
    const { fabric, client, workers } = ready();
    for (const worker of workers) worker.answer = () => ({ status: 1, body: new Uint8Array(0) });
    client.request('key-value-client', 5, Uint8Array.of(0));
    fabric.run();
    expect(client.answers[0]?.header).toMatchObject({ requestId: 5, status: 1, length: 0 });
  });
});

describe('refusals', () => {
  test('no capacity before the ids are published', () => {
    const fabric = new TestFabric();
    const client = new TestClient(fabric);
    const workers = fabric.workers.map((host) => new TestWorker(fabric, host));
    fabric.model.start();
    client.request('web-server', 1, Uint8Array.of(1));
    fabric.run();
    expect(client.answers[0]?.header).toMatchObject({ requestId: 1, status: STATUS_NO_CAPACITY, flags: FLAG_RESPONSE });
    client.request('web-server', 1, Uint8Array.of(1));
    fabric.run();
    expect(client.answers[1]?.header.status).toBe(STATUS_OK);
    expect(seenByAll(workers)).toHaveLength(1);
  });

  test('unknown function, one answer for all fragments', () => {
    const { fabric, client, workers } = ready();
    client.request('no-such-lambda', 9, octets(3000, 1));
    fabric.run();
    expect(client.answers.map((answer) => answer.header.status)).toEqual([STATUS_UNKNOWN_FUNCTION]);
    expect(seenByAll(workers)).toEqual([]);
  });

  test('a request that contradicts itself', () => {
    const { fabric, client, workers } = ready();
    const header = { wId: 0, requestId: 1, fragment: 0, fragments: 1, flags: 0, status: 0, length: 9 };
    client.raw(lambdaPayload(header, Uint8Array.of(1), 'web-server'));
    client.raw(lambdaPayload({ ...header, requestId: 2, length: 1, wId: 3 }, Uint8Array.of(1), 'web-server'));
    client.raw(lambdaPayload({ ...header, requestId: 3, length: 0 }, new Uint8Array(0)));
    fabric.run();
    expect(client.answers.map((answer) => [answer.header.requestId, answer.header.status])).toEqual([
      [1, STATUS_BAD_REQUEST],
      [2, STATUS_BAD_REQUEST],
      [3, STATUS_BAD_REQUEST],
    ]);
    expect(seenByAll(workers)).toEqual([]);
    expect(fabric.counter('gateway_badRequests')).toBe(3);
  });
});

describe('placement', () => {
  test('round-robin over the workers that carry the lambda', () => {
    const { fabric, client, workers } = ready({ placement: { 'web-server': ['m3', 'm5'] } });
    for (let id = 1; id <= 6; id++) client.request('web-server', id, Uint8Array.of(id));
    fabric.run();
    expect(workers.map((worker) => worker.seen.length)).toEqual([0, 3, 0, 3]);
  });

  test('least outstanding avoids the worker that does not answer', () => {
    const gateway = { requestTimeoutPs: 1000 * PS_PER_MS, retries: 3, placement: 'least-outstanding' } as const;
    const { fabric, client, workers } = ready({ gateway });
    const slow = workers[0] as TestWorker;
    slow.answer = () => undefined;
    for (let id = 1; id <= 40; id++) {
      client.request('web-server', id, Uint8Array.of(id));
      fabric.run(fabric.nowPs + PS_PER_MS);
    }
    expect(slow.seen).toHaveLength(1);
    expect(seenByAll(workers)).toHaveLength(40);
  });

  test('a worker without firmware gets nothing, and the run fails by its name', () => {
    const fabric = new TestFabric({ gateway: { requestTimeoutPs: TIMEOUT_PS, retries: 3 } });
    const client = new TestClient(fabric);
    const workers = fabric.workers.map((host) => new TestWorker(fabric, host));
    (workers[1] as TestWorker).deaf = true;
    fabric.model.start();
    fabric.run();
    for (let id = 1; id <= 8; id++) client.request('web-server', id, Uint8Array.of(id));
    fabric.run();
    expect(workers[1]?.seen).toEqual([]);
    expect(client.answers).toHaveLength(8);
    expect(fabric.model.report().failure).toMatch(/m3 \(no answer in phase announce\)/);
  });
});

describe('timeouts', () => {
  test('a request is sent again with doubling waits, then given up', () => {
    const { fabric, client, workers } = ready();
    for (const worker of workers) worker.answer = () => undefined;
    client.request('web-server', 4, Uint8Array.of(1));
    fabric.run();
    const seen = seenByAll(workers);
    expect(seen).toHaveLength(4);
    expect(new Set(seen.map((request) => request.header.requestId)).size).toBe(1);
    const gaps = seen.slice(1).map((request, index) => request.timePs - (seen[index]?.timePs ?? 0));
    expect(gaps.map((gap) => Math.round(gap / TIMEOUT_PS))).toEqual([1, 2, 4]);
    expect(client.answers.map((answer) => answer.header)).toMatchObject([{ requestId: 4, status: STATUS_TIMEOUT }]);
    expect(fabric.model.report().rows).toMatchObject([{ attempts: 4, status: 'timeout' }]);
    expect(fabric.counter('gateway_resends')).toBe(3);
    expect(fabric.counter('gateway_givenUp')).toBe(1);
    expect(fabric.counter('gateway_outstanding')).toBe(0);
  });

  test('an answer after the end is dropped, a duplicate request is told the end again', () => {
    const { fabric, client, workers } = ready();
    for (const worker of workers) worker.answer = () => undefined;
    client.request('web-server', 4, Uint8Array.of(1));
    fabric.run();
    const seen = seenByAll(workers);
    const asked = workers.find((worker) => worker.seen.length > 0) as TestWorker;
    asked.reply((asked.seen[0] as (typeof seen)[0]).header, 0, Uint8Array.of(5));
    client.request('web-server', 4, Uint8Array.of(1));
    fabric.run();
    expect(client.answers.map((answer) => answer.header.status)).toEqual([STATUS_TIMEOUT, STATUS_TIMEOUT]);
    expect(seenByAll(workers)).toHaveLength(seen.length);
    expect(fabric.counter('gateway_lateAnswers')).toBe(1);
  });

  test('a lost request is repaired by the second attempt', () => {
    const { fabric, client, workers } = ready();
    let calls = 0;
    for (const worker of workers) {
      const { answer } = worker;
      worker.answer = (request, header) => (++calls === 1 ? undefined : answer(request, header));
    }
    client.request('web-server', 4, octets(2500, 3));
    fabric.run();
    expect(client.bodyOf(4)).toEqual(octets(2500, 3).map((octet) => octet + 1));
    expect(fabric.model.report().rows).toMatchObject([{ attempts: 2, status: 'ok' }]);
  });

  test('a request whose client stops halfway is forgotten', () => {
    const { fabric, client, workers } = ready();
    client.request('image-transformer', 4, octets(5000, 3), 0, [0, 2]);
    fabric.run();
    expect(seenByAll(workers)).toHaveLength(2);
    expect(client.answers).toEqual([]);
    expect(fabric.counter('gateway_incompleteRequests')).toBe(1);
    expect(fabric.counter('gateway_outstanding')).toBe(0);
  });
});

describe('duplicates', () => {
  test('of a request in flight are ignored', () => {
    const { fabric, client, workers } = ready();
    client.request('web-server', 4, Uint8Array.of(1));
    client.request('web-server', 4, Uint8Array.of(1));
    fabric.run();
    expect(seenByAll(workers)).toHaveLength(1);
    expect(client.answers).toHaveLength(1);
    expect(fabric.counter('gateway_duplicateRequestsIgnored')).toBe(1);
  });

  test('of an answered request get the same answer without asking the worker', () => {
    const { fabric, client, workers } = ready();
    const body = octets(2500, 8);
    client.request('image-transformer', 4, body);
    fabric.run();
    const first = client.answers.map((answer) => [answer.header, [...answer.body]]);
    expect(first).toHaveLength(3);
    client.request('image-transformer', 4, body);
    fabric.run();
    expect(client.answers.slice(3).map((answer) => [answer.header, [...answer.body]])).toEqual(first);
    expect(seenByAll(workers)).toHaveLength(3);
  });

  test('of answers reach the client once', () => {
    const { fabric, client, workers } = ready();
    for (const worker of workers) {
      worker.answer = (request, header) => {
        worker.reply(header, 0, request);
        return { status: 0, body: request };
      };
    }
    client.request('web-server', 4, octets(1500, 2));
    fabric.run();
    expect(client.answers).toHaveLength(2);
    expect(fabric.counter('gateway_lateAnswers')).toBe(2);
  });

  test('the same id from another client or port is another request', () => {
    const { fabric, client, workers } = ready();
    const neighbour = new TestClient(fabric, '10.10.30.2', 40_000);
    client.request('web-server', 4, Uint8Array.of(1));
    neighbour.request('web-server', 4, Uint8Array.of(9));
    fabric.run();
    expect([...(client.bodyOf(4) ?? [])]).toEqual([2]);
    expect([...(neighbour.bodyOf(4) ?? [])]).toEqual([10]);
    expect(seenByAll(workers)).toHaveLength(2);
  });
});

describe('answers', () => {
  test('from a worker that was not asked, or for another lambda, go nowhere', () => {
    const { fabric, client, workers } = ready();
    const [asked, stranger] = workers as [TestWorker, TestWorker];
    asked.answer = (_, header) => {
      stranger.reply(header, 0, Uint8Array.of(66));
      asked.reply({ ...header, wId: 3 }, 0, Uint8Array.of(66));
      client.raw(lambdaPayload({ ...header, flags: FLAG_RESPONSE, length: 1 }, Uint8Array.of(66)));
      return { status: 0, body: Uint8Array.of(7) };
    };
    client.request('web-server', 4, Uint8Array.of(1));
    fabric.run();
    expect(client.answers.map((answer) => [...answer.body])).toEqual([[7]]);
    expect(fabric.counter('gateway_strayAnswers')).toBe(3);
  });

  test('fragments of two different answers are never mixed', () => {
    const { fabric, client, workers } = ready();
    for (const worker of workers) {
      worker.answer = (_, header) => {
        const part = { ...header, flags: FLAG_RESPONSE, fragments: 2, length: 1025 };
        worker.sendLambda(lambdaPayload({ ...part, fragment: 0 }, new Uint8Array(1024).fill(1)));
        worker.sendLambda(lambdaPayload({ ...part, fragment: 1, length: 1026 }, new Uint8Array(2).fill(2)));
        worker.sendLambda(lambdaPayload({ ...part, fragment: 1 }, new Uint8Array(1).fill(1)));
        return undefined;
      };
    }
    client.request('web-server', 4, Uint8Array.of(1));
    fabric.run();
    expect(client.bodyOf(4)).toEqual(new Uint8Array(1025).fill(1));
    expect(fabric.counter('gateway_inconsistentAnswers')).toBe(1);
  });
});

describe('fragments', () => {
  test('of interleaved requests, last first, each go to one worker', () => {
    const { fabric, client, workers } = ready();
    const bodies = [1, 2, 3].map((id) => octets(2048 + id, id));
    for (const fragment of [2, 0, 1]) {
      bodies.forEach((body, index) => {
        client.request('image-transformer', index + 1, body, 0, [fragment]);
      });
    }
    fabric.run();
    bodies.forEach((body, index) => {
      expect(client.bodyOf(index + 1)).toEqual(body.map((octet) => octet + 1));
    });
    expect(workers.map((worker) => worker.seen.length)).toEqual([3, 3, 3, 0]);
  });
});

describe(`on a network that loses, doubles and reorders (seed ${SEED})`, () => {
  for (let round = 0; round < 12; round++) {
    test(`every request gets its one answer, round ${round}`, () => {
      const seed = SEED + round;
      const { fabric, client, workers } = ready({ seed, gateway: { requestTimeoutPs: TIMEOUT_PS, retries: 12 } });
      fabric.fate = unreliable(0.15, 0.15, 0.3);
      const random = randomStream(seed, 'requests');
      const bodies = new Map<number, Uint8Array>();
      const lambdas = ['web-server', 'key-value-client', 'image-transformer'];
      for (let id = 1; id <= 40; id++) {
        const body = octets(random.below(4) === 0 ? random.below(6000) : random.below(40), seed * 100 + id);
        bodies.set(id, body);
        const lambda = lambdas[random.below(3)] as string;
        const attempt = (waitPs: number): void => {
          if (client.bodyOf(id) !== undefined) return;
          client.request(lambda, id, body);
          fabric.at(waitPs, () => attempt(2 * waitPs));
        };
        fabric.at(random.below(5000) * 1_000_000, () => attempt(15 * PS_PER_MS));
      }
      fabric.run();
      for (const [id, body] of bodies) {
        expect(client.bodyOf(id), `request ${id}, seed ${seed}`).toEqual(body.map((octet) => octet + 1));
      }
      const rows = fabric.model.report().rows ?? [];
      expect(rows).toHaveLength(40);
      expect(rows.every((row) => row.status === 'ok')).toBe(true);
      expect(fabric.counter('gateway_outstanding')).toBe(0);
      const askedByRequest = new Map<number, Set<string>>();
      for (const worker of workers) {
        for (const { header } of worker.seen) {
          const asked = askedByRequest.get(header.requestId) ?? new Set();
          askedByRequest.set(header.requestId, asked.add(worker.host.name));
        }
      }
      expect(askedByRequest.size).toBe(40);
      for (const asked of askedByRequest.values()) expect(asked.size).toBe(1);
    });
  }

  test('the same seed gives the same run', () => {
    const run = (): string => {
      const { fabric, client } = ready({ seed: SEED, gateway: { requestTimeoutPs: TIMEOUT_PS, retries: 12 } });
      fabric.fate = unreliable(0.2, 0.1, 0.3);
      for (let id = 1; id <= 30; id++) client.request('web-server', id, octets(id * 50, id));
      fabric.run();
      return JSON.stringify([fabric.model.report(), client.answers.map((answer) => [answer.timePs, answer.header])]);
    };
    expect(run()).toBe(run());
  });
});

test('numbers and addresses of the test agree with the topology', () => {
  const { fabric } = ready();
  expect(numberOf(fabric.workers[0]?.interfaces[0]?.address ?? '')).toBe(0x0a0a6565);
});
