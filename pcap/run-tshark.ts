import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Wireshark's own view of a capture, for tests: what tshark decodes, field by field. Tests that need it use
 * `describe.skipIf(skipWithoutTshark)`; with CI set nothing is skipped, so a missing tshark fails there.
 */
export const hasTshark = spawnSync('tshark', ['--version'], { stdio: 'ignore' }).status === 0;
export const skipWithoutTshark = !hasTshark && !process.env.CI;

export const LUA_DISSECTOR = fileURLToPath(new URL('./lambda-nic.lua', import.meta.url));

/** Every checksum that tshark can verify. */
const CHECKSUM_OPTIONS = ['-o', 'ip.check_checksum:TRUE', '-o', 'udp.check_checksum:TRUE'];

export interface TsharkOptions {
  /** Load `lambda-nic.lua`. Default true. */
  readonly dissector?: boolean;
  /** Display filter. */
  readonly filter?: string;
}

/** One row a packet, the fields' values in the order asked for; several values of one field are joined by commas. */
export function tsharkRows(file: string, fields: readonly string[], options: TsharkOptions = {}): string[][] {
  const lines = runTshark(file, ['-T', 'fields', ...fields.flatMap((field) => ['-e', field])], options);
  return lines.map((line) => line.split('\t'));
}

/** The one-line summaries that Wireshark's packet list shows. */
export function tsharkLines(file: string, options: TsharkOptions = {}): string[] {
  return runTshark(file, [], options);
}

/** Packets that Wireshark itself calls malformed or whose checksums it finds wrong; empty for a good capture. */
export function tsharkComplaints(file: string, options: TsharkOptions = {}): string[] {
  const filter =
    '_ws.malformed || _ws.expert.group == "Malformed" || ip.checksum.status == "Bad" || udp.checksum.status == "Bad" || icmp.checksum.status == "Bad"';
  return tsharkLines(file, { ...options, filter });
}

function runTshark(file: string, args: readonly string[], { dissector = true, filter }: TsharkOptions): string[] {
  const output = execFileSync(
    'tshark',
    [
      '-n',
      '-r',
      file,
      ...CHECKSUM_OPTIONS,
      ...(dissector ? ['-X', `lua_script:${LUA_DISSECTOR}`] : []),
      ...(filter === undefined ? [] : ['-Y', filter]),
      ...args,
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28 },
  );
  const lines = output.split('\n');
  lines.pop();
  return lines;
}
