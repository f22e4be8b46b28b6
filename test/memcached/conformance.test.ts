import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PS_PER_S } from '../../base/units.ts';
import { MemcachedState } from '../../nodes/master/memcached/state.ts';
import { projectFolder } from '../../topology/load-topology.ts';
import { type ConformanceRow, NamedNumbers, readConformanceTable } from './conformance-table.ts';
import { type Conversation, oursOverTcp, oursOverUdp, realOverTcp, realOverUdp } from './conversations.ts';
import { hasMemcached, RealServer } from './real-server.ts';

const ROWS = readConformanceTable(join(projectFolder(), 'test', 'memcached', 'conformance.txt'));
/**
 * They have a server each: all of them wait at once, and after a `quit` over UDP the original drops for ever what follows
 * a retrieval in a datagram.
 */
const LONE_ROWS = ROWS.filter(isLone);
const SHARING_ROWS = ROWS.filter((row) => !isLone(row));

function isLone({ steps }: ConformanceRow): boolean {
  return steps.some((step) => step.kind === 'wait' || (step.kind === 'send' && step.octets.includes('quit')));
}

function over(rows: readonly ConformanceRow[], transport: 'tcp' | 'udp'): ConformanceRow[] {
  return rows.filter(({ transports }) => transports.includes(transport));
}

async function converse(
  { steps, line }: ConformanceRow,
  conversation: Conversation,
  isUdp: boolean,
  wait: (seconds: number) => void | Promise<void>,
): Promise<void> {
  const numbers = new NamedNumbers();
  for (const step of steps) {
    if (step.kind === 'wait') await wait(step.seconds);
    else if (step.kind === 'send') conversation.send(numbers.fill(step.octets));
    else {
      const answers = await conversation.answers(step.octets.endsWith('(closed)'));
      const actual = isUdp && step.datagrams.length === 0 ? answers.map(payloadOf) : answers;
      const expected = isUdp && step.datagrams.length > 0 ? step.datagrams.join('|') : step.octets;
      const text = actual.join(isUdp && step.datagrams.length > 0 ? '|' : '');
      // The comparison after the match is there for its message.
      if (!numbers.match(expected, text)) expect(text, `conformance.txt:${line}`).toBe(numbers.fill(expected));
    }
  }
  conversation.close();
}

function payloadOf(datagram: string): string {
  return datagram.slice(datagram.indexOf(']') + 1);
}

describe('ours, as the table says', () => {
  const ours = () => {
    let nowPs = 0;
    const state = new MemcachedState({ nowPs: () => nowPs, epochUnixSeconds: 1_800_000_000 });
    const wait = (seconds: number) => {
      nowPs += seconds * PS_PER_S;
    };
    return { state, wait };
  };
  it.each(over(ROWS, 'tcp'))('$name (TCP)', async (row) => {
    const { state, wait } = ours();
    await converse(row, oursOverTcp(state), false, wait);
  });
  it.each(over(ROWS, 'udp'))('$name (UDP)', async (row) => {
    const { state, wait } = ours();
    await converse(row, oursOverUdp(state), true, wait);
  });
});

describe.skipIf(!hasMemcached())('the original, as the table says', () => {
  let server: RealServer;
  const wait = (seconds: number) => sleep(seconds * 1000);

  beforeAll(async () => {
    server = await RealServer.start();
  });
  afterAll(() => server.stop());

  /** As good as a server that has just started. */
  async function emptied(): Promise<void> {
    const conversation = await realOverTcp(server.port);
    conversation.send(
      'flush_all\r\nstats reset\r\nstats detail off\r\nstats sizes_disable\r\nverbosity 0\r\ncache_memlimit 64\r\n',
    );
    await conversation.answers(false);
    conversation.close();
  }

  it.each(over(SHARING_ROWS, 'tcp'))('$name (TCP)', async (row) => {
    await emptied();
    await converse(row, await realOverTcp(server.port), false, wait);
  });
  it.each(over(SHARING_ROWS, 'udp'))('$name (UDP)', async (row) => {
    await emptied();
    await converse(row, await realOverUdp(server.port), true, wait);
  });

  const lone = (['tcp', 'udp'] as const).flatMap((transport) =>
    over(LONE_ROWS, transport).map((row) => ({ name: row.name, transport, row })),
  );
  it.concurrent.each(lone)('$name ($transport)', async ({ row, transport }) => {
    const own = await RealServer.start();
    try {
      const conversation = transport === 'udp' ? await realOverUdp(own.port) : await realOverTcp(own.port);
      await converse(row, conversation, transport === 'udp', wait);
    } finally {
      await own.stop();
    }
  });
});
