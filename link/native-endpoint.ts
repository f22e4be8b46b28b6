import { performance } from 'node:perf_hooks';
import { assert } from '../base/assert.ts';
import { MAXIMUM_DATAGRAM_OCTETS } from './datagram-codec.ts';
import type { DatagramAddress, DatagramEndpoint, DatagramReceiver } from './datagram-endpoint.ts';
import type { NativeMemory, SystemCalls } from './system-calls.ts';

/*
 * Numbers and layouts of the Linux ABI on 64-bit little-endian machines: asm-generic/socket.h, linux/in.h and the
 * manual pages socket(7), recvmmsg(2), ip(7).
 */
const AF_INET = 2;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_RCVTIMEO = 20;
const POLLIN = 1;
const MSG_DONTWAIT = 0x40;
const MSG_WAITFORONE = 0x10000;

/** struct sockaddr_in: u16 family (little-endian), u16 port and u32 address (big-endian), zeros. */
const SOCKADDR_OCTETS = 16;
const SOCKADDR_PORT = 2;
const SOCKADDR_ADDRESS = 4;
/** struct iovec: address, length. */
const IOVEC_OCTETS = 16;
const IOVEC_LENGTH = 8;
/** struct mmsghdr: the msghdr (name, name length, iovec, iovecs, control, control length, flags), then octets moved. */
const MMSGHDR_OCTETS = 64;
const MMSGHDR_NAME = 0;
const MMSGHDR_NAME_LENGTH = 8;
const MMSGHDR_IOVEC = 16;
const MMSGHDR_IOVEC_COUNT = 24;
const MMSGHDR_MOVED = 56;

const BATCH = 32;
const SEND_OCTETS = 1024 * 1024;
const SOCKET_BUFFER_OCTETS = 4 * 1024 * 1024;
/** How long datagrams may keep the event loop from its turn: orders of the launcher and timers wait that long. */
const SLICE_MS = 20;
const WAIT_MS = 25;
const KERNEL_TICKS_MS = 10;

/**
 * An endpoint of one socket for all channels, which receives and sends many datagrams by one system call each. It
 * waits for datagrams inside the call: Node's event loop, which costs more than all the rest, gets its turn between
 * slices and whenever nothing comes.
 * @param address IPv4 address that the channels' peers reach this process by
 */
export function openNativeEndpoint(calls: SystemCalls, channels: number, address: string): DatagramEndpoint {
  return new NativeEndpoint(calls, channels, address);
}

class NativeEndpoint implements DatagramEndpoint {
  readonly ports: readonly number[];
  private readonly calls: SystemCalls;
  private readonly socket: number;
  /** By the peer's address and port in one number. */
  private readonly channelByPeer = new Map<number, number>();
  private readonly incoming: MessageVector;
  private outgoing: MessageVector | undefined;
  private sendFill = 0;
  private sendCount = 0;
  private receiver: DatagramReceiver | undefined;
  private waitMs = Number.NaN;
  private isClosed = false;
  /** struct pollfd: i32 socket, i16 events, i16 what came. */
  private readonly pollSet = Buffer.alloc(8);

  constructor(calls: SystemCalls, channels: number, ownAddress: string) {
    this.calls = calls;
    this.socket = calls.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert(this.socket >= 0, 'no socket to be had');
    this.setInteger(SO_RCVBUF, SOCKET_BUFFER_OCTETS);
    this.setInteger(SO_SNDBUF, SOCKET_BUFFER_OCTETS);
    const address = socketAddress({ address: ownAddress, port: 0 });
    assert(calls.bind(this.socket, address, SOCKADDR_OCTETS) === 0, `no UDP port to be had at ${ownAddress}`);
    calls.getsockname(this.socket, address, Uint32Array.of(SOCKADDR_OCTETS));
    this.ports = Array.from({ length: channels }, () => address.readUInt16BE(SOCKADDR_PORT));
    this.pollSet.writeInt32LE(this.socket, 0);
    this.pollSet.writeInt16LE(POLLIN, 4);
    this.waitAtMost(WAIT_MS);
    this.incoming = new MessageVector(calls, BATCH * MAXIMUM_DATAGRAM_OCTETS, []);
    for (let i = 0; i < BATCH; i++) {
      this.incoming.place(i, i * MAXIMUM_DATAGRAM_OCTETS, MAXIMUM_DATAGRAM_OCTETS);
    }
  }

  async connect(peers: readonly DatagramAddress[]): Promise<void> {
    peers.forEach((peer, channel) => {
      this.channelByPeer.set(addressNumber(peer.address) * 2 ** 16 + peer.port, channel);
    });
    this.outgoing = new MessageVector(this.calls, SEND_OCTETS, peers);
  }

  receive(receiver: DatagramReceiver): void {
    this.receiver = receiver;
    setImmediate(this.slice);
  }

  send(channel: number, octets: Buffer): void {
    if (this.sendCount === BATCH || this.sendFill + octets.length > SEND_OCTETS) this.flush();
    const outgoing = this.outgoing!;
    outgoing.octets.set(octets, this.sendFill);
    outgoing.place(this.sendCount, this.sendFill, octets.length);
    outgoing.direct(this.sendCount, channel);
    this.sendFill += octets.length;
    this.sendCount++;
  }

  private flush(): void {
    let sent = 0;
    while (sent < this.sendCount) {
      const address = this.outgoing!.addressOf(sent);
      const count = this.calls.sendmmsg(this.socket, address, this.sendCount - sent, 0);
      // Whatever the kernel refuses is lost, and the channel above sends it again.
      sent += count > 0 ? count : 1;
    }
    this.sendCount = 0;
    this.sendFill = 0;
  }

  /** The time limit of a receiving socket counts in ticks of the kernel, 4 ms and more; poll's is exact. */
  private get isImpatient(): boolean {
    return this.waitMs < KERNEL_TICKS_MS;
  }

  waitAtMost(milliseconds: number): void {
    if (milliseconds === this.waitMs) return;
    this.waitMs = milliseconds;
    // struct timeval: seconds, microseconds.
    const value = Buffer.alloc(16);
    value.writeUInt32LE(milliseconds * 1_000, 8);
    this.calls.setsockopt(this.socket, SOL_SOCKET, SO_RCVTIMEO, value, value.length);
  }

  close(): void {
    this.flush();
    this.calls.close(this.socket);
    this.isClosed = true;
  }

  private readonly slice = (): void => {
    const startMs = performance.now();
    while (!this.isClosed) {
      this.flush();
      const count = this.calls.recvmmsg(
        this.socket,
        this.incoming.addressOf(0),
        BATCH,
        this.receiver!.mayWait && !this.isImpatient ? MSG_WAITFORONE : MSG_DONTWAIT,
        null,
      );
      if (count <= 0) {
        if (this.receiver!.mayWait && this.isImpatient) this.calls.poll(this.pollSet, 1, this.waitMs);
        break;
      }
      for (let i = 0; i < count; i++) this.handOver(i);
      this.receiver!.onDrained();
      if (performance.now() - startMs >= SLICE_MS) break;
    }
    if (!this.isClosed) setImmediate(this.slice);
  };

  private handOver(index: number): void {
    const channel = this.channelByPeer.get(this.incoming.senderOf(index));
    if (channel === undefined) return;
    const start = index * MAXIMUM_DATAGRAM_OCTETS;
    const length = this.incoming.lengthOf(index);
    const octets = Buffer.allocUnsafe(length);
    octets.set(this.incoming.octets.subarray(start, start + length));
    this.receiver!.onDatagram(channel, octets);
  }

  private setInteger(name: number, value: number): void {
    const octets = Buffer.alloc(4);
    octets.writeInt32LE(value);
    this.calls.setsockopt(this.socket, SOL_SOCKET, name, octets, octets.length);
  }
}

/** `BATCH` messages as sendmmsg and recvmmsg want them: headers that point at addresses and at places in one memory. */
class MessageVector {
  readonly octets: Buffer;
  private readonly memory: NativeMemory;
  private readonly headers: NativeMemory;
  private readonly iovecs: NativeMemory;
  private readonly names: NativeMemory;
  private readonly headerAddresses: readonly bigint[];

  /** @param peers whom messages go to, for sending; none when receiving, where each message has a name of its own */
  constructor(calls: SystemCalls, octets: number, peers: readonly DatagramAddress[]) {
    this.memory = calls.allocate(octets);
    this.octets = this.memory.octets;
    this.headers = calls.allocate(BATCH * MMSGHDR_OCTETS);
    this.iovecs = calls.allocate(BATCH * IOVEC_OCTETS);
    this.names = calls.allocate(Math.max(BATCH, peers.length) * SOCKADDR_OCTETS);
    peers.forEach((peer, place) => {
      this.names.octets.set(socketAddress(peer), place * SOCKADDR_OCTETS);
    });
    this.headers.octets.fill(0);
    this.headerAddresses = Array.from({ length: BATCH }, (_, i) => BigInt(this.headers.address + i * MMSGHDR_OCTETS));
    for (let i = 0; i < BATCH; i++) {
      const header = i * MMSGHDR_OCTETS;
      const { view } = this.headers;
      writeAddress(view, header + MMSGHDR_NAME, this.names, i * SOCKADDR_OCTETS);
      view.setUint32(header + MMSGHDR_NAME_LENGTH, SOCKADDR_OCTETS, true);
      writeAddress(view, header + MMSGHDR_IOVEC, this.iovecs, i * IOVEC_OCTETS);
      view.setUint32(header + MMSGHDR_IOVEC_COUNT, 1, true);
    }
  }

  /** Address of the headers from a message on. */
  addressOf(message: number): bigint {
    return this.headerAddresses[message]!;
  }

  /** Where a message's octets lie. */
  place(message: number, offset: number, length: number): void {
    const iovec = message * IOVEC_OCTETS;
    writeAddress(this.iovecs.view, iovec, this.memory, offset);
    this.iovecs.view.setUint32(iovec + IOVEC_LENGTH, length, true);
  }

  /** Whom a message goes to. */
  direct(message: number, peer: number): void {
    writeAddress(this.headers.view, message * MMSGHDR_OCTETS + MMSGHDR_NAME, this.names, peer * SOCKADDR_OCTETS);
  }

  /** Whom a received message came from: address and port in one number. */
  senderOf(message: number): number {
    const { view } = this.names;
    const name = message * SOCKADDR_OCTETS;
    return view.getUint32(name + SOCKADDR_ADDRESS, false) * 2 ** 16 + view.getUint16(name + SOCKADDR_PORT, false);
  }

  /** Octets of a received message. */
  lengthOf(message: number): number {
    return this.headers.view.getUint32(message * MMSGHDR_OCTETS + MMSGHDR_MOVED, true);
  }
}

/** Addresses of user space fit into a double; a BigInt for each would be garbage. */
function writeAddress(view: DataView, offset: number, memory: NativeMemory, place: number): void {
  const address = memory.address + place;
  view.setUint32(offset, address % 2 ** 32, true);
  view.setUint32(offset + 4, Math.floor(address / 2 ** 32), true);
}

function addressNumber(dottedQuad: string): number {
  return dottedQuad.split('.').reduce((number, octet) => number * 256 + Number(octet), 0);
}

function socketAddress({ address: dottedQuad, port }: DatagramAddress): Buffer {
  const address = Buffer.alloc(SOCKADDR_OCTETS);
  address.writeUInt16LE(AF_INET, 0);
  address.writeUInt16BE(port, SOCKADDR_PORT);
  address.writeUInt32BE(addressNumber(dottedQuad), SOCKADDR_ADDRESS);
  return address;
}
