import type { RunError } from '../base/errors.ts';
import type { ExternalCalls } from './external-calls.ts';
import { ExternalConnection } from './external-connection.ts';
import { ExternalJournal, JournalledAnswers } from './external-journal.ts';
import type { ExternalSpec } from './supervision.ts';

/**
 * Connects the questions of a process with whoever answers them.
 * @throws RunError when the server cannot be reached, InputError when the journal cannot be read
 */
export async function openExternal(
  calls: ExternalCalls,
  { source, journalFile }: ExternalSpec,
  onFailure: (error: RunError) => void,
): Promise<void> {
  const service =
    'answersFile' in source
      ? new JournalledAnswers(source.answersFile)
      : await ExternalConnection.open(source, onFailure);
  calls.open(service, new ExternalJournal(journalFile));
}
