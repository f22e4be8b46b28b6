import { Fifo } from '../base/fifo.ts';

/** One line of `/system/logs`: `LogEntry` of OpenFaaS's API. */
export interface LogEntry {
  readonly name: string;
  readonly namespace: string;
  /** Worker that served the call; empty where it is not known. */
  readonly instance: string;
  readonly timestamp: string;
  readonly text: string;
}

/** Lines that are kept of each function; older ones are forgotten. */
const MOST_LINES = 1_000;

/**
 * What can be said of each call of a function from outside it: a lambda on a NIC has nowhere to print to. Bodies are not
 * logged.
 */
export class CallLog {
  private readonly lines = new Map<string, Fifo<LogEntry>>();
  private readonly followers = new Set<(entry: LogEntry) => void>();

  append(name: string, instance: string, text: string): void {
    const entry = { name, namespace: '', instance, timestamp: new Date().toISOString(), text };
    let lines = this.lines.get(name);
    if (lines === undefined) {
      lines = new Fifo();
      this.lines.set(name, lines);
    }
    lines.push(entry);
    if (lines.length > MOST_LINES) lines.shift();
    for (const follower of this.followers) follower(entry);
  }

  /** Lines of a function so far, oldest first. */
  of(name: string): LogEntry[] {
    return [...(this.lines.get(name) ?? [])];
  }

  /** Tells of each new line until the returned function is called. */
  follow(follower: (entry: LogEntry) => void): () => void {
    this.followers.add(follower);
    return () => this.followers.delete(follower);
  }
}
