import { CommandReader } from './command-reader.ts';
import { execute } from './execute.ts';
import type { Reply } from './replies.ts';
import type { MemcachedState } from './state.ts';

/** `more`: nothing complete is left to execute. `close`: the client said goodbye, or sends no protocol at all. */
export type Step = Reply | 'more' | 'close';

/** One client's stream of commands, executed one by one. */
export class AsciiSession {
  private readonly state: MemcachedState;
  private readonly reader: CommandReader;

  constructor(state: MemcachedState) {
    this.state = state;
    this.reader = new CommandReader(state.storage.maximumItemOctets);
  }

  /** More octets of the stream, which are not copied and must not change. */
  append(octets: Uint8Array): void {
    this.reader.append(octets);
  }

  /** Executes the next complete command and returns its answer. */
  step(): Step {
    const command = this.reader.next();
    if (typeof command === 'string') return command;
    if (command.words[0] === 'quit') return 'close';
    return execute(this.state, command);
  }
}
