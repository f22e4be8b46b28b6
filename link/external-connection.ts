import { createConnection, type Socket } from 'node:net';
import { RunError } from '../base/errors.ts';
import type { ExternalQuestion } from '../time/external.ts';
import type { ExternalService } from './external-calls.ts';

/** A server outside the emulation. */
export interface ExternalServer {
  /** What it is, for messages. */
  readonly service: string;
  readonly host: string;
  readonly port: number;
}

/** A server that is silent for so long while answers are missing is taken for dead. */
const SILENCE_MS = 20_000;
const CONNECT_MS = 5_000;

/** One TCP connection to a server: questions go out in order, and answers come back in that order. */
export class ExternalConnection implements ExternalService {
  private readonly server: ExternalServer;
  private readonly socket: Socket;
  private readonly onFailure: (error: RunError) => void;
  private readonly waiting: { question: ExternalQuestion; answered: (answer: Uint8Array) => void }[] = [];
  private isOver = false;

  private constructor(server: ExternalServer, socket: Socket, onFailure: (error: RunError) => void) {
    this.server = server;
    this.socket = socket;
    this.onFailure = onFailure;
    socket.setNoDelay(true);
    socket.setTimeout(SILENCE_MS, () => {
      if (this.waiting.length > 0) this.fail(`has not answered for ${SILENCE_MS / 1000} s`);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => this.fail(`failed (${error.code ?? error.message})`));
    socket.on('close', () => this.fail('closed the connection'));
    socket.on('data', (octets) => this.receive(octets));
  }

  /**
   * @param onFailure called once when the server is lost while the connection is open
   * @throws RunError when nobody answers there
   */
  static open(server: ExternalServer, onFailure: (error: RunError) => void): Promise<ExternalConnection> {
    return new Promise((resolve, reject) => {
      const socket = createConnection({ host: server.host, port: server.port });
      const refuse = (reason: string): void => {
        socket.destroy();
        reject(new RunError('external-unreachable', `${nameOf(server)} cannot be reached (${reason})`));
      };
      const limit = setTimeout(() => refuse(`no answer in ${CONNECT_MS / 1000} s`), CONNECT_MS);
      const onError = (error: NodeJS.ErrnoException): void => {
        clearTimeout(limit);
        refuse(error.code ?? error.message);
      };
      socket.once('error', onError);
      socket.once('connect', () => {
        clearTimeout(limit);
        socket.off('error', onError);
        resolve(new ExternalConnection(server, socket, onFailure));
      });
    });
  }

  ask(question: ExternalQuestion, answered: (answer: Uint8Array) => void): void {
    this.waiting.push({ question, answered });
    this.socket.cork();
    this.socket.write(question.request);
    this.socket.write(question.endMark);
    this.socket.uncork();
  }

  close(): void {
    this.isOver = true;
    this.socket.destroy();
  }

  private receive(octets: Uint8Array): void {
    let rest: Uint8Array | undefined = octets;
    while (rest !== undefined && rest.length > 0) {
      const head = this.waiting[0];
      if (head === undefined) {
        this.fail('answered what was not asked');
        return;
      }
      rest = head.question.reader.read(rest);
      if (rest === undefined) return;
      this.waiting.shift();
      head.answered(head.question.reader.answer());
    }
  }

  private fail(reason: string): void {
    if (this.isOver) return;
    this.close();
    this.onFailure(new RunError('external-lost', `${nameOf(this.server)} ${reason}`));
  }
}

function nameOf({ service, host, port }: ExternalServer): string {
  return `${service} at ${host}:${port}`;
}
