import { createRequire } from 'node:module';
import { endianness } from 'node:os';

/** Memory outside the JavaScript heap, which system calls can be given the address of. */
export interface NativeMemory {
  /** Addresses of user space have at most 47 bits, so a number holds them. */
  readonly address: number;
  readonly octets: Buffer;
  readonly view: DataView;
}

/**
 * The C library's calls that datagrams need, as its manual pages (section 2) describe them; each returns -1 on failure.
 */
export interface SystemCalls {
  readonly socket: (domain: number, type: number, protocol: number) => number;
  readonly bind: (socket: number, address: Uint8Array, length: number) => number;
  readonly getsockname: (socket: number, address: Uint8Array, length: Uint32Array) => number;
  readonly setsockopt: (socket: number, level: number, name: number, value: Uint8Array, length: number) => number;
  readonly recvmmsg: (socket: number, messages: bigint, count: number, flags: number, timeout: null) => number;
  readonly sendmmsg: (socket: number, messages: bigint, count: number, flags: number) => number;
  readonly poll: (sockets: Uint8Array, count: number, milliseconds: number) => number;
  readonly close: (socket: number) => number;
  readonly allocate: (octets: number) => NativeMemory;
}

/** What is used of koffi, the optional package that calls C from JavaScript. */
interface Koffi {
  load(library: string): { func(declaration: string): (...values: never[]) => unknown };
  alloc(type: string, count: number): bigint;
  view(address: bigint, octets: number): ArrayBuffer;
}

/**
 * System calls through koffi, where it is installed and the structures have the layout that is written here: Linux on
 * a 64-bit little-endian machine with glibc. Undefined elsewhere.
 */
export function systemCalls(): SystemCalls | undefined {
  if (process.platform !== 'linux' || endianness() !== 'LE' || !['x64', 'arm64'].includes(process.arch))
    return undefined;
  try {
    const koffi = createRequire(import.meta.url)('koffi') as Koffi;
    const libc = koffi.load('libc.so.6');
    const call = <T>(declaration: string): T => libc.func(declaration) as T;
    return {
      socket: call('int socket(int domain, int type, int protocol)'),
      bind: call('int bind(int socket, void *address, uint32_t length)'),
      getsockname: call('int getsockname(int socket, void *address, void *length)'),
      setsockopt: call('int setsockopt(int socket, int level, int name, void *value, uint32_t length)'),
      recvmmsg: call('int recvmmsg(int socket, void *messages, uint32_t count, int flags, void *timeout)'),
      sendmmsg: call('int sendmmsg(int socket, void *messages, uint32_t count, int flags)'),
      poll: call('int poll(void *sockets, unsigned long count, int milliseconds)'),
      close: call('int close(int socket)'),
      allocate: (octets) => {
        const address = koffi.alloc('uint8_t', octets);
        const memory = koffi.view(address, octets);
        return { address: Number(address), octets: Buffer.from(memory), view: new DataView(memory) };
      },
    };
  } catch {
    return undefined;
  }
}
