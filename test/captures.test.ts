import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { summariseCapture } from '../pcap/capture-summary.ts';
import { skipWithoutTshark, tsharkComplaints, tsharkRows } from '../pcap/run-tshark.ts';
import { ensureBuilt, scratchFolder, summaryOf, testbed } from './run-testbed.ts';

describe.skipIf(skipWithoutTshark)('the captures of a run', () => {
  const scratch = scratchFolder();
  const captures = join(scratch.path, 'run', 'captures');

  beforeAll(async () => {
    await ensureBuilt();
    await summaryOf('--requests', '20', '--transport', 'memory', '--out', join(scratch.path, 'run'));
  });
  afterAll(() => scratch.dispose());

  it('open in tshark without a malformed packet or a wrong checksum, every link of them', () => {
    const names = readdirSync(captures);
    expect(names).toHaveLength(11);
    for (const name of names) expect(tsharkComplaints(join(captures, name)), name).toEqual([]);
  });

  it('show RoCEv2, lambda requests and memcached as such', () => {
    const protocols = (name: string) =>
      new Set(tsharkRows(join(captures, name), ['frame.protocols']).map(([row]) => row!));
    const worker = [...protocols('m2.eth0--switch.2.pcap')].join('\n');
    expect(worker).toMatch(/udp:infiniband/);
    expect(worker).toMatch(/eth:ethertype:arp/);
    const master = tsharkRows(join(captures, 'm1.eth0--switch.1.pcap'), ['udp.port'], { filter: 'udp' }).map(
      ([ports]) => ports!,
    );
    expect(master.some((ports) => ports.includes('4369'))).toBe(true);
    expect(master.some((ports) => ports.includes('11211'))).toBe(true);
  });

  it('are summarised by the command, microsecond captures through pcap-parser', async () => {
    const nanoseconds = await summariseCapture(join(captures, 'client.eth0--switch.6.pcap'));
    await summaryOf(
      '--requests',
      '20',
      '--transport',
      'memory',
      '--pcap-precision',
      'us',
      '--out',
      join(scratch.path, 'us'),
    );
    const path = join(scratch.path, 'us', 'captures', 'client.eth0--switch.6.pcap');
    const { status, stdout } = await testbed('capture', 'summary', path, '--json');
    expect(status).toBe(0);
    const microseconds = JSON.parse(stdout) as typeof nanoseconds;
    expect(microseconds.packets).toBe(nanoseconds.packets);
    expect(microseconds.packets).toBeGreaterThan(1_000);
  });
});
