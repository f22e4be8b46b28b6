import { PS_PER_MS, PS_PER_S } from '../../../base/units.ts';
import { formatStatus, STATUS_OK } from '../../../packet/lambda.ts';
import { FIRMWARE_CHUNK_OCTETS, type ManagementMessage } from '../../../packet/management.ts';
import type { NodeContext, TimerHandle } from '../../../time/node.ts';
import type { ManagementPort } from './management-port.ts';

/** A firmware image as it travels: the octets of its ELF file and their SHA-256, made where files are read. */
export interface FirmwareFile {
  readonly octets: Uint8Array;
  readonly sha256: Uint8Array;
}

export type TransferEnd = { readonly loaded: true } | { readonly loaded: false; readonly reason: string };

/**
 * Chunks under way at once: 16 full frames of 1,088 octets are 140 us of a 1 Gb/s link, more than a round trip through
 * the management switch with its processing, and sixteen workers' windows still fit a 512 KiB egress queue.
 */
const WINDOW_CHUNKS = 16;
const FIRST_TIMEOUT_PS = 10 * PS_PER_MS;
const LONGEST_TIMEOUT_PS = 1 * PS_PER_S;
/** Repetitions without any progress before the worker counts as dead: some 2 s, and a minute for one that is to return. */
const ATTEMPTS = 8;
export const RETURN_ATTEMPTS = 64;
/** Of asking a worker whether the image is still loaded, which it answers at once: 2 ms, doubling, 30 ms in all. */
const CHECK_TIMEOUT_PS = 2 * PS_PER_MS;
const CHECK_ATTEMPTS = 4;
/** Loading resets the NIC and writes every core's code store: the profile's cost, seconds on the real card. */
const LOAD_PATIENCE_PS = 300 * PS_PER_S;

/**
 * Brings a firmware image to one worker and has it loaded: announce, chunks in order with a window, load. The worker
 * acknowledges the first octet that it misses; when nothing moves, everything from there is sent again (go-back-N).
 */
export class FirmwareTransfer {
  chunksSent = 0;
  timeouts = 0;
  private readonly context: Pick<NodeContext, 'nowPs' | 'at' | 'cancel'>;
  private readonly port: ManagementPort;
  private readonly worker: number;
  private readonly file: FirmwareFile;
  private readonly onEnd: (end: TransferEnd) => void;
  private readonly transaction: number;
  private readonly patienceAttempts: number;
  private phase: 'announce' | 'send' | 'load' | 'over' | 'check' = 'announce';
  private onChecked: (isLoaded: boolean) => void = () => {};
  private acknowledgedOctets = 0;
  private sentOctets = 0;
  private attempts = 0;
  private timeoutPs = FIRST_TIMEOUT_PS;
  private loadUntilPs = 0;
  private timer: TimerHandle = 0;

  /** @param patienceAttempts repetitions of the announcement before the worker counts as dead */
  constructor(
    context: Pick<NodeContext, 'nowPs' | 'at' | 'cancel'>,
    port: ManagementPort,
    worker: number,
    file: FirmwareFile,
    onEnd: (end: TransferEnd) => void,
    patienceAttempts = ATTEMPTS,
  ) {
    this.patienceAttempts = patienceAttempts;
    this.context = context;
    this.port = port;
    this.worker = worker;
    this.file = file;
    this.onEnd = onEnd;
    this.transaction = port.open(worker, (message) => this.onMessage(message));
  }

  start(): void {
    this.speak();
  }

  /**
   * Asks a worker that has loaded the image whether it still has it: it answers a load that it has done already. One
   * that has lost its memory knows no such transfer.
   */
  check(onChecked: (isLoaded: boolean) => void): void {
    this.phase = 'check';
    this.onChecked = onChecked;
    this.attempts = 0;
    this.timeoutPs = CHECK_TIMEOUT_PS;
    this.speak();
  }

  /** Nothing that the worker says of this transfer counts any more. */
  forget(): void {
    this.phase = 'over';
    this.context.cancel(this.timer);
    this.port.close(this.transaction);
  }

  /** Says whatever is due in this phase, and waits. */
  private speak(): void {
    switch (this.phase) {
      case 'announce':
        this.send({
          type: 'firmware-begin',
          transaction: this.transaction,
          octets: this.file.octets.length,
          sha256: this.file.sha256,
        });
        break;
      case 'send':
        this.sentOctets = this.acknowledgedOctets;
        this.fillWindow();
        break;
      case 'load':
      case 'check':
        this.send({ type: 'firmware-load', transaction: this.transaction });
        break;
      case 'over':
        return;
    }
    this.wait();
  }

  private fillWindow(): void {
    const { octets } = this.file;
    const limit = Math.min(octets.length, this.acknowledgedOctets + WINDOW_CHUNKS * FIRMWARE_CHUNK_OCTETS);
    while (this.sentOctets < limit) {
      const offset = this.sentOctets;
      const data = octets.subarray(offset, Math.min(offset + FIRMWARE_CHUNK_OCTETS, octets.length));
      this.send({ type: 'firmware-chunk', transaction: this.transaction, offset, data });
      this.chunksSent++;
      this.sentOctets += data.length;
    }
  }

  private onMessage(message: ManagementMessage): void {
    if (message.type === 'firmware-ack') this.onAcknowledgement(message.nextOffset);
    else if (message.type !== 'firmware-loaded') return;
    else if (this.phase === 'load') this.onLoaded(message.status, message.sha256);
    else if (this.phase === 'check') this.checked(true);
  }

  private onAcknowledgement(nextOffset: number): void {
    if (this.phase === 'announce' && nextOffset === 0) {
      this.phase = 'send';
      this.progress();
      this.speak();
    } else if (this.phase === 'send' && nextOffset > this.acknowledgedOctets && nextOffset <= this.sentOctets) {
      this.acknowledgedOctets = nextOffset;
      this.progress();
      if (nextOffset < this.file.octets.length) {
        this.fillWindow();
        this.wait();
      } else {
        this.phase = 'load';
        this.loadUntilPs = this.context.nowPs() + LOAD_PATIENCE_PS;
        this.speak();
      }
    }
  }

  private onLoaded(status: number, sha256: Uint8Array): void {
    if (status !== STATUS_OK) this.end({ loaded: false, reason: `the worker answers ${formatStatus(status)}` });
    else if (!sameOctets(sha256, this.file.sha256)) this.end({ loaded: false, reason: 'another image was loaded' });
    else this.end({ loaded: true });
  }

  private progress(): void {
    this.attempts = 0;
    this.timeoutPs = FIRST_TIMEOUT_PS;
  }

  private wait(): void {
    this.context.cancel(this.timer);
    this.timer = this.context.at(this.context.nowPs() + this.timeoutPs, () => this.onTimeout());
  }

  private onTimeout(): void {
    this.timeouts++;
    this.attempts++;
    this.timeoutPs = Math.min(2 * this.timeoutPs, LONGEST_TIMEOUT_PS);
    if (this.phase === 'check' && this.attempts >= CHECK_ATTEMPTS) {
      this.checked(false);
      return;
    }
    const patience = this.phase === 'announce' ? this.patienceAttempts : ATTEMPTS;
    const silent = this.phase === 'load' ? this.context.nowPs() > this.loadUntilPs : this.attempts >= patience;
    if (silent) this.end({ loaded: false, reason: `no answer in phase ${this.phase}` });
    else this.speak();
  }

  private checked(isLoaded: boolean): void {
    this.phase = 'over';
    this.context.cancel(this.timer);
    this.onChecked(isLoaded);
  }

  private end(end: TransferEnd): void {
    this.phase = 'over';
    this.context.cancel(this.timer);
    // One that is loaded may be asked about later.
    if (!end.loaded) this.port.close(this.transaction);
    this.onEnd(end);
  }

  private send(message: ManagementMessage): void {
    this.port.send(this.worker, message);
  }
}

function sameOctets(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((octet, index) => octet === other[index]);
}
