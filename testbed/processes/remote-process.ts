import { createWriteStream, type WriteStream } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { basename, join } from 'node:path';
import { readMessages, writeMessage } from '../../link/supervisor-line.ts';
import type { PlacementHost } from '../../topology/types.ts';
import type { FromAgent } from './node-agent.ts';
import { HandshakeError, introduceLauncher } from './node-handshake.ts';
import type { ProcessLine, ProcessLineEvents } from './process-line.ts';

export interface RemoteProcessOptions {
  readonly name: string;
  readonly host: PlacementHost;
  readonly token: string;
  /** The same for all lines of a run. */
  readonly run: string;
  /** Where the captures of the process go when it is over. */
  readonly captureFolder: string | undefined;
  /** False once waiting for the machine to listen makes no sense any more. */
  readonly mayStillListen: () => boolean;
}

const RETRY_MS = 100;
const CONNECT_MS = 5_000;

/** Starts a process through `testbed node` on another machine. */
export function startRemoteProcess(options: RemoteProcessOptions, events: ProcessLineEvents): ProcessLine {
  return new RemoteProcess(options, events);
}

class RemoteProcess implements ProcessLine {
  readonly pid = undefined;
  private readonly options: RemoteProcessOptions;
  private readonly events: ProcessLineEvents;
  private readonly captures = new Map<string, WriteStream>();
  private socket: Socket | undefined;
  private isConnected = false;
  private isKilled = false;
  private hasEnded = false;
  private how = '';

  constructor(options: RemoteProcessOptions, events: ProcessLineEvents) {
    this.options = options;
    this.events = events;
    void this.connect();
  }

  order(order: Parameters<ProcessLine['order']>[0]): void {
    if (this.isConnected && !this.socket!.destroyed) writeMessage(this.socket!, order);
  }

  /** The agent ends the process when the line is cut. */
  kill(): void {
    this.isKilled = true;
    if (this.socket === undefined) this.end('was given up');
    else this.socket.destroy();
  }

  private async connect(): Promise<void> {
    const { host, token, run, name } = this.options;
    const { address, port } = host;
    try {
      const socket = await this.reach();
      if (this.isKilled) {
        socket.destroy();
        return;
      }
      this.socket = socket;
      socket.setKeepAlive(true, 1_000);
      socket.on('error', () => socket.destroy());
      await introduceLauncher(socket, token, run, name);
      this.isConnected = true;
      socket.on('close', () => void this.closed());
      readMessages(socket, (message) => this.onMessage(message as FromAgent));
    } catch (error) {
      this.socket?.destroy();
      if (this.hasEnded) return;
      this.hasEnded = true;
      const { code, message } = error as NodeJS.ErrnoException;
      const byHand = host.start === undefined ? `; start it there by: testbed node --listen ${address}:${port}` : '';
      this.events.notStarted(
        error instanceof HandshakeError
          ? `${host.name} (${address}:${port}) refused: ${message}`
          : `${host.name} cannot be reached at ${address}:${port} (${code ?? message})${byHand}`,
      );
    }
  }

  /** A connection, as soon as somebody listens there. */
  private async reach(): Promise<Socket> {
    const { host, mayStillListen } = this.options;
    for (;;) {
      try {
        return await connectTo(host.address, host.port);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED' || this.isKilled || !mayStillListen()) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  private onMessage(message: FromAgent): void {
    if (message.type === 'ended') this.how = message.how;
    else if (message.type !== 'capture') this.events.message(message);
    else if (this.options.captureFolder !== undefined) {
      const file = basename(message.file);
      let capture = this.captures.get(file);
      if (capture === undefined) {
        capture = createWriteStream(join(this.options.captureFolder, file));
        this.captures.set(file, capture);
      }
      capture.write(message.octets);
    }
  }

  private async closed(): Promise<void> {
    await Promise.all([...this.captures.values()].map((file) => new Promise<void>((resolve) => file.end(resolve))));
    const { name, address, port } = this.options.host;
    this.end(this.how === '' ? `was lost with the line to ${name} (${address}:${port})` : this.how);
  }

  private end(how: string): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.events.ended(how);
  }
}

async function connectTo(address: string, port: number): Promise<Socket> {
  return await new Promise((resolve, reject) => {
    const socket = createConnection({ host: address, port });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no answer within ${CONNECT_MS / 1000} s`));
    }, CONNECT_MS);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
}
