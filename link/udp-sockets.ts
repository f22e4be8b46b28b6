import { createSocket, type Socket } from 'node:dgram';

/** A burst of full datagrams must fit into the kernel's buffer; the default of 208 KB holds three. */
const RECEIVE_BUFFER_OCTETS = 4 * 1024 * 1024;
const LOOPBACK = '127.0.0.1';

/** Binds one socket a channel to a free loopback port. */
export async function bindSockets(count: number): Promise<Socket[]> {
  return await Promise.all(Array.from({ length: count }, bindSocket));
}

/** Connects each socket to its peer: the kernel then drops strays, and sending is a quarter cheaper. */
export async function connectSockets(sockets: readonly Socket[], ports: readonly number[]): Promise<void> {
  await Promise.all(sockets.map((socket, i) => connectSocket(socket, ports[i]!)));
}

async function bindSocket(): Promise<Socket> {
  const socket = createSocket({
    type: 'udp4',
    recvBufferSize: RECEIVE_BUFFER_OCTETS,
    sendBufferSize: RECEIVE_BUFFER_OCTETS,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, LOOPBACK, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  return socket;
}

async function connectSocket(socket: Socket, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.connect(port, LOOPBACK, (error?: Error) => (error === undefined ? resolve() : reject(error)));
  });
}
