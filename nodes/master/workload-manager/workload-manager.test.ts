import { describe, expect, test } from 'vitest';
import { PS_PER_S } from '../../../base/units.ts';
import { STATUS_BACKEND_FAILURE, STATUS_OK } from '../../../packet/lambda.ts';
import { emitManagement } from '../../../packet/management.ts';
import { PORT_MANAGEMENT } from '../../../packet/udp.ts';
import { loadTopology } from '../../../topology/load-topology.ts';
import { TestFabric, unreliable } from '../test-fabric.ts';
import { TestClient, TestWorker } from '../test-hosts.ts';
import { assignLambdaIds } from './lambda-ids.ts';

function deploy(octets: number, prepare: (fabric: TestFabric, workers: TestWorker[]) => void = () => {}, seed = 1) {
  const firmware = new Uint8Array(octets).map((_, index) => index ^ (index >> 8));
  const fabric = new TestFabric({ firmware, seed });
  const workers = fabric.workers.map((host) => new TestWorker(fabric, host));
  prepare(fabric, workers);
  fabric.model.start();
  fabric.run();
  const details = fabric.model.report().details as {
    publishedPs: number | null;
    deployments: { worker: string; state: string; reason: string; timeouts: number; chunksSent: number }[];
  };
  return { fabric, workers, firmware, details };
}

describe('a deployment', () => {
  for (const octets of [1, 1023, 1024, 1025, 16 * 1024, 100_000]) {
    test(`brings ${octets} octets to every worker`, () => {
      const { workers, firmware, details } = deploy(octets);
      for (const worker of workers) expect(Uint8Array.from(worker.firmware)).toEqual(firmware);
      expect(details.deployments.map((deployment) => deployment.state)).toEqual(Array(4).fill('loaded'));
      expect(details.deployments.map((deployment) => deployment.chunksSent)).toEqual(
        Array(4).fill(Math.ceil(octets / 1024)),
      );
    });
  }

  test('announces size and hash, and loads after the last octet', () => {
    const { workers } = deploy(5000);
    const types = (workers[0] as TestWorker).management.map((message) => message.type);
    const chunks = Array(5).fill('firmware-chunk');
    expect(types).toEqual(['firmware-begin', ...chunks, 'firmware-load']);
    expect((workers[0] as TestWorker).management[0]).toMatchObject({
      octets: 5000,
      sha256: new Uint8Array(32).fill(0xab),
    });
  });

  for (let seed = 1; seed <= 6; seed++) {
    test(`survives a treacherous network, seed ${seed}`, () => {
      const { workers, firmware, details } = deploy(
        40_000,
        (fabric) => {
          fabric.fate = unreliable(0.15, 0.1, 0.3);
        },
        seed,
      );
      for (const worker of workers) expect(Uint8Array.from(worker.firmware)).toEqual(firmware);
      expect(details.deployments.every((deployment) => deployment.state === 'loaded')).toBe(true);
    });
  }

  test('waits for a worker that takes seconds to load', () => {
    const { details } = deploy(2000, (fabric, workers) => {
      const slow = workers[2] as TestWorker;
      const send = slow.sendManagement.bind(slow);
      slow.sendManagement = (message) =>
        message.type === 'firmware-loaded' ? fabric.at(20 * PS_PER_S, () => send(message)) : send(message);
    });
    expect(details.deployments.map((deployment) => deployment.state)).toEqual(Array(4).fill('loaded'));
    expect(details.publishedPs).toBeGreaterThan(20 * PS_PER_S);
  });
});

describe('a worker that fails', () => {
  test('is named with its reason, and the others serve', () => {
    const { fabric, details } = deploy(2000, (_, workers) => {
      (workers[0] as TestWorker).loadedStatus = STATUS_BACKEND_FAILURE;
      (workers[3] as TestWorker).deaf = true;
    });
    expect(details.deployments).toMatchObject([
      { worker: 'm2', state: 'failed', reason: 'the worker answers backend-failure' },
      { worker: 'm3', state: 'loaded' },
      { worker: 'm4', state: 'loaded' },
      { worker: 'm5', state: 'failed', reason: 'no answer in phase announce' },
    ]);
    expect(fabric.model.report().failure).toBe(
      'the firmware could not be loaded on m2 (the worker answers backend-failure), m5 (no answer in phase announce)',
    );
    expect(fabric.events.filter((event) => event.kind === 'firmware-failed').map((event) => event.worker)).toEqual([
      'm2',
      'm5',
    ]);
    const client = new TestClient(fabric);
    for (let id = 1; id <= 6; id++) client.request('web-server', id, Uint8Array.of(id));
    fabric.run();
    expect(client.answers.map((answer) => answer.header.status)).toEqual(Array(6).fill(STATUS_OK));
  });

  test('that loads another image has failed', () => {
    const { details } = deploy(2000, (_, workers) => {
      const wrong = workers[1] as TestWorker;
      const send = wrong.sendManagement.bind(wrong);
      wrong.sendManagement = (message) =>
        send(message.type === 'firmware-loaded' ? { ...message, sha256: new Uint8Array(32) } : message);
    });
    expect(details.deployments[1]).toMatchObject({ state: 'failed', reason: 'another image was loaded' });
  });
});

test('an answer counts only from the worker that was asked, over the management network', () => {
  const { details, fabric } = deploy(2000, (_, workers) => {
    const [quiet, liar] = workers as [TestWorker, TestWorker];
    // What m2 would answer comes from m3, and then under m2's own address over the data network.
    quiet.sendManagement = (message) => {
      liar.sendManagement(message);
      const address = quiet.host.interfaces[1]?.address ?? '';
      quiet.fabric.send(0, address, PORT_MANAGEMENT, PORT_MANAGEMENT, emitManagement(message));
    };
  });
  expect(details.deployments.map((deployment) => deployment.state)).toEqual(['failed', 'loaded', 'loaded', 'loaded']);
  expect(fabric.counter('management_strangers')).toBeGreaterThan(0);
});

test('lambda ids are 1, 2, 3 ... in the order of the topology', () => {
  expect(assignLambdaIds(loadTopology('four-workers'))).toEqual({
    'web-server': 1,
    'key-value-client': 2,
    'image-transformer': 3,
    'image-mean': 4,
  });
});
