import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { RunError } from '../base/errors.ts';
import { PcapFile } from './pcap-file.ts';
import { PcapReader } from './pcap-reader.ts';

/** A disk with this many octets left; a write takes what fits, the next one fails, as a file system does. */
const disk = vi.hoisted(() => ({ freeOctets: Number.POSITIVE_INFINITY }));

vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof import('node:fs')>();
  return {
    ...fs,
    writeSync: (descriptor: number, octets: Uint8Array, offset: number, length: number) => {
      if (disk.freeOctets === 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
      const written = fs.writeSync(descriptor, octets, offset, Math.min(length, disk.freeOctets));
      disk.freeOctets -= written;
      return written;
    },
  };
});

it('a capture whose disk fills up is cut back to whole records, and fails the run once', () => {
  const folder = mkdtempSync(join(tmpdir(), 'disk-full-'));
  const path = join(folder, 'a.pcap');
  const file = PcapFile.create(path);
  for (let i = 0; i < 10; i++) file.write(i, new Uint8Array(100));
  file.flush();
  disk.freeOctets = 250;
  for (let i = 0; i < 10; i++) file.write(i, new Uint8Array(100));
  expect(() => file.flush()).toThrow(RunError);
  file.write(99, new Uint8Array(100));
  file.close();
  let records = 0;
  const reader = new PcapReader(() => records++);
  reader.push(readFileSync(path));
  reader.end();
  expect([records, reader.damage]).toEqual([10, undefined]);
  rmSync(folder, { recursive: true });
});
