import { createSocket } from 'node:dgram';

/*
 * One side of a bare ping-pong over connected dgram sockets, the bound that no seven-process run can beat: the same
 * number of messages of the same size, and no work at all between them. Orders come over the parent's channel.
 */
type Order =
  | { readonly type: 'connect'; readonly port: number }
  | { readonly type: 'serve'; readonly outstanding: number; readonly roundTrips: number; readonly octets: number };

const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20, sendBufferSize: 4 << 20 });
let remaining = 0;
let isServing = false;

socket.on('message', (octets) => {
  if (!isServing) {
    socket.send(octets);
    return;
  }
  if (--remaining > 0) socket.send(octets);
  else if (remaining === 0) process.send?.({ type: 'done' });
});

process.on('message', (order: Order) => {
  if (order.type === 'connect') {
    socket.connect(order.port, '127.0.0.1', () => process.send?.({ type: 'connected' }));
    return;
  }
  isServing = true;
  remaining = order.roundTrips;
  for (let i = 0; i < order.outstanding; i++) socket.send(Buffer.alloc(order.octets));
});
process.on('disconnect', () => process.exit(0));

socket.bind(0, '127.0.0.1', () => process.send?.({ type: 'bound', port: socket.address().port }));
