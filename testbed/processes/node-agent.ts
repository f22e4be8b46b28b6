import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../base/errors.ts';
import type { FromProcess, ToProcess } from '../../link/supervision.ts';
import { readMessages, writeMessage } from '../../link/supervisor-line.ts';
import { projectFolder } from '../../topology/load-topology.ts';
import { answerLauncher, HandshakeError, type LineRequest } from './node-handshake.ts';
import { type ProcessLine, startProcess } from './process-line.ts';

/** What goes over a remote line beside the messages of the node process itself. */
export type FromAgent =
  | FromProcess
  /** The next part of a capture. */
  | { readonly type: 'capture'; readonly file: string; readonly octets: Uint8Array }
  /** Last of all. */
  | { readonly type: 'ended'; readonly how: string };

export interface AgentOptions {
  readonly address: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly token: string;
  /** Whether to wait for another run when one is over. */
  readonly stays: boolean;
  /** One line for whoever watches. */
  readonly say: (line: string) => void;
}

/** The launcher probes four times a second once a run goes on; before that other machines may take a minute to start. */
const SILENCE_MS = 90_000;
const LEAVE_MS = 2_000;
const CAPTURE_PART_OCTETS = 1024 * 1024;

/**
 * `testbed node`: starts node processes for a launcher elsewhere, one for each connection, passes orders and answers on,
 * and sends captures after them. Resolves when the run is over, or when `stop` was called; no process is left behind.
 * @throws InputError when the address cannot be listened on
 */
export class NodeAgent {
  private readonly options: AgentOptions;
  private readonly server: Server;
  private readonly lines = new Set<AgentLine>();
  private run: string | undefined;
  private readonly over: Promise<void>;

  constructor(options: AgentOptions) {
    this.options = options;
    this.server = createServer((socket) => void this.accept(socket));
    this.over = new Promise((resolve) => this.server.once('close', resolve));
  }

  async serve(): Promise<void> {
    const { address, port, say } = this.options;
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', (error: NodeJS.ErrnoException) => reject(listenFault(error, address, port)));
      this.server.listen(port, address, resolve);
    });
    const bound = this.server.address() as { readonly port: number };
    say(`waiting for a launcher at ${address}:${bound.port}`);
    await this.over;
  }

  stop(): void {
    this.server.close();
    for (const line of this.lines) line.hangUp();
  }

  private async accept(socket: Socket): Promise<void> {
    socket.on('error', () => socket.destroy());
    const { token, say } = this.options;
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    try {
      const request = await answerLauncher(socket, token, (asked) => this.refusal(asked));
      this.run = request.run;
      say(`${request.process}: started for ${peer}`);
      const line = new AgentLine(socket, (how) => {
        say(`${request.process}: ${how}`);
        this.lines.delete(line);
        if (this.lines.size > 0) return;
        this.run = undefined;
        if (!this.options.stays) this.server.close();
      });
      this.lines.add(line);
    } catch (error) {
      if (!(error instanceof HandshakeError)) throw error;
      say(`refused ${peer}: ${error.message}`);
      socket.destroySoon();
    }
  }

  private refusal({ run }: LineRequest): string | undefined {
    return this.run === undefined || this.run === run ? undefined : 'it is busy with another run';
  }
}

/** One process, one connection. */
class AgentLine {
  private readonly socket: Socket;
  private readonly process: ProcessLine;
  private readonly onOver: (how: string) => void;
  private captures: string | undefined;
  private last: FromProcess | undefined;
  private silence: NodeJS.Timeout;
  private isOver = false;

  constructor(socket: Socket, onOver: (how: string) => void) {
    this.socket = socket;
    this.onOver = onOver;
    this.process = startProcess({}, join(projectFolder(), 'dist'), {
      message: (message) => this.onMessage(message),
      ended: (how) => void this.finish(how),
      notStarted: (reason) => void this.finish(`could not be started: ${reason}`),
    });
    this.silence = setTimeout(() => this.hangUp(), SILENCE_MS);
    readMessages(socket, (order) => this.onOrder(order as ToProcess));
    socket.on('close', () => this.hangUp());
  }

  /** The launcher is gone: the process completes its captures and leaves, or is ended. */
  hangUp(): void {
    if (this.isOver) return;
    this.process.order({ type: 'abort' });
    setTimeout(() => this.process.kill(), LEAVE_MS).unref();
  }

  private onOrder(order: ToProcess): void {
    this.silence.refresh();
    if (order.type !== 'spec' || order.spec.capture === undefined) {
      this.process.order(order);
      return;
    }
    // The launcher's folder is not here.
    this.captures = mkdtempSync(join(tmpdir(), 'lambda-nic-captures-'));
    const capture = { ...order.spec.capture, folder: this.captures };
    this.process.order({ type: 'spec', spec: { ...order.spec, capture } });
  }

  /** The last word of a process waits for its captures. */
  private onMessage(message: FromProcess): void {
    if (message.type === 'result' || message.type === 'failed') this.last = message;
    else this.say(message);
  }

  private async finish(how: string): Promise<void> {
    this.isOver = true;
    clearTimeout(this.silence);
    try {
      if (this.captures !== undefined) await this.sendCaptures(this.captures);
      if (this.last !== undefined) this.say(this.last);
      this.say({ type: 'ended', how });
      this.socket.end();
    } catch {
      // The launcher is gone; there is nobody to tell.
      this.socket.destroy();
    } finally {
      if (this.captures !== undefined) rmSync(this.captures, { recursive: true, force: true });
      this.onOver(how);
    }
  }

  private async sendCaptures(folder: string): Promise<void> {
    for (const file of readdirSync(folder).sort()) {
      const handle = await open(join(folder, file));
      try {
        await this.sendCapture(handle, file);
      } finally {
        await handle.close();
      }
    }
  }

  private async sendCapture(handle: FileHandle, file: string): Promise<void> {
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(CAPTURE_PART_OCTETS), 0, CAPTURE_PART_OCTETS);
      if (bytesRead === 0) return;
      await new Promise<void>((resolve, reject) => {
        if (this.socket.destroyed) reject(new Error('the launcher is gone'));
        this.socket.once('close', reject);
        this.say({ type: 'capture', file, octets: buffer.subarray(0, bytesRead) }, () => {
          this.socket.off('close', reject);
          resolve();
        });
      });
    }
  }

  private say(message: FromAgent, sent?: () => void): void {
    if (!this.socket.destroyed) writeMessage(this.socket, message, sent);
  }
}

function listenFault(error: NodeJS.ErrnoException, address: string, port: number): InputError {
  const reasons: Record<string, string> = {
    EADDRINUSE: 'the port is in use',
    EADDRNOTAVAIL: 'this machine has no such address',
    EACCES: 'ports below 1024 are for root',
  };
  const reason = reasons[error.code ?? ''] ?? error.message;
  return new InputError(
    'cannot-listen',
    `--listen: expected an address and port to wait at, got ${address}:${port}: ${reason}`,
  );
}
