import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { assemble } from '../npu/assembler/assembler.ts';
import { runProgram } from '../npu/nic/run-program.ts';
import { loadNicProfile } from '../topology/load-topology.ts';
import { ensureBuilt, type Finished, PATIENCE_MS, runBuilt, runNode, scratchFolder } from './run-testbed.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const manual = readFileSync(join(root, 'docs', 'npu-run.md'), 'utf8');
const scratch = scratchFolder();

vi.setConfig({ testTimeout: PATIENCE_MS });
beforeAll(async () => {
  await ensureBuilt();
  const table = new DataView(new ArrayBuffer(128));
  for (let i = 0; i < 16; i++) {
    table.setUint32(8 * i, 100 + i);
    table.setUint32(8 * i + 4, 1000 * i);
  }
  file('table.bin', new Uint8Array(table.buffer));
  file('frame.bin', new Uint8Array(60).fill(0x5a));
  file('lookup.asm', blockOf('asm'));
  file('echo.asm', ECHO);
}, PATIENCE_MS);
afterAll(() => scratch.dispose());

const ECHO = `receive:
  mem[ctm.packet_add_thread, $xfer_0, gprA_15, 0, 4], ctx_swap[sig1]
  alu[$xfer_0, --, B, $xfer_0]
  alu[$xfer_1, --, B, $xfer_1]
  mem[ctm.packet_complete_unicast, $xfer_0, gprA_15, 0, 2], ctx_swap[sig1]
  br[receive]
`;

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(scratch.path, name), content);
  return name;
}

/** The first block of a language in the manual. */
function blockOf(language: string): string {
  const found = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(manual);
  if (found === null) throw new Error(`no ${language} in the manual`);
  return found[1]!;
}

/** As a user types it, in the folder of the files. */
async function npu(...words: string[]): Promise<Finished> {
  return await runBuilt(['npu', ...words], scratch.path);
}

describe('the manual', () => {
  it('shows what the command prints', async () => {
    const [command, ...printed] = blockOf('console').split('\n');
    const { status, stdout } = await npu(...command!.replace('$ testbed npu ', '').split(' '));
    expect(stdout).toBe(printed.join('\n'));
    expect(status).toBe(0);
  });

  it('shows what its program prints, as a package of another project', async () => {
    mkdirSync(join(scratch.path, 'node_modules'));
    symlinkSync(root, join(scratch.path, 'node_modules', 'lambda-nic-testbed'));
    const { status, stdout, stderr } = await runNode([file('example.mjs', blockOf('js'))], scratch.path);
    expect(stderr).toBe('');
    expect(stdout).toBe(blockOf('text'));
    expect(status).toBe(0);
  });

  it('names types that the package has', () => {
    const types = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: Record<string, unknown> })
      .exports['./npu'] as { types: string };
    expect(readFileSync(join(root, types.types), 'utf8')).toContain('runProgram');
  });
});

describe('testbed npu run', () => {
  it('prints as JSON what the library call returns', async () => {
    const words = [
      'run',
      'lookup.asm',
      '--memory',
      'emem:0x1000=table.bin',
      '--registers',
      'gprA_0=0x6b',
      '--contexts',
      '8',
    ];
    const { status, stdout } = await npu(...words, '--json');
    const printed = JSON.parse(stdout) as { cycles: number; account: object[]; registers: object[]; counters: object };
    const { instructions } = assemble(blockOf('asm'));
    const result = runProgram({
      profile: loadNicProfile('agilio-cx-2x40'),
      instructions,
      starts: [0, 1, 2, 3, 4, 5, 6, 7],
      registers: { gprA_0: 107 },
      data: [{ memory: 'emem', address: 0x1000, octets: readFileSync(join(scratch.path, 'table.bin')) }],
      account: true,
    });
    expect(status).toBe(0);
    expect(printed).toMatchObject({ end: 'ended', failures: [], engine: 'interpreter' });
    expect(printed.cycles).toBe(result.cycles);
    expect(printed.account).toEqual(result.account);
    expect(printed.registers).toEqual(result.changes().registers);
    expect(printed.counters).toEqual(result.npu.counters);
    expect(result.register('gprB_0', 7)).toBe(7000);
  });

  it('comes to the same in the translating engine, but for the account', async () => {
    const words = [
      'run',
      'echo.asm',
      '--packet',
      'frame.bin',
      '--repeat',
      '500',
      '--contexts',
      '8',
      '--cores',
      '3',
      '--json',
    ];
    const [one, other] = await Promise.all([npu(...words), npu(...words, '--engine', 'translator')]);
    const a = JSON.parse(one.stdout) as Record<string, unknown>;
    const b = JSON.parse(other.stdout) as Record<string, unknown>;
    expect(a.framesSent).toBe(500);
    expect(b).toEqual({ ...a, engine: 'translator', account: [] });
  });

  it('shows frames, and changed octets of memory alone', async () => {
    file(
      'add.asm',
      'immed[gprA_0, 0x9c00, <<16]\nmem[add, $xfer_0, gprA_0, <<8, 0x18, 1], ctx_swap[sig1]\nctx_arb[kill]\n',
    );
    const count = await npu(
      'run',
      'add.asm',
      '--memory',
      'imem:24=frame.bin',
      '--repeat',
      '3',
      '--registers',
      'out_0=1',
    );
    expect(count.stdout).toContain(
      'imem, 1 octet changed\n  0x00000010  .. .. .. .. .. .. .. ..  .. .. .. 5d .. .. .. ..\n',
    );
    expect(count.stdout).toMatch(/rounds {8}3: first \d+ cycles/);
    const echo = await npu('run', 'echo.asm', '--packet', 'frame.bin', '--repeat', '3');
    expect(echo.stdout).toMatch(/3 frames to port 0 in cycles \d+ to \d+, 60 octets\n {2}0x00000000 {2}5a 5a/);
    expect(echo.stdout).toContain('3 delivered, 3 frames sent, 0 dropped; ');
  });

  it('traces line by line, within 80 columns', async () => {
    const { stdout } = await npu(
      'run',
      'lookup.asm',
      '--memory',
      'emem:0x1000=table.bin',
      '--registers',
      'gprA_0=100',
      '--trace',
    );
    expect(stdout.split('\n').slice(0, 6)).toEqual([
      '   cycle ctx  instruction',
      '       0   0     .0  immed[gprA_1, 0x9800, <<16]       gprA_1=0x98000000',
      '       1   0     .1  immed[gprB_1, 0x1000]             gprB_1=0x1000',
      '       2   0     .2  immed[gprA_2, 0x1080]             gprA_2=0x1080',
      '       3   0     .3  mem[read32, $xfer_0, gprA_1, <<8, gprB_1, 2],',
      '                     ctx_swap[sig1]',
    ]);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});

describe('testbed npu asm and disasm', () => {
  it('writes an image that runs as the text does, and prints its text', async () => {
    expect(await npu('asm', 'lookup.asm', '-o', 'lookup.elf')).toMatchObject({ status: 0, stdout: '', stderr: '' });
    const words = ['--memory', 'emem:0x1000=table.bin', '--registers', 'gprA_0=103', '--json'];
    const [text, image] = await Promise.all([npu('run', 'lookup.asm', ...words), npu('run', 'lookup.elf', ...words)]);
    expect(image.stdout).toBe(text.stdout.replace('lookup.asm', 'lookup.elf'));
    const listing = await npu('disasm', 'lookup.elf');
    expect(listing.stdout.split('\n')[0]).toBe('   0:\t .0  immed[gprA_1, 0x9800, <<16]');
    expect(assemble(listing.stdout).instructions).toEqual(assemble(blockOf('asm')).instructions);
  });

  it('does not write where it may not', async () => {
    const { status, stderr } = await npu('asm', 'lookup.asm', '-o', join(scratch.path, 'none', 'x.elf'));
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(/^error: --out: '.*x\.elf' cannot be written \(ENOENT\)\n$/),
    ]);
    expect(existsSync(join(scratch.path, 'none'))).toBe(false);
  });
});

describe('bad input ends with status 2, the place, and nothing on standard output', () => {
  const programs: [string, string, string][] = [
    ['an unknown mnemonic', 'nop\n  foo[gprA_0]\nctx_arb[kill]', ':2:3: error: unknown instruction "foo"'],
    ['a register out of range', 'alu[gprA_1, gprA_99, +, 1]\nctx_arb[kill]', ':1:13: error:'],
    [
      'two operands from one bank',
      'alu[gprA_1, gprA_2, +, gprA_3]\nctx_arb[kill]',
      ':1:24: error: both sources are in bank A',
    ],
    ['a branch out of range', 'nop\nbr[.9]', ':2:4: error:'],
    ['a count over the limit', 'mem[read32, $xfer_0, gprA_0, 0, 9], ctx_swap[sig1]\nctx_arb[kill]', ':1:33: error:'],
    ['falling off the end', 'nop\nimmed[gprA_0, 1]', ':2:1: error: execution goes past the last instruction'],
  ];
  for (const [name, text, expected] of programs) {
    it(name, async () => {
      const { status, stdout, stderr } = await npu('run', file('bad.asm', text));
      expect(stderr).toContain(`bad.asm${expected}`);
      const line = Number(expected.split(':')[1]);
      expect(stderr).toContain(`${line} | ${text.split('\n')[line - 1]}\n`);
      expect(stdout).toBe('');
      expect(status).toBe(2);
    });
  }

  const commands: [string, string[], RegExp][] = [
    ['no program', ['run', 'none.asm'], /program 'none\.asm' cannot be read \(ENOENT\)/],
    ['a program that is none', ['run', 'table.bin'], /'table\.bin' is no program/],
    [
      'a register that is none',
      ['run', 'echo.asm', '--registers', 'gprC_0=1'],
      /no register 'gprC_0': expected gprA_n/,
    ],
    ['a value that is none', ['run', 'echo.asm', '--registers', 'gprA_0=x'], /expected NAME=VALUE .*'gprA_0=x'/],
    ['a memory that is none', ['run', 'echo.asm', '--memory', 'dram:0=table.bin'], /expected MEMORY:ADDRESS=FILE/],
    [
      'octets beyond a memory',
      ['run', 'echo.asm', '--memory', 'cls:0xfff0=table.bin'],
      /within the 65536 octets of cls/,
    ],
    [
      'a packet that is too short',
      ['run', 'echo.asm', '--packet', 'empty.bin'],
      /has 0 octets: expected a frame of 14 to/,
    ],
    [
      'too many contexts',
      ['run', 'echo.asm', '--contexts', '9'],
      /--contexts: expected a whole number from 1 to 8, got 9/,
    ],
    [
      'contexts that the mode lacks',
      ['run', 'echo.asm', '--contexts', '5', '--context-mode', '4'],
      /some of 0 to 3, got 4/,
    ],
    ['a profile that is none', ['run', 'echo.asm', '--profile', 'agilio'], /no profile 'agilio'/],
    ['an unknown action', ['compile', 'echo.asm'], /no command 'compile': expected one of run, run-c, asm, disasm/],
    [
      'a trace of translated code',
      ['run', 'echo.asm', '--trace', '--engine', 'translator'],
      /--trace: expected --engine/,
    ],
  ];
  for (const [name, words, expected] of commands) {
    it(name, async () => {
      file('empty.bin', '');
      const { status, stdout, stderr } = await npu(...words);
      expect(stderr).toMatch(expected);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(stdout).toBe('');
      expect(status).toBe(2);
    });
  }
});

describe('a fault of the program ends with status 1, its instruction, line and address', () => {
  const cases: [string, string, string[], RegExp][] = [
    [
      'a violation',
      'immed[gprA_0, 0xa600, <<16]\nnop\nmem[write32, $xfer_0, gprA_0, <<8, 0x40, 1], ctx_swap[sig1]\nctx_arb[kill]',
      [],
      /fault\.asm:3: instruction \.2, mem\[write32, .*\]: unmapped-write: context 0 .*address 0x40$/,
    ],
    [
      'a misaligned access',
      'immed[gprA_0, 2]\nmem[read32, $xfer_0, gprA_0, 0, 1], ctx_swap[sig1]\nctx_arb[kill]',
      [],
      /fault\.asm:2: .*misaligned: .*ctm address 0x2$/,
    ],
    [
      'an endless loop',
      'nop\nloop:\nbr[loop]',
      ['--limit-cycles', '1000'],
      /not at its end after 1000 cycles .*context 0 is at fault\.asm:3: instruction \.1, br\[\.1\]$/,
    ],
    [
      'a signal that nothing raises',
      'nop\nctx_arb[sig4]\nctx_arb[kill]',
      [],
      /fault\.asm:2: instruction \.1, ctx_arb\[sig4\]: context 0 waits for sig4, which nothing will raise$/,
    ],
    ['packets that nobody takes', 'ctx_arb[kill]', ['--packet', 'frame.bin'], /1 packet was never received/],
  ];
  for (const [name, text, words, expected] of cases) {
    it(name, async () => {
      const { status, stdout, stderr } = await npu('run', file('fault.asm', text), ...words);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect(stderr.trim()).toMatch(expected);
      expect(stdout).toContain('program       fault.asm');
      expect(status).toBe(1);
    });
  }
});
