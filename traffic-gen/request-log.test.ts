import { expect, test } from 'vitest';
import { RequestLog } from './request-log.ts';

const asked = { workload: 'web', lambda: 'web-server', transport: 'plain', octets: 4, startPs: 100 } as const;

test('a request that has not ended has a row without an end, in the same columns', () => {
  const log = new RequestLog();
  const place = log.start({ ...asked, requestId: 7 });
  log.start({ ...asked, requestId: 8 });
  log.end(place, {
    endPs: 350,
    attempts: 2,
    status: 'ok',
    right: true,
    worker: 'm3',
    answerOctets: 5,
    furtherRequestIds: [9, 11],
  });
  const [ended, pending, ...more] = log.rows();
  expect(more).toEqual([]);
  expect(ended).toEqual({
    ...asked,
    requestId: 7,
    endPs: 350,
    latencyPs: 250,
    attempts: 2,
    status: 'ok',
    worker: 'm3',
    answerOctets: 5,
    furtherRequestIds: '9 11',
  });
  expect(pending).toMatchObject({ requestId: 8, startPs: 100, status: 'pending', endPs: '', latencyPs: '' });
  expect(Object.keys(pending!)).toEqual(Object.keys(ended!));
  expect(log.summary('web', 2)).toMatchObject({ completed: 1, failed: 0 });
});

test('requests that failed are told apart by how they ended', () => {
  const log = new RequestLog();
  const endAs = (status: string, right: boolean): void => {
    const place = log.start({ ...asked, requestId: 1 });
    log.end(place, { endPs: 200, attempts: 1, status, right, worker: '', answerOctets: 0, furtherRequestIds: [] });
  };
  for (const status of ['no-answer', 'wrong-answer', 'no-answer']) endAs(status, false);
  endAs('ok', true);
  expect(log.summary('web', 5)).toMatchObject({
    completed: 1,
    failed: 3,
    failures: { 'no-answer': 2, 'wrong-answer': 1 },
  });
});
