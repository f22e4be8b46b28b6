import { createServer, type Server, type Socket } from 'node:net';
import type { OutsideInput, OutsideOutput } from '../../time/node.ts';

const LOOPBACK = '127.0.0.1';
/** memcached's own default (`-c`). */
const MOST_CONNECTIONS = 1024;

interface Client {
  readonly number: number;
  readonly socket: Socket;
  /** Octets are with M1; the socket is not read until they have been worked off. */
  isWaiting: boolean;
  /** The client has sent all that it will send. */
  hasEnded: boolean;
}

export interface MemcachedListenerOptions {
  /** 0: any free one. */
  readonly port: number;
  /** Gives M1 something from outside. */
  readonly give: (input: OutsideInput) => void;
  /** A number that no other input of the run has. */
  readonly nextInputId: () => number;
}

/**
 * TCP on loopback for clients of M1's memcached that live outside the emulation. What they send goes to M1 as inputs, is
 * served there under emulated time, and is journalled like every input. A client's octets are with M1 one piece at a time,
 * and no more are read from its socket meanwhile, so what waits here is bounded.
 */
export class MemcachedListener {
  private readonly server: Server;
  private readonly options: MemcachedListenerOptions;
  private readonly clients = new Map<number, Client>();
  private clientsSoFar = 0;
  private isClosed = false;

  private constructor(options: MemcachedListenerOptions) {
    this.options = options;
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.welcome(socket));
    this.server.maxConnections = MOST_CONNECTIONS;
  }

  /** @throws the error of `listen`, such as that the port is taken */
  static open(options: MemcachedListenerOptions): Promise<MemcachedListener> {
    const listener = new MemcachedListener(options);
    return new Promise((resolve, reject) => {
      listener.server.once('error', reject);
      listener.server.listen(options.port, LOOPBACK, () => resolve(listener));
    });
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /**
   * Takes what M1 tells.
   * @returns whether it was meant for a client of memcached
   */
  onOutput({ kind, connection, octets }: OutsideOutput): boolean {
    if (kind === 'node-down') {
      // It knows none of them any more.
      for (const client of this.clients.values()) client.socket.destroy();
      return true;
    }
    if (!kind.startsWith('memcached-')) return false;
    const client = this.clients.get(connection as number);
    if (client === undefined) return true;
    if (kind === 'memcached-answer') client.socket.write(octets as Uint8Array);
    else if (kind === 'memcached-taken') this.goOn(client);
    else client.socket.end(() => client.socket.destroy());
    return true;
  }

  /** Takes nobody any more and leaves those who are there. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const client of this.clients.values()) client.socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private welcome(socket: Socket): void {
    const client: Client = { number: ++this.clientsSoFar, socket, isWaiting: false, hasEnded: false };
    this.clients.set(client.number, client);
    socket.on('data', (octets) => {
      socket.pause();
      client.isWaiting = true;
      this.give('memcached-octets', client, { octets: new Uint8Array(octets) });
    });
    socket.on('end', () => {
      client.hasEnded = true;
      if (!client.isWaiting) socket.end();
    });
    // A client that is gone shows by the close that follows.
    socket.on('error', () => {});
    socket.on('close', () => {
      this.clients.delete(client.number);
      this.give('memcached-end', client, {});
    });
  }

  /** M1 has worked off what the client sent. */
  private goOn(client: Client): void {
    client.isWaiting = false;
    const { socket } = client;
    if (client.hasEnded) socket.end();
    // A client that does not read its answers gets no further.
    else if (socket.writableNeedDrain) socket.once('drain', () => socket.resume());
    else socket.resume();
  }

  private give(kind: string, client: Client, detail: { readonly octets?: Uint8Array }): void {
    if (this.isClosed) return;
    this.options.give({ id: this.options.nextInputId(), kind, connection: client.number, ...detail });
  }
}
