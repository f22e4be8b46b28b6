import { describe, expect, test } from 'vitest';
import { PS_PER_S } from '../../../base/units.ts';
import { PORT_MEMCACHED } from '../../../packet/udp.ts';
import { TestFabric } from '../test-fabric.ts';
import { itemOctets } from './item-size.ts';
import { octetsFromText, textFromOctets } from './octet-text.ts';
import { AsciiSession } from './session.ts';
import { type MemcachedOptions, MemcachedState } from './state.ts';

/** Runs on every machine; `real-memcached.test.ts` compares with the original where it is installed. */
function cache(options: Partial<MemcachedOptions> = {}) {
  let nowPs = 0;
  const state = new MemcachedState({ nowPs: () => nowPs, ...options });
  const session = new AsciiSession(state);
  const ask = (text: string): string => {
    session.append(octetsFromText(text));
    let answer = '';
    for (;;) {
      const step = session.step();
      if (typeof step === 'string') return step === 'close' ? `${answer}(closed)` : answer;
      for (const part of step) answer += textFromOctets(part, 0, part.length);
    }
  };
  return {
    state,
    ask,
    wait: (seconds: number) => {
      nowPs += seconds * PS_PER_S;
    },
  };
}

describe('commands', () => {
  test.each([
    ['set a 5 0 3\r\nabc\r\nget a\r\n', 'STORED\r\nVALUE a 5 3\r\nabc\r\nEND\r\n'],
    ['set a 0 0 1\r\nx\r\ngets a\r\n', 'STORED\r\nVALUE a 0 1 1\r\nx\r\nEND\r\n'],
    ['add a 0 0 1\r\nx\r\nadd a 0 0 1\r\ny\r\n', 'STORED\r\nNOT_STORED\r\n'],
    ['replace a 0 0 1\r\nx\r\n', 'NOT_STORED\r\n'],
    [
      'set a 1 0 1\r\nb\r\nappend a 9 9 1\r\nc\r\nprepend a 9 9 1\r\na\r\nget a\r\n',
      'STORED\r\nSTORED\r\nSTORED\r\nVALUE a 1 3\r\nabc\r\nEND\r\n',
    ],
    [
      'set a 0 0 1\r\nx\r\ncas a 0 0 1 2\r\ny\r\ncas a 0 0 1 1\r\nz\r\nget a\r\n',
      'STORED\r\nEXISTS\r\nSTORED\r\nVALUE a 0 1\r\nz\r\nEND\r\n',
    ],
    ['cas a 0 0 1 1\r\nx\r\n', 'NOT_FOUND\r\n'],
    ['set a 0 0 1\r\nx\r\ndelete a\r\ndelete a\r\n', 'STORED\r\nDELETED\r\nNOT_FOUND\r\n'],
    [
      'set n 0 0 2\r\n99\r\nincr n 1\r\ndecr n 99\r\nget n\r\ndecr n 5\r\n',
      'STORED\r\n100\r\n1\r\nVALUE n 0 3\r\n1  \r\nEND\r\n0\r\n',
    ],
    ['set n 0 0 20\r\n18446744073709551615\r\nincr n 2\r\n', 'STORED\r\n1\r\n'],
    ['set n 0 0 1\r\nx\r\nincr n 1\r\n', 'STORED\r\nCLIENT_ERROR cannot increment or decrement non-numeric value\r\n'],
    ['incr n x\r\n', 'CLIENT_ERROR invalid numeric delta argument\r\n'],
    ['set a 0 0 1 noreply\r\nx\r\nversion\r\n', 'VERSION 1.6.18\r\n'],
    ['set a 0 0 2\r\nabc\r\nget a\r\n', 'CLIENT_ERROR bad data chunk\r\nERROR\r\nEND\r\n'],
    [`get ${'k'.repeat(251)}\r\n`, 'CLIENT_ERROR bad command line format\r\n'],
    ['set a 0 0 -1\r\n', 'CLIENT_ERROR bad command line format\r\n'],
    ['flush_all\r\nverbosity 1\r\nbogus\r\n', 'OK\r\nOK\r\nERROR\r\n'],
    [`${'x'.repeat(3000)}`, '(closed)'],
  ])('%j', (input, answer) => {
    expect(cache().ask(input)).toBe(answer);
  });

  test('a value too large is refused, skipped, and takes the old one with it', () => {
    const { ask } = cache();
    expect(ask('set a 0 0 1\r\nx\r\n')).toBe('STORED\r\n');
    expect(ask(`set a 0 0 1048577\r\n${'v'.repeat(1_048_577)}\r\nget a\r\n`)).toBe(
      'SERVER_ERROR object too large for cache\r\nEND\r\n',
    );
  });

  test('stats counts what was done', () => {
    const { ask } = cache();
    ask('set a 0 0 1\r\nx\r\nget a\r\nget b\r\nincr b 1\r\ntouch a 0\r\n');
    const stats = ask('stats\r\n');
    for (const line of ['cmd_get 2', 'get_hits 1', 'get_misses 1', 'cmd_set 1', 'incr_misses 1', 'touch_hits 1']) {
      expect(stats).toContain(`STAT ${line}\r\n`);
    }
    expect(stats.endsWith('END\r\n')).toBe(true);
    expect(ask('stats reset\r\n')).toBe('RESET\r\n');
    expect(ask('stats\r\n')).toContain('STAT cmd_get 0\r\n');
  });
});

describe('time', () => {
  test('an item lives exactly as long as it was given', () => {
    const { ask, wait } = cache();
    ask('set a 0 5 1\r\nx\r\nset b 0 0 1\r\ny\r\n');
    wait(4);
    expect(ask('get a b\r\n')).toBe('VALUE a 0 1\r\nx\r\nVALUE b 0 1\r\ny\r\nEND\r\n');
    wait(1);
    expect(ask('get a b\r\n')).toBe('VALUE b 0 1\r\ny\r\nEND\r\n');
  });

  test('above thirty days an exptime is a Unix time', () => {
    const { ask, wait } = cache({ epochUnixSeconds: 1_700_000_000 });
    ask('set a 0 1700000010 1\r\nx\r\nset b 0 1600000000 1\r\ny\r\nset c 0 2592000 1\r\nz\r\n');
    expect(ask('get a b c\r\n')).toBe('VALUE a 0 1\r\nx\r\nVALUE c 0 1\r\nz\r\nEND\r\n');
    wait(10);
    expect(ask('get a c\r\n')).toBe('VALUE c 0 1\r\nz\r\nEND\r\n');
  });

  test('a delayed flush takes what is older than its instant', () => {
    const { ask, wait } = cache();
    ask('set a 0 0 1\r\nx\r\nflush_all 10\r\n');
    wait(8);
    expect(ask('get a\r\n')).toBe('VALUE a 0 1\r\nx\r\nEND\r\n');
    wait(3);
    expect(ask('set b 0 0 1\r\ny\r\nget a b\r\n')).toBe('STORED\r\nVALUE b 0 1\r\ny\r\nEND\r\n');
  });
});

describe('memory', () => {
  const size = itemOctets(2, 0, 100);

  test('the least recently used items go first', () => {
    const { ask, state } = cache({ memoryLimitOctets: 4 * size });
    const value = 'v'.repeat(100);
    for (const key of ['k1', 'k2', 'k3', 'k4']) ask(`set ${key} 0 0 100\r\n${value}\r\n`);
    ask('get k1\r\n');
    ask(`set k5 0 0 100\r\n${value}\r\nset k6 0 0 100\r\n${value}\r\n`);
    const keys = [...ask('get k1 k2 k3 k4 k5 k6\r\n').matchAll(/VALUE (\w+)/g)].map((match) => match[1]);
    expect(keys).toEqual(['k1', 'k4', 'k5', 'k6']);
    expect(state.statistics.evictions).toBe(2);
    state.storage.audit();
  });

  test('an item larger than all memory is refused and nothing remains under its key', () => {
    const { ask, state } = cache({ memoryLimitOctets: size });
    ask(`set k1 0 0 100\r\n${'v'.repeat(100)}\r\n`);
    expect(ask(`set k1 0 0 101\r\n${'v'.repeat(101)}\r\n`)).toBe('SERVER_ERROR out of memory storing object\r\n');
    expect(ask('get k1\r\n')).toBe('END\r\n');
    state.storage.audit();
  });
});

describe('on M1', () => {
  function ask(text: string) {
    const fabric = new TestFabric();
    const answers: { readonly timePs: number; readonly octets: Uint8Array }[] = [];
    fabric.attach('10.10.101.101', '00:15:4d:00:01:01', (datagram) => {
      expect([datagram.srcPort, datagram.dstPort]).toEqual([PORT_MEMCACHED, 11_211]);
      answers.push({ timePs: fabric.nowPs, octets: datagram.payload.slice() });
    });
    const send = (id: number, request: string, total = 1): void => {
      const header = Uint8Array.of(id >> 8, id & 255, 0, 0, 0, total, 0, 0);
      const datagram = Uint8Array.from([...header, ...octetsFromText(request)]);
      fabric.send(0, '10.10.101.101', 11_211, PORT_MEMCACHED, datagram);
      fabric.run();
    };
    send(1, 'version\r\n');
    const startPs = fabric.nowPs;
    answers.length = 0;
    send(0x1234, text);
    return { fabric, answers, startPs, send };
  }

  test('each command costs the profile’s service time, and its answer leaves when it is done', () => {
    const { fabric, answers, startPs, send } = ask('set a 0 0 1\r\nx\r\nget a\r\n');
    const { receiveStackPs, memcachedServicePs, sendStackPs } = fabric.master.profile;
    const firstPs = startPs + 1_000_000 + receiveStackPs + memcachedServicePs + sendStackPs + 1_000_000;
    expect(answers.map(({ timePs }) => timePs)).toEqual([firstPs, firstPs + memcachedServicePs]);
    expect(answers.map(({ octets }) => textFromOctets(octets, 8, octets.length))).toEqual([
      'STORED\r\n',
      'VALUE a 0 1\r\nx\r\nEND\r\n',
    ]);
    expect([...(answers[0]?.octets.subarray(0, 8) ?? [])]).toEqual([0x12, 0x34, 0, 0, 0, 1, 0, 0]);
    expect(fabric.counter('memcached_cmd_set')).toBe(1);
    const busyPs = fabric.counter('host_cpuBusyPs');
    send(9, 'get a\r\n');
    expect(fabric.counter('host_cpuBusyPs') - busyPs).toBe(receiveStackPs + memcachedServicePs + sendStackPs);
  });

  test('a large value comes in numbered datagrams of 1,400 octets', () => {
    const { answers, send } = ask(`set v 0 0 1200\r\n${'q'.repeat(1200)}\r\n`);
    for (let i = 0; i < 9; i++) send(2, `append v 0 0 1200 noreply\r\n${'q'.repeat(1200)}\r\n`);
    answers.length = 0;
    send(0xfffe, 'get v\r\n');
    const total = Math.ceil(('VALUE v 0 12000\r\n'.length + 12_000 + 2 + 5) / 1392);
    expect(answers).toHaveLength(total);
    answers.forEach(({ octets }, sequence) => {
      expect([...octets.subarray(0, 8)]).toEqual([0xff, 0xfe, 0, sequence, 0, total, 0, 0]);
      if (sequence < total - 1) expect(octets).toHaveLength(1400);
    });
  });

  test('one of several datagrams and half a command are not answered', () => {
    const { fabric, answers, send } = ask('get a');
    send(3, 'get a\r\n', 2);
    expect(answers).toEqual([]);
    expect(fabric.counter('memcached_datagrams_refused')).toBe(1);
    send(4, 'get a\r\n');
    expect(answers).toHaveLength(1);
  });
});
