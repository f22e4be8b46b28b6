import { ACCESS_READ } from '../../memory/engine.ts';
import { type CommandExecutor, fault, ownerMay } from './world.ts';

/**
 * `lookup` of the lookup engine: hashed lookups of a 32-bit key in buckets of 16 octets and of a 128-bit key in buckets
 * of 64, four keys a bucket. Source: Netronome's open flowenv, lib/nfp/mem_lkup.h and _c/mem_lkup.c, which describe these
 * two. *Inferred*: the first register returns the lower 32 bits of the entry's address, the others 0.
 */

const OPERATION_KEY_32 = 0x10;
const OPERATION_KEY_128 = 0x1d;
const KEYS = 4;
const LEAST_BUCKETS = 1 << 10;

export const hashLookup: CommandExecutor = (access) => {
  const { world, core, instruction, plan, target, address, length, transferIn, transferOut, cycle } = access;
  const operation = (address >>> 2) & 0x3f;
  const isHash = ((address >>> 29) & 3) === 1;
  if (!isHash || (operation !== OPERATION_KEY_32 && operation !== OPERATION_KEY_128) || length > 1) {
    return fault(core, 'bad-override', instruction, `${plan.name} operation ${operation}`, address);
  }
  if (target === undefined || (target.name !== 'emem' && target.name !== 'imem')) {
    return fault(core, 'unmapped-read', instruction, plan.name, address);
  }
  const keyWords = operation === OPERATION_KEY_32 ? 1 : 4;
  const bucketOctets = 4 * keyWords * KEYS;
  const buckets = LEAST_BUCKETS << ((address >>> 8) & 7);
  const table = (((address >>> 12) & 0x1ffff) * 0x1_0000) % 2 ** 32;
  const start = address & 3;

  // The data as one number, its first word the least significant; what was not given is zero.
  const words = (length + 1) * 2;
  const data = Array.from({ length: words }, (_, i) => world.file[transferOut + i]!);
  const bucketOffset = (data[start] ?? 0) & (buckets - 1);
  const bucket = table + bucketOffset * bucketOctets;
  if (bucket + bucketOctets > target.memory.octets || !ownerMay(access, target, bucket, bucketOctets, 'read')) {
    return fault(core, 'unmapped-read', instruction, target.name, bucket);
  }
  const shift = Math.log2(buckets);
  const key = Array.from({ length: keyWords }, (_, i) => {
    const low = data[start + i] ?? 0;
    const high = data[start + i + 1] ?? 0;
    return (low >>> shift) | (high << (32 - shift));
  });
  let found = 0;
  for (let entry = KEYS - 1; entry >= 0; entry--) {
    const at = bucket + entry * 4 * keyWords;
    if (key.every((word, i) => target.memory.readWord(at + 4 * i) === word)) found = at;
  }
  world.file.fill(0, transferIn, transferIn + words);
  world.file[transferIn] = found;
  return target.engine.access(cycle, bucket, bucketOctets, ACCESS_READ, target.latency);
};
