import { assert } from '../../../base/assert.ts';
import type { NodeContext, OutsideInput } from '../../../time/node.ts';
import type { MemcachedBackend } from './backend.ts';
import { CommandReader } from './command-reader.ts';
import type { Reply } from './replies.ts';

/** A client outside the emulation, and what it sent that has not been worked off. */
interface Connection {
  readonly reader: CommandReader;
  /** The input whose octets are being worked off; its sender waits until it is told so. */
  current: number;
  isBusy: boolean;
}

/**
 * Connections from outside the emulation (`testbed/serve/memcached-listener.ts`), each a stream of commands in pieces that come
 * as inputs: `memcached-octets` with `connection` and `octets`, `memcached-end` with `connection`. What they are told:
 * `memcached-answer` with `connection` and `octets`, `memcached-taken` when an input has been worked off and the next may
 * come, `memcached-close` when the connection is to be closed.
 */
export class ConnectionsFromOutside {
  private readonly context: Pick<NodeContext, 'tell'>;
  private readonly backend: MemcachedBackend;
  private readonly connections = new Map<number, Connection>();

  constructor(context: Pick<NodeContext, 'tell'>, backend: MemcachedBackend) {
    this.context = context;
    this.backend = backend;
  }

  /** @returns whether the input was meant for memcached */
  onInput({ id, kind, connection: number, octets }: OutsideInput): boolean {
    if (kind === 'memcached-end') {
      this.connections.delete(number as number);
      return true;
    }
    if (kind !== 'memcached-octets') return false;
    let connection = this.connections.get(number as number);
    if (connection === undefined) {
      connection = { reader: new CommandReader(this.backend.largestBlockOctets), current: id, isBusy: false };
      this.connections.set(number as number, connection);
    }
    assert(!connection.isBusy, `connection ${number} sent before its last octets were taken`);
    connection.current = id;
    connection.reader.append(octets as Uint8Array);
    this.serveNext(number as number, connection);
    return true;
  }

  private serveNext(number: number, connection: Connection): void {
    const command = connection.reader.next();
    if (command === 'more') {
      connection.isBusy = false;
      this.tell('memcached-taken', number, connection);
    } else if (command === 'close' || command.words[0] === 'quit') {
      this.connections.delete(number);
      this.tell('memcached-close', number, connection);
    } else {
      connection.isBusy = true;
      this.backend.serve(command, (reply) => this.answer(number, connection, reply));
    }
  }

  private answer(number: number, connection: Connection, reply: Reply): void {
    if (this.connections.get(number) !== connection) return;
    for (const octets of reply) {
      if (octets.length > 0) {
        this.context.tell({ id: connection.current, kind: 'memcached-answer', connection: number, octets });
      }
    }
    this.serveNext(number, connection);
  }

  private tell(kind: string, number: number, { current }: Connection): void {
    this.context.tell({ id: current, kind, connection: number });
  }
}
