import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { connect, createServer, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RandomStream, randomStream } from '../../../base/random.ts';
import { PS_PER_S } from '../../../base/units.ts';
import { octetsFromText, textFromOctets } from './octet-text.ts';
import { AsciiSession } from './session.ts';
import { MemcachedState } from './state.ts';
import { answerDatagrams, requestIn } from './udp-frames.ts';

/** The same commands to Debian's memcached and to ours: every octet of the answers must agree, cas uniques included. */
const PROGRAM = 'memcached';
const available = spawnSync(PROGRAM, ['-V']).status === 0;
const required = process.env.CI === 'true';
const SEED = Number(process.env.MEMCACHED_SEED ?? 20_190_501);
const COMMANDS = 10_000;
const BATCHES = 600;

describe.skipIf(!available && !required)(`against the real ${PROGRAM} (seed ${SEED})`, () => {
  let real: RealMemcached;
  let ours: OurMemcached;

  beforeAll(async () => {
    if (!available) throw new Error(`${PROGRAM} is not installed, and CI must not skip: apt-get install memcached`);
    real = await RealMemcached.start();
  });
  afterAll(() => real?.stop());
  beforeEach(async () => {
    await real.restart();
    ours = new OurMemcached();
  });

  it('answers thousands of random commands with the same octets', async () => {
    const random = randomStream(SEED, 'memcached/commands');
    for (let i = 0; i < COMMANDS; i++) {
      // One at a time: answers that wait for others in memcached's pipeline hold their items, which shows in `incr`.
      const command = randomCommand(random, ours.recentCas);
      // Two lines that a short data block may eat before the one that ends the answer.
      const input = `${command}\r\nfoo\r\n`;
      const expected = await real.ask(input, i);
      const actual = ours.ask(input, i);
      if (actual !== expected) {
        throw new Error(`command ${i}, seed ${SEED}: ${firstDifference(input, actual, expected)}`);
      }
    }
    expect(ours.statistics()).toEqual(comparable(await real.statistics()));
  }, 120_000);

  it('answers commands that come in one go with the same octets', async () => {
    const random = randomStream(SEED, 'memcached/batches');
    for (let i = 0; i < BATCHES; i++) {
      const commands = Array.from({ length: 2 + random.below(7) }, () => randomCommand(random, ours.recentCas));
      // An item that waits in the original's pipeline to be sent is replaced by incr where it would be changed. And a
      // retrieval that is refused takes the answers before it along.
      const input = commands.filter((command) => !/incr|decr|^ma|k{251}/.test(command)).join('');
      const actual = ours.ask(`${input}\r\nfoo\r\n`, i);
      const expected = await real.ask(`${input}\r\nfoo\r\n`, i);
      if (actual !== expected) throw new Error(`batch ${i}, seed ${SEED}: ${firstDifference(input, actual, expected)}`);
    }
  }, 120_000);

  it('refuses and accepts values at the item size limit alike', async () => {
    // The limit counts header, key, flags and value: 48 + 8 + 4 (key and terminator) + 2 (line end) + value.
    const largest = 1024 * 1024 - 48 - 8 - 4 - 2;
    for (const octets of [largest - 1, largest, largest + 1, 1024 * 1024]) {
      for (const flags of [0, 7]) {
        const input = `set big ${flags} 0 ${octets}\r\n${'v'.repeat(octets)}\r\nget big\r\n`;
        expect(sameText(ours.ask(input, octets), await real.ask(input, octets))).toBe('same');
      }
    }
    const half = `set h 0 0 600000\r\n${'v'.repeat(600_000)}\r\nappend h 0 0 600000\r\n${'w'.repeat(600_000)}\r\nget h\r\n`;
    expect(sameText(ours.ask(half, 1), await real.ask(half, 1))).toBe('same');
    const grown = `append h 0 0 400000\r\n${'w'.repeat(400_000)}\r\nget h\r\nprepend h 0 0 9\r\nnine oct.\r\nget h\r\n`;
    expect(sameText(ours.ask(grown, 2), await real.ask(grown, 2))).toBe('same');
  }, 30_000);

  it('expires and flushes at the same seconds', async () => {
    const store = [
      'set forever 0 0 1\r\na\r\n',
      'set relative 0 2 1\r\nb\r\n',
      'set gone 0 -1 1\r\nc\r\n',
      'set past 0 86400000 1\r\nd\r\n',
      'set month 0 2592000 1\r\ne\r\n',
      'set touched 0 2 1\r\nf\r\n',
      'touch touched 100\r\n',
      'set kept 0 2 1\r\ng\r\n',
      'gat 100 kept\r\n',
    ].join('');
    const read =
      'get forever relative gone past month touched kept later\r\nadd relative 0 0 1\r\nz\r\nget relative\r\n';
    expect(ours.ask(store, 0)).toBe(await real.ask(store, 0));
    expect(ours.ask(read, 1)).toBe(await real.ask(read, 1));
    await sleep(3_200);
    ours.nowPs = 3.2 * PS_PER_S;
    expect(ours.ask(read, 2)).toBe(await real.ask(read, 2));
    // A delayed flush spares what is stored after it has come.
    const flush = 'flush_all 2\r\nget forever\r\n';
    expect(ours.ask(flush, 3)).toBe(await real.ask(flush, 3));
    await sleep(3_200);
    ours.nowPs = 6.4 * PS_PER_S;
    const after = 'get forever\r\nset later 0 0 1\r\nh\r\nget later\r\nget month\r\n';
    expect(ours.ask(after, 4)).toBe(await real.ask(after, 4));
  }, 30_000);

  it('sends the same datagrams over UDP', async () => {
    const random = randomStream(SEED, 'memcached/datagrams');
    const requests = [
      `set v 0 0 3000\r\n${'q'.repeat(3000)}\r\n`,
      'set a 0 0 1\r\nx\r\n',
      'get v\r\n',
      'get v a v\r\n',
      'get zz zy a zx\r\n',
      'get zz zy\r\n',
      'get a\r\nget zz a\r\nversion\r\n',
      'version\r\nquit\r\nversion\r\n',
      'set a 0 0 1 noreply\r\ny\r\nget a\r\n',
      'set a 0 0 2\r\nyyy\r\n',
      'foo\r\n',
      `set w 5 0 50000\r\n${'w'.repeat(50_000)}\r\n`,
      'get w\r\n',
    ];
    for (let octets = 1355; octets < 1400; octets++) {
      requests.push(`set e 0 0 ${octets}\r\n${'e'.repeat(octets)}\r\n`, 'get e\r\n');
    }
    for (let i = 0; i < 300; i++) requests.push(randomLineCommand(random, ours.recentCas));
    let id = 1;
    for (const request of requests) {
      if (request.includes('noreply') && !request.includes('get')) continue;
      const actual = ours.askDatagram(id, request);
      const expected = await real.askDatagram(id, request, actual.length);
      expect({ request: request.slice(0, 60), datagrams: actual }).toEqual({
        request: request.slice(0, 60),
        datagrams: expected,
      });
      id++;
    }
  }, 60_000);
});

const TOO_LONG_KEY = 'k'.repeat(251);
const KEYS = ['a', 'b', 'key', 'counter', 'n', 'k'.repeat(250), TOO_LONG_KEY, 'odd\x01key', '\xe9t\xe9', 'noreply'];
const NUMBERS = [
  '0',
  '1',
  '5',
  '10',
  '99',
  '18446744073709551615',
  '18446744073709551616',
  '-1',
  'abc',
  '+3',
  '1x',
  '007',
];
const EXPTIMES = [
  '0',
  '0',
  '0',
  '0',
  '1000',
  '-1',
  '2592000',
  '4000000000',
  '86400000',
  'soon',
  '99999999999',
  '2147483648',
];
const FLAGS = ['0', '0', '1', '65535', '4294967295', '4294967296', '-1', 'f'];
const VALUES = [
  '',
  'x',
  'hello',
  '42',
  '7 ',
  ' 12',
  '+12',
  '-12',
  '12x',
  '18446744073709551615',
  'a\r\nb',
  '\0\x01\xff',
  'v'.repeat(2000),
];

function pick<T>(random: RandomStream, choices: readonly T[]): T {
  return choices[random.below(choices.length)] as T;
}

const META_FLAGS =
  'b k O1 Oopaque q v t c f h s u I T0 T100 T-1 Tx N0 N100 R0 R200 F0 F7 Fx D1 D5 Dx J3 ME MA MP MR MS MI MD M+ MX M ! é'.split(
    ' ',
  );

/** `mg`, `ms`, `md`, `ma`, `mn`, `me`; seconds left and since are right only to the second, so few flags ask for them. */
function randomMetaCommand(random: RandomStream, cas: readonly string[]): string {
  const verb = pick(random, ['mg', 'mg', 'mg', 'ms', 'ms', 'ms', 'md', 'ma', 'ma', 'mn', 'me']);
  if (verb === 'mn') return 'mn\r\n';
  const key = random.below(6) === 0 ? pick(random, ['Zm9v', 'YQ==', 'bg==', '====', 'Y']) : pick(random, KEYS);
  if (verb === 'me') return `me ${pick(random, ['nothing', TOO_LONG_KEY])}\r\n`;
  const flags = new Set(Array.from({ length: random.below(5) }, () => pick(random, META_FLAGS)));
  // What has just expired shows how long ago.
  if (flags.has('T-1')) flags.delete('t');
  if (random.below(4) === 0 && cas.length > 0) flags.add(`C${pick(random, cas)}`);
  const tail = [...flags].map((flag) => ` ${flag}`).join('');
  if (verb !== 'ms') return `${verb} ${key}${tail}\r\n`;
  const value = pick(random, VALUES);
  return `ms ${key} ${random.below(20) === 0 ? 'x' : value.length}${tail}\r\n${value}\r\n`;
}

function randomCommand(random: RandomStream, cas: readonly string[]): string {
  if (random.below(3) === 0) return randomMetaCommand(random, cas);
  return random.below(5) < 2 ? randomStorageCommand(random, cas) : randomLineCommand(random, cas);
}

function randomStorageCommand(random: RandomStream, cas: readonly string[]): string {
  const verb = pick(random, ['set', 'set', 'set', 'add', 'replace', 'append', 'prepend', 'cas', 'cas']);
  const value = pick(random, VALUES);
  const declared = random.below(20) === 0 ? value.length + random.below(5) - 2 : value.length;
  const unique =
    verb === 'cas' ? ` ${random.below(4) === 0 || cas.length === 0 ? pick(random, NUMBERS) : pick(random, cas)}` : '';
  const extra = pick(random, ['', '', '', '', ' noreply', ' ', ' other', ' two words']);
  const space = random.below(30) === 0 ? '  ' : ' ';
  const end = random.below(30) === 0 ? '\n' : '\r\n';
  const exptime = pick(random, EXPTIMES);
  return `${verb}${space}${pick(random, KEYS)} ${pick(random, FLAGS)} ${exptime} ${declared}${unique}${extra}${end}${value}\r\n`;
}

function randomLineCommand(random: RandomStream, _cas: readonly string[]): string {
  const key = () => pick(random, KEYS.slice(0, random.below(10) === 0 ? KEYS.length : 5));
  const keys = () => Array.from({ length: random.below(20) === 0 ? 30 : 1 + random.below(4) }, key).join(' ');
  const extra = () => pick(random, ['', '', '', '', '', ' noreply', ' 0', ' 1 2', ' noreply x']);
  switch (random.below(18)) {
    case 0:
    case 1:
    case 2:
      return `get ${keys()}\r\n`;
    case 3:
    case 4:
      return `gets ${keys()}\r\n`;
    case 5:
      return `gat ${pick(random, EXPTIMES)} ${keys()}\r\n`;
    case 6:
      return `gats ${pick(random, EXPTIMES)} ${keys()}\r\n`;
    case 7:
    case 8:
      return `incr ${key()} ${pick(random, NUMBERS)}${extra()}\r\n`;
    case 9:
    case 10:
      return `decr ${key()} ${pick(random, NUMBERS)}${extra()}\r\n`;
    case 11:
      return `touch ${key()} ${pick(random, EXPTIMES)}${extra()}\r\n`;
    case 12:
    case 13:
      return `delete ${key()}${extra()}\r\n`;
    case 14:
      return random.below(4) === 0
        ? `flush_all${pick(random, ['', ' 0', ' -1', ' noreply', ' x', ' 0 noreply', ' 1 2 3'])}\r\n`
        : 'version\r\n';
    case 15:
      return `verbosity${pick(random, ['', ' 0', ' 0 noreply', ' x', ' 0 1 2', ' 0 1', ' 0 1 2 3', ' noreply', ' 0 1 noreply'])}\r\n`;
    case 16:
      return pick(random, [
        'get\r\n',
        'gets\r\n',
        'gat\r\n',
        'gat 0\r\n',
        'set\r\n',
        'incr\r\n',
        'touch\r\n',
        'delete\r\n',
        'stats foo\r\n',
        'version x\r\n',
      ]);
    default:
      return pick(random, [
        '\r\n',
        ' \r\n',
        'foo\r\n',
        'GET a\r\n',
        '  get a\r\n',
        'get  a \r\n',
        'get\ta\r\n',
        'get a\n',
        'get \0a\r\n',
        'stats reset x\r\n',
      ]);
  }
}

function sentinel(tag: number): { input: string; ending: string } {
  const key = `end-of-batch-${tag}`;
  return { input: `set ${key} 0 0 4\r\nover\r\nget ${key}\r\n`, ending: `VALUE ${key} 0 4\r\nover\r\nEND\r\n` };
}

function sameText(actual: string, expected: string): string {
  if (actual === expected) return 'same';
  let at = 0;
  while (actual[at] === expected[at]) at++;
  return `differ at ${at}: ${JSON.stringify(actual.slice(at, at + 60))}, memcached ${JSON.stringify(expected.slice(at, at + 60))}`;
}

function firstDifference(input: string, actual: string, expected: string): string {
  let at = 0;
  while (actual[at] === expected[at]) at++;
  const ours = JSON.stringify(actual.slice(at, at + 120));
  const memcacheds = JSON.stringify(expected.slice(at, at + 120));
  return `${JSON.stringify(input)} is answered ${JSON.stringify(expected.slice(0, at))}, then\n ours ${ours}\n memcached ${memcacheds}`;
}

/** The counters that depend neither on connections nor on when the original's background threads sweep. */
const COMPARED = [
  'cmd_get',
  'cmd_set',
  'cmd_flush',
  'cmd_touch',
  'get_hits',
  'get_misses',
  'delete_misses',
  'delete_hits',
  'incr_misses',
  'incr_hits',
  'decr_misses',
  'decr_hits',
  'cas_misses',
  'cas_hits',
  'cas_badval',
  'touch_hits',
  'touch_misses',
  'store_too_large',
  'total_items',
  'limit_maxbytes',
  'version',
  'pointer_size',
];

function comparable(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of text.split('\r\n')) {
    const [, name, value] = line.split(' ');
    if (name !== undefined && value !== undefined && COMPARED.includes(name)) found[name] = value;
  }
  return found;
}

class OurMemcached {
  nowPs = 0;
  readonly recentCas: string[] = [];
  private readonly state = new MemcachedState({
    nowPs: () => this.nowPs,
    epochUnixSeconds: Math.floor(Date.now() / 1000),
  });
  private readonly session = new AsciiSession(this.state);

  ask(input: string, tag: number): string {
    this.session.append(octetsFromText(input + sentinel(tag).input));
    let text = '';
    for (;;) {
      const step = this.session.step();
      if (step === 'more') break;
      if (step === 'close') throw new Error('our memcached closed the session');
      for (const part of step) text += textFromOctets(part, 0, part.length);
    }
    this.state.storage.audit();
    for (const match of text.matchAll(/VALUE \S+ \d+ \d+ (\d+)\r\n/g)) this.recentCas.push(match[1] as string);
    this.recentCas.splice(0, Math.max(0, this.recentCas.length - 20));
    return text;
  }

  askDatagram(id: number, request: string): string[] {
    const session = new AsciiSession(this.state);
    session.append(requestIn(requestDatagram(id, request))!.octets);
    const datagrams: string[] = [];
    for (let reply = session.step(); typeof reply !== 'string'; reply = session.step()) {
      for (const datagram of answerDatagrams(id, reply)) {
        datagrams.push(textFromOctets(datagram, 0, datagram.length));
      }
    }
    return datagrams;
  }

  statistics(): Record<string, string> {
    this.session.append(octetsFromText('stats\r\n'));
    const step = this.session.step();
    if (typeof step === 'string') throw new Error('stats was not answered');
    return comparable(textFromOctets(step[0] as Uint8Array, 0, (step[0] as Uint8Array).length));
  }
}

function requestDatagram(id: number, request: string): Uint8Array {
  const datagram = new Uint8Array(8 + request.length);
  datagram.set([id >> 8, id & 255, 0, 0, 0, 1, 0, 0]);
  datagram.set(octetsFromText(request), 8);
  return datagram;
}

class RealMemcached {
  private process: ChildProcess | undefined;
  private socket: Socket | undefined;
  private port = 0;
  private received = '';
  private onData: () => void = () => {};

  static async start(): Promise<RealMemcached> {
    return new RealMemcached();
  }

  async restart(): Promise<void> {
    this.stop();
    this.port = await freePort();
    const user = userInfo().uid === 0 ? ['-u', 'nobody'] : [];
    // One thread: the UDP socket then is one queue, so that datagrams are answered in order.
    const options = ['-l', '127.0.0.1', '-p', `${this.port}`, '-U', `${this.port}`, '-t', '1', '-m', '64'];
    this.process = spawn(PROGRAM, [...user, ...options], { stdio: 'ignore' });
    for (let attempt = 0; ; attempt++) {
      try {
        this.socket = await connected(this.port);
        break;
      } catch (error) {
        if (attempt === 100) throw error;
        await sleep(30);
      }
    }
    this.received = '';
    this.socket.on('data', (data) => {
      this.received += data.toString('latin1');
      this.onData();
    });
  }

  stop(): void {
    this.socket?.destroy();
    this.process?.kill();
  }

  async ask(input: string, tag: number): Promise<string> {
    const { input: tail, ending } = sentinel(tag);
    return this.until(input + tail, ending);
  }

  async statistics(): Promise<string> {
    return this.until('stats\r\n', 'END\r\n');
  }

  /**
   * What comes back over UDP.
   * @param count datagrams that are awaited; a little longer is waited for one more, much longer for one that is missing
   */
  askDatagram(id: number, request: string, count: number): Promise<string[]> {
    return new Promise((resolve) => {
      const socket = createSocket('udp4');
      const datagrams: string[] = [];
      const finish = () => {
        socket.close();
        resolve(datagrams);
      };
      let wait = setTimeout(finish, 2_000);
      socket.on('message', (message) => {
        datagrams.push(message.toString('latin1'));
        if (datagrams.length < count) return;
        clearTimeout(wait);
        wait = setTimeout(finish, 4);
      });
      socket.send(requestDatagram(id, request), this.port, '127.0.0.1');
    });
  }

  private until(input: string, ending: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const limit = setTimeout(
        () => reject(new Error(`memcached stopped answering after ${JSON.stringify(this.received.slice(-200))}`)),
        5_000,
      );
      this.onData = () => {
        if (!this.received.endsWith(ending)) return;
        clearTimeout(limit);
        const text = this.received;
        this.received = '';
        this.onData = () => {};
        resolve(text);
      };
      this.socket?.write(Buffer.from(input, 'latin1'));
    });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}
