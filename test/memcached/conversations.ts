import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import type { Socket } from 'node:net';
import { octetsFromText, textFromOctets } from '../../nodes/master/memcached/octet-text.ts';
import { AsciiSession } from '../../nodes/master/memcached/session.ts';
import type { MemcachedState } from '../../nodes/master/memcached/state.ts';
import { answerDatagrams, requestIn } from '../../nodes/master/memcached/udp-frames.ts';
import { connected } from './real-server.ts';

/** Behind everything that is sent, so that the end of what is answered shows. */
const END_MARK = 'mn\r\n';
const END_MARK_VERB = /\bmn\b/;
const END_MARK_ANSWER = 'MN\r\n';
/** Far longer than any answer takes: a conversation that is over must not hang a test. */
const PATIENCE_MS = 10_000;

/** One client of a memcached, real or ours. Texts are octets, one code unit each. */
export interface Conversation {
  /** Sends without waiting. */
  send(octets: string): void;
  /**
   * Everything that has been answered: a text over TCP, datagrams as `[sequence/total]octets` over UDP.
   * @param untilClosed the connection is to be closed, and nothing more is sent on it
   */
  answers(untilClosed: boolean): Promise<string[]>;
  close(): void;
}

export function oursOverTcp(state: MemcachedState): Conversation {
  const session = new AsciiSession(state);
  let isClosed = false;
  const answered = (octets: string): string => {
    session.append(octetsFromText(octets));
    let text = '';
    for (let step = session.step(); step !== 'more'; step = session.step()) {
      if (step === 'close') {
        isClosed = true;
        return `${text}(closed)`;
      }
      for (const part of step) text += textFromOctets(part, 0, part.length);
    }
    return text;
  };
  let text = '';
  return {
    send: (octets) => {
      if (!isClosed) text += answered(octets);
    },
    answers: async () => {
      const all = text;
      text = '';
      return [all];
    },
    close: () => {},
  };
}

export function oursOverUdp(state: MemcachedState): Conversation {
  let datagrams: string[] = [];
  let id = 0;
  return {
    send: (octets) => {
      const session = new AsciiSession(state);
      const request = requestIn(requestDatagram(++id, octets))!;
      session.append(request.octets);
      for (let reply = session.step(); typeof reply !== 'string'; reply = session.step()) {
        for (const datagram of answerDatagrams(request.requestId, reply))
          datagrams.push(describeDatagram(datagram, id));
      }
    },
    answers: async () => {
      const all = datagrams;
      datagrams = [];
      return all;
    },
    close: () => {},
  };
}

export async function realOverTcp(port: number): Promise<Conversation> {
  const socket: Socket = await connected(port);
  socket.setNoDelay(true);
  let text = '';
  /** Marks that were sent as what is tested. */
  let marksBefore = 0;
  let isClosed = false;
  let wake: () => void = () => {};
  socket.on('data', (octets) => {
    text += octets.toString('latin1');
    wake();
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    isClosed = true;
    wake();
  });
  return {
    send: (octets) => {
      marksBefore += octets.split(END_MARK_VERB).length - 1;
      socket.write(Buffer.from(octets, 'latin1'));
    },
    answers: async (untilClosed) => {
      const marks = marksBefore + 1;
      marksBefore = 0;
      if (!untilClosed) socket.write(END_MARK);
      await patiently((resolve) => {
        wake = () => {
          if (
            isClosed ||
            (!untilClosed && text.endsWith(END_MARK_ANSWER) && text.split(END_MARK_ANSWER).length > marks)
          )
            resolve();
        };
        wake();
      });
      const all = isClosed ? `${text}(closed)` : text.slice(0, -END_MARK_ANSWER.length);
      text = '';
      return [all];
    },
    close: () => void socket.destroy(),
  };
}

export async function realOverUdp(port: number): Promise<Conversation> {
  const socket: DatagramSocket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  let datagrams: string[] = [];
  let id = 0;
  let wake: () => void = () => {};
  const send = (octets: string) => socket.send(requestDatagram(++id, octets), port, '127.0.0.1');
  socket.on('message', (datagram) => {
    const requestId = (datagram[0]! << 8) | datagram[1]!;
    datagrams.push(describeDatagram(datagram, requestId));
    if (requestId === id) wake();
  });
  return {
    send,
    answers: async () => {
      const answered = patiently((resolve) => {
        wake = resolve;
      });
      // Datagrams of one socket to another on loopback stay in order.
      send(END_MARK);
      await answered;
      wake = () => {};
      datagrams.pop();
      const all = datagrams;
      datagrams = [];
      return all;
    },
    close: () => void socket.close(),
  };
}

function requestDatagram(id: number, octets: string): Uint8Array {
  const datagram = new Uint8Array(8 + octets.length);
  datagram.set([id >>> 8, id & 255, 0, 0, 0, 1, 0, 0]);
  datagram.set(octetsFromText(octets), 8);
  return datagram;
}

function describeDatagram(datagram: Uint8Array, id: number): string {
  const word = (at: number) => ((datagram[at] as number) << 8) | (datagram[at + 1] as number);
  if (word(0) !== id) throw new Error(`an answer to request ${word(0)} came in place of ${id}`);
  return `[${word(2)}/${word(4)}]${textFromOctets(datagram, 8, datagram.length)}`;
}

function patiently(begin: (resolve: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`nothing was answered in ${PATIENCE_MS / 1000} s`)), PATIENCE_MS);
    begin(() => {
      clearTimeout(limit);
      resolve();
    });
  });
}
