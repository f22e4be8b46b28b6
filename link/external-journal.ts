import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { InputError, RunError } from '../base/errors.ts';
import type { ExternalQuestion } from '../time/external.ts';
import type { ExternalService } from './external-calls.ts';

/** One line of `external.jsonl`: what a node asked outside the emulation, when, and what it was answered. */
export interface ExternalExchange {
  /** Emulated time of the question. */
  readonly timePs: number;
  readonly node: string;
  readonly request: Uint8Array;
  readonly answer: Uint8Array;
}

const FLUSH_CHARACTERS = 65_536;

/** Writes `external.jsonl`. Octets are texts of the code units 0 to 255, so that a person can read what was asked. */
export class ExternalJournal {
  private readonly file: number;
  private text = '';

  constructor(path: string) {
    this.file = openSync(path, 'w');
  }

  note({ timePs, node, request, answer }: ExternalExchange): void {
    this.text += `${JSON.stringify({ timePs, node, request: textOf(request), answer: textOf(answer) })}\n`;
    if (this.text.length > FLUSH_CHARACTERS) this.flush();
  }

  flush(): void {
    if (this.text !== '') writeSync(this.file, this.text);
    this.text = '';
  }

  close(): void {
    this.flush();
    closeSync(this.file);
  }
}

/** Answers as the journal of an earlier run says, and needs no server. */
export class JournalledAnswers implements ExternalService {
  private readonly path: string;
  private readonly exchanges: readonly { readonly request: string; readonly answer: string }[];
  private next = 0;

  /** @throws InputError when the file is no journal */
  constructor(path: string) {
    this.path = path;
    this.exchanges = readExchanges(path);
  }

  /** @throws RunError when the run asks something else than the one that wrote the journal */
  ask({ request }: ExternalQuestion, answered: (answer: Uint8Array) => void): void {
    const exchange = this.exchanges[this.next++];
    if (exchange === undefined) {
      throw new RunError(
        'journal-ended',
        `${this.path} ends after ${this.exchanges.length} answers: the run asks more`,
      );
    }
    if (exchange.request !== textOf(request)) {
      const asked = JSON.stringify(textOf(request).slice(0, 80));
      const expected = JSON.stringify(exchange.request.slice(0, 80));
      throw new RunError('journal-differs', `${this.path}:${this.next}: the run asks ${asked}, not ${expected}`);
    }
    answered(Buffer.from(exchange.answer, 'latin1'));
  }

  close(): void {}
}

function readExchanges(path: string): { request: string; answer: string }[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new InputError(
      'unreadable-journal',
      `${path} cannot be read (${reason}): expected the external.jsonl of a run`,
    );
  }
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line, index) => {
    try {
      const { request, answer } = JSON.parse(line) as { request?: unknown; answer?: unknown };
      if (typeof request === 'string' && typeof answer === 'string') return { request, answer };
    } catch {
      // Told below.
    }
    throw new InputError(
      'unreadable-journal',
      'expected {"timePs", "node", "request", "answer"} of an external.jsonl',
      {
        file: path,
        line: index + 1,
        column: 1,
      },
    );
  });
}

function textOf(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('latin1');
}
