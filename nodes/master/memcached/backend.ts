import type { HostCpu } from '../../../host/host-cpu.ts';
import type { Command } from './command-reader.ts';
import { execute } from './execute.ts';
import type { Reply } from './replies.ts';
import { type MemcachedOptions, MemcachedState } from './state.ts';
import { generalStatistics } from './stats-command.ts';

/** What executes the commands that reach M1. */
export interface MemcachedBackend {
  /** A larger data block is not kept by whoever reads the commands. */
  readonly largestBlockOctets: number;
  /** Executes one command on M1's processor and answers when its service time is over. */
  serve(command: Command, answer: (reply: Reply) => void): void;
  /** For the node's report. */
  counters(): Record<string, number>;
}

/** The memcached of this project, part of M1's model. */
export class EmbeddedBackend implements MemcachedBackend {
  private readonly cpu: Pick<HostCpu, 'run'>;
  private readonly servicePs: number;
  private readonly state: MemcachedState;

  /** @param servicePs time of the processor that each command takes, from the host's profile */
  constructor(cpu: Pick<HostCpu, 'run'>, servicePs: number, options: MemcachedOptions) {
    this.cpu = cpu;
    this.servicePs = servicePs;
    this.state = new MemcachedState(options);
  }

  get largestBlockOctets(): number {
    return this.state.storage.maximumItemOctets;
  }

  serve(command: Command, answer: (reply: Reply) => void): void {
    this.cpu.run(this.servicePs, () => answer(execute(this.state, command)));
  }

  /** The general statistics that are numbers, under the names that `stats` prints. */
  counters(): Record<string, number> {
    const counters: Record<string, number> = {};
    for (const [name, value] of generalStatistics(this.state)) if (typeof value === 'number') counters[name] = value;
    return counters;
  }
}
