import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const PROGRAM = 'memcached';
const ATTEMPTS = 20;
const CONNECT_ATTEMPTS = 200;

/** Tests that need a memcached are skipped where there is none, except where CI must not skip. */
export function hasMemcached(): boolean {
  if (spawnSync(PROGRAM, ['-V']).status === 0) return true;
  if (process.env.CI === 'true') throw new Error(`${PROGRAM} is not installed: apt-get install memcached`);
  return false;
}

/** Debian's memcached on loopback, TCP and UDP on one free port. */
export class RealServer {
  readonly port: number;
  private readonly process: ChildProcess;

  private constructor(port: number, process: ChildProcess) {
    this.port = port;
    this.process = process;
  }

  static async start(): Promise<RealServer> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const port = await freePort();
      const user = userInfo().uid === 0 ? ['-u', 'nobody'] : [];
      // One thread: the UDP socket then is one queue, so that datagrams are answered in order. And many commands at a
      // turn: what a turn leaves of a datagram is answered only when the next one has come.
      const options = ['-l', '127.0.0.1', '-p', `${port}`, '-U', `${port}`, '-t', '1', '-R', '1000', '-m', '64'];
      const process = spawn(PROGRAM, [...user, ...options], { stdio: 'ignore' });
      if (await answers(process, port)) return new RealServer(port, process);
      // Somebody else was quicker to take the port.
      process.kill();
    }
    throw new Error(`${PROGRAM} did not start`);
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null) return;
    const gone = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill();
    await gone;
  }
}

async function answers(process: ChildProcess, port: number): Promise<boolean> {
  for (let attempt = 0; attempt < CONNECT_ATTEMPTS && process.exitCode === null; attempt++) {
    try {
      (await connected(port)).destroy();
      // Its own, not that of whoever has the port.
      await sleep(10);
      return process.exitCode === null;
    } catch {
      await sleep(20);
    }
  }
  return false;
}

export function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** A UDP port that is free now; the same number is mostly free for TCP, too. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    socket.once('error', reject);
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}
