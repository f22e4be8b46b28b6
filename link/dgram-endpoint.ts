import { createSocket, type Socket } from 'node:dgram';
import type { DatagramAddress, DatagramEndpoint, DatagramReceiver } from './datagram-endpoint.ts';

/** A burst of full datagrams must fit into the kernel's buffer; the default of 208 KB holds three. */
const RECEIVE_BUFFER_OCTETS = 4 * 1024 * 1024;

/**
 * An endpoint of Node's own sockets, one a channel, which works wherever Node does. Each is connected to its peer: the
 * kernel then drops strays, and sending is a quarter cheaper.
 * @param address IPv4 address that the channels' peers reach this process by
 */
export async function openDgramEndpoint(channels: number, address: string): Promise<DatagramEndpoint> {
  const sockets = await Promise.all(Array.from({ length: channels }, () => bindSocket(address)));
  return {
    ports: sockets.map((socket) => socket.address().port),
    connect: async (peers) => {
      await Promise.all(sockets.map((socket, channel) => connectSocket(socket, peers[channel]!)));
    },
    receive: (receiver) => {
      sockets.forEach((socket, channel) => {
        listen(socket, channel, receiver);
      });
    },
    send: (channel, octets) => sockets[channel]!.send(octets),
    waitAtMost: () => {},
    close: () => {
      for (const socket of sockets) socket.close();
    },
  };
}

function listen(socket: Socket, channel: number, receiver: DatagramReceiver): void {
  socket.on('message', (octets) => {
    receiver.onDatagram(channel, octets);
    receiver.onDrained();
  });
}

async function bindSocket(address: string): Promise<Socket> {
  const socket = createSocket({
    type: 'udp4',
    recvBufferSize: RECEIVE_BUFFER_OCTETS,
    sendBufferSize: RECEIVE_BUFFER_OCTETS,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, address, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  // A peer that died shows as a refused datagram; the launcher names it.
  socket.on('error', () => {});
  return socket;
}

async function connectSocket(socket: Socket, { address, port }: DatagramAddress): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.connect(port, address, (error?: Error) => (error === undefined ? resolve() : reject(error)));
  });
}
