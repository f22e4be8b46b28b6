import { type ChildProcess, spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { canPin, pinMainThread } from '../../testbed/processes/pinning.ts';

/**
 * Messages a second that two processes exchange over connected dgram sockets, both on one core: what the same count of
 * datagrams costs without any emulation.
 * @param octets size of each message
 * @param outstanding messages in flight at once
 */
export async function barePingPong(octets: number, outstanding: number, roundTrips: number): Promise<number> {
  const peers = [startPeer(), startPeer()];
  try {
    const ports = await Promise.all(peers.map((peer) => next(peer, 'bound')));
    const connected = peers.map((peer) => next(peer, 'connected'));
    peers.forEach((peer, i) => {
      peer.send({ type: 'connect', port: ports[1 - i]!.port });
    });
    await Promise.all(connected);
    if (canPin()) for (const peer of peers) pinMainThread(peer.pid!, 0);
    const done = next(peers[0]!, 'done');
    const startMs = performance.now();
    peers[0]!.send({ type: 'serve', outstanding, roundTrips, octets });
    await done;
    return (2 * roundTrips * 1000) / (performance.now() - startMs);
  } finally {
    for (const peer of peers) peer.kill();
  }
}

function startPeer(): ChildProcess {
  const module = fileURLToPath(new URL('./ping-pong-peer.js', import.meta.url));
  return spawn(process.execPath, [module], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

async function next(peer: ChildProcess, type: string): Promise<{ readonly port: number }> {
  return await new Promise((resolve) => {
    const listener = (message: { type: string; port: number }) => {
      if (message.type !== type) return;
      peer.off('message', listener);
      resolve(message);
    };
    peer.on('message', listener);
  });
}
