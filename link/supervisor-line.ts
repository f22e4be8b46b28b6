import { createConnection, type Socket } from 'node:net';
import { deserialize, serialize } from 'node:v8';
import type { FromProcess, ToProcess } from './supervision.ts';

/** Set by whoever starts a node process through another program, which would keep the parent's channel to itself. */
export const SUPERVISOR_SOCKET_VARIABLE = 'LAMBDA_NIC_SUPERVISOR_SOCKET';
const LENGTH_OCTETS = 4;

/** The line between a node process and its launcher. */
export interface SupervisorLine {
  /** @param sent called when the message is on its way, so that the process may leave */
  send(message: FromProcess, sent?: () => void): void;
}

/**
 * Opens the line to the launcher: the channel that Node gives a forked child, or the socket that the environment names.
 * @returns undefined when nobody started this process as a node of a testbed
 */
export function openSupervisorLine(
  onOrder: (order: ToProcess) => void,
  onClosed: () => void,
): SupervisorLine | undefined {
  const path = process.env[SUPERVISOR_SOCKET_VARIABLE];
  if (path !== undefined) return socketLine(createConnection(path), onOrder, onClosed);
  if (process.send === undefined) return undefined;
  process.on('message', onOrder);
  process.on('disconnect', onClosed);
  return {
    send: (message, sent) => {
      if (process.connected) process.send!(message, undefined, undefined, () => sent?.());
      else sent?.();
    },
  };
}

function socketLine(socket: Socket, onOrder: (order: ToProcess) => void, onClosed: () => void): SupervisorLine {
  readMessages(socket, (message) => onOrder(message as ToProcess));
  socket.on('error', () => socket.destroy());
  socket.on('close', onClosed);
  return { send: (message, sent) => writeMessage(socket, message, sent) };
}

/** One message: its length in 4 octets, big-endian, then what V8 makes of it (typed arrays and infinity included). */
export function writeMessage(socket: Socket, message: unknown, sent?: () => void): void {
  const octets = serialize(message);
  const length = Buffer.alloc(LENGTH_OCTETS);
  length.writeUInt32BE(octets.length);
  socket.write(length);
  socket.write(octets, () => sent?.());
}

export function readMessages(socket: Socket, onMessage: (message: unknown) => void): void {
  let pending = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= LENGTH_OCTETS) {
      const end = LENGTH_OCTETS + pending.readUInt32BE(0);
      if (pending.length < end) return;
      onMessage(deserialize(pending.subarray(LENGTH_OCTETS, end)));
      pending = pending.subarray(end);
    }
  });
}
