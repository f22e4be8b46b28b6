import { COMMANDS } from '../../isa/commands.ts';
import { camLookup, camLookupAdd } from './cam-table.ts';
import { interthreadSignal, reflectRead, reflectWrite, writeNeighbour } from './cluster.ts';
import { hashLookup } from './hash-lookup.ts';
import {
  addThreadToRing,
  addWorkToRing,
  getFromRing,
  journalIntoRing,
  popFromRing,
  putIntoRing,
  xpbRegisters,
} from './island-ring.ts';
import {
  addThread,
  addWork,
  fastJournal,
  get,
  getFreely,
  journal,
  pop,
  popFreely,
  pushDescriptor,
  put,
  readDescriptor,
  writeDescriptor,
} from './memory-ring.ts';
import type { CommandPlan } from './plan.ts';
import type { CommandExecutor } from './world.ts';

/** What such a command has beside its executor. */
export interface OtherCommand extends Partial<Pick<CommandPlan, 'pair' | 'couples' | 'ringInOverride'>> {
  readonly execute: CommandExecutor;
  readonly needsOverride?: boolean;
}

const PAIR = { pair: true };
const COUPLES = { couples: true };
/** The override names the ring. */
const NAMED = { ringInOverride: true, needsOverride: true };

/** In `mem` without the memory, or with what objdump prints where a code has one meaning. */
const MEM: readonly (readonly [string, CommandExecutor, Omit<OtherCommand, 'execute'>?])[] = [
  ['emem.rd_qdesc', readDescriptor, NAMED],
  ['emem.wr_qdesc', writeDescriptor, NAMED],
  ['emem.push_qdesc', pushDescriptor],
  ['emem.put', put, PAIR],
  ['emem.get', get],
  ['emem.get_freely', getFreely],
  ['emem.pop', pop],
  ['emem.pop_freely', popFreely],
  ['emem.journal', journal],
  ['emem.fast_journal', fastJournal, NAMED],
  ['emem.qadd_work', addWork],
  ['emem.qadd_thread', addThread, COUPLES],
  ['emem.lookup', hashLookup, PAIR],
];

const CLS: typeof MEM = [
  ['ring_put', putIntoRing],
  ['ring_journal', journalIntoRing],
  ['get', getFromRing],
  ['get_safe', getFromRing],
  ['pop', popFromRing],
  ['pop_safe', popFromRing],
  ['ring_workq_add_work', addWorkToRing],
  ['ring_workq_add_thread', addThreadToRing, COUPLES],
];

const CT: typeof MEM = [
  ['xpb_read', xpbRegisters(false)],
  ['xpb_write', xpbRegisters(true)],
  ['ring_get', getFromRing],
  ['ring_put', putIntoRing],
  ['interthread_signal', interthreadSignal, COUPLES],
  ['ctnn_write', writeNeighbour, COUPLES],
  ['reflect_read_none', reflectRead('none'), COUPLES],
  ['reflect_read_sig_init', reflectRead('init'), COUPLES],
  ['reflect_read_sig_remote', reflectRead('remote'), COUPLES],
  ['reflect_read_sig_both', reflectRead('both'), COUPLES],
  ['reflect_write_none', reflectWrite('none'), COUPLES],
  ['reflect_write_sig_init', reflectWrite('init'), COUPLES],
  ['reflect_write_sig_remote', reflectWrite('remote'), COUPLES],
  ['reflect_write_sig_both', reflectWrite('both'), COUPLES],
];

/** Commands with an executor of their own, by target and name as objdump spells it. */
export const OTHER_COMMANDS: ReadonlyMap<string, OtherCommand> = new Map([
  ...COMMANDS.filter(({ target }) => target === 'mem').flatMap(({ name }) => {
    const parts = name.split('/');
    const row = MEM.find(([part]) => parts.includes(part));
    if (row !== undefined) return [entry('mem', name, row[1], row[2])];
    const cam = /^cam\d+_lookup\d+(_add)?$/.exec(parts[0]!);
    return cam === null ? [] : [entry('mem', name, cam[1] === undefined ? camLookup : camLookupAdd, PAIR)];
  }),
  ...CLS.map(([name, execute, more]) => entry('cls', name, execute, more)),
  ...CT.map(([name, execute, more]) => entry('ct', name, execute, more)),
]);

function entry(
  target: string,
  name: string,
  execute: CommandExecutor,
  more: Omit<OtherCommand, 'execute'> = {},
): [string, OtherCommand] {
  return [`${target} ${name}`, { execute, ...more }];
}
