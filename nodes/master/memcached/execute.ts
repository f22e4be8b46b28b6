import type { Command } from './command-reader.ts';
import { executeLine } from './line-commands.ts';
import { executeMeta, isMetaVerb } from './meta-commands.ts';
import { ERROR, type Reply } from './replies.ts';
import type { MemcachedState } from './state.ts';
import { executeStorage, isStorageVerb } from './storage-command.ts';

/** Carries out one command; `quit`, which concerns the connection alone, is the caller's. */
export function execute(state: MemcachedState, command: Command): Reply {
  const { words } = command;
  const verb = words[0];
  if (verb === undefined) return ERROR;
  state.statistics.bytes_read += command.octets.length;
  const reply = replyTo(state, verb, command);
  for (const part of reply) state.statistics.bytes_written += part.length;
  return reply;
}

function replyTo(state: MemcachedState, verb: string, command: Command): Reply {
  if (isStorageVerb(verb)) return executeStorage(state, verb, command);
  if (isMetaVerb(verb)) return executeMeta(state, verb, command);
  return executeLine(state, command.words);
}
