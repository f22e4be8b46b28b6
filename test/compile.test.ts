import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt, scratchFolder, testbed } from './run-testbed.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = scratchFolder();
const published = join(root, 'examples', 'published-shape');
const PROGRAM = ['--p4', join(published, 'prog.p4'), '--c', join(published, 'plugin.c')];
const RULES = ['--rules', join(published, 'prog.p4cfg')];
const WEB_SERVER = ['--c', join(root, 'lambdas', 'web-server')];

beforeAll(ensureBuilt);
afterAll(() => scratch.dispose());

function file(name: string, text: string): string {
  const path = join(scratch.path, name);
  writeFileSync(path, text);
  return path;
}

describe('testbed compile', () => {
  it('makes an image of a whole P4 program that the disassembler reads', async () => {
    const image = join(scratch.path, 'prog.elf');
    expect(await testbed('compile', ...PROGRAM, ...RULES, '-o', image)).toMatchObject({ status: 0, stdout: '' });
    const listing = await testbed('npu', 'disasm', image);
    const stats = JSON.parse((await testbed('compile', ...PROGRAM, ...RULES, '--json')).stdout) as {
      statistics: { instructions: number };
    };
    expect(listing.status).toBe(0);
    expect(listing.stdout.trimEnd().split('\n')).toHaveLength(stats.statistics.instructions);
  });

  it('shows the code with the lines that it comes from', async () => {
    const { stdout } = await testbed('compile', ...PROGRAM, ...RULES, '--emit', 'asm');
    expect(stdout).toMatch(/; .*plugin\.c:\d+ {2}job->__content_0 = 0x68693a20;/);
    expect(stdout).toMatch(/; .*prog\.p4:\d+ {2}modify_field\(eth\.dstAddr, eth\.srcAddr\);/);
  });

  it('shows what lies where', async () => {
    const { stdout } = await testbed('compile', ...PROGRAM, ...RULES, '--emit', 'map');
    expect(stdout).toMatch(/emem {2}0x[0-9a-f]{8} +4096 {2}picture \(runtime\)/);
    expect(stdout).toMatch(/code {2}0x00000000 +\d+ {2}main \(runtime\)/);
  });

  it('draws the parse graph and the controls', async () => {
    const { stdout } = await testbed('compile', ...PROGRAM, ...RULES, '--emit', 'graph');
    expect(stdout).toContain('"state parse_udp" -> "state parse_job" [label="0x1111"];');
    expect(stdout).toContain('label="control egress"');
  });

  it('makes the match stage of lambdas alone', async () => {
    const { status, stdout } = await testbed('compile', ...WEB_SERVER, '--emit', 'match');
    expect(status).toBe(0);
    expect(stdout).toContain('if (lambda_hdr.wId == WEB_SERVER_ID) {');
    expect(stdout).not.toContain('memcached_hdr');
  });

  it('compiles to more instructions without its passes', async () => {
    const count = async (...flags: string[]): Promise<number> => {
      const { stdout } = await testbed('compile', ...WEB_SERVER, '--json', ...flags);
      return (JSON.parse(stdout) as { statistics: { instructions: number } }).statistics.instructions;
    };
    const all = await count();
    expect(await count('-O0')).toBeGreaterThan(all);
    expect(await count('--disable', 'promote-locals')).toBeGreaterThan(all);
  });

  it('reports what the passes save, of a program and of the one behind Figure 9', async () => {
    const report = async (...flags: string[]) =>
      JSON.parse((await testbed('compile', '--report', '--json', ...flags)).stdout) as {
        stages: { name: string; measuredCycles?: number }[];
      };
    const names = ['naive', 'lambda-coalescing', 'match-reduction', 'memory-stratification'];
    const figure9 = await report();
    expect(figure9.stages.map(({ name }) => name)).toEqual(names);
    expect(figure9.stages.every(({ measuredCycles }) => measuredCycles! > 1000)).toBe(true);
    const unmeasured = await report(...WEB_SERVER);
    expect(unmeasured.stages.map(({ name }) => name)).toEqual(names);
    expect(unmeasured.stages.every(({ measuredCycles }) => measuredCycles === undefined)).toBe(true);
  });

  it("measures a folder's program with its workload, and says when nothing can be measured", async () => {
    const example = fileURLToPath(new URL('../examples/lambdas-alone', import.meta.url));
    const measured = await testbed('compile', '--report', '--program', example);
    const rows = measured.stdout.split('\n').filter((line) => /^(naive|\+ )/.test(line));
    expect(rows).toHaveLength(4);
    for (const row of rows) expect(Number(row.trim().split(/ +/).at(-1)), row).toBeGreaterThan(300);
    expect(measured.stdout).not.toContain('paper');
    expect((await testbed('compile', '--report', ...WEB_SERVER)).stderr).toContain('note: nothing is measured');
    const both = await testbed('compile', '--program', example, '--p4', 'x.p4', '--emit', 'map');
    expect(both).toMatchObject({ status: 2, stderr: expect.stringContaining('--p4: expected none beside --program') });
  });

  it('divides as it is told', async () => {
    const lambda = file(
      'third.c',
      'int third(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data) {\n' +
        '  PIF_PLUGIN_server_hdr_T *request = pif_plugin_hdr_get_server_hdr(headers);\n' +
        '  request->address = request->address / 3;\n  return PIF_PLUGIN_RETURN_FORWARD;\n}\n',
    );
    const code = async (...flags: string[]) =>
      (await testbed('compile', '--c', lambda, '--emit', 'asm', ...flags)).stdout;
    expect(await code()).not.toContain('__divide');
    expect(await code('--divide=routine')).toContain('__divide');
  });

  it('takes defines and folders of included files', async () => {
    mkdirSync(join(scratch.path, 'include'), { recursive: true });
    file(join('include', 'page.h'), '#define PAGE (BASE + 1)\n');
    const lambda = file(
      'paged.c',
      '#include <page.h>\nint paged(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data) {\n' +
        '  pif_plugin_hdr_get_lambda_hdr(headers)->status = PAGE;\n  return PIF_PLUGIN_RETURN_FORWARD;\n}\n',
    );
    const flags = ['--c', lambda, '-I', join(scratch.path, 'include')];
    expect(await testbed('compile', ...flags, '-DBASE=6', '--emit', 'asm')).toMatchObject({ status: 0, stderr: '' });
    const without = await testbed('compile', ...flags, '--emit', 'asm');
    expect(without.status).toBe(2);
    expect(without.stderr).toMatch(/BASE is not declared/);
  });
});

describe('a bad program', () => {
  it('gets all its errors and warnings in one run, with status 2', async () => {
    const bad = file(
      'bad.c',
      'int pif_plugin_bad(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data) {\n  int unused;\n  return a + b;\n}\n',
    );
    const { status, stdout, stderr } = await testbed('compile', '--c', bad, '--emit', 'stats');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr.split('\n')).toEqual([
      `${bad}:3:10: error: a is not declared [name-undeclared]`,
      '    3 |   return a + b;',
      '      |          ^',
      `${bad}:3:14: error: b is not declared [name-undeclared]`,
      '    3 |   return a + b;',
      '      |              ^',
      `${bad}:2:7: warning: unused is never used [unused-variable]`,
      '    2 |   int unused;',
      '      |       ^',
      '2 errors, 1 warning',
      '',
    ]);
  });

  it('is told as JSON to those who ask for it', async () => {
    const bad = file('worse.c', 'int helper(void) { return 1; }\n');
    const { status, stdout } = await testbed('compile', '--c', bad, '--json');
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      diagnostics: [{ severity: 'error', code: 'match-no-lambda', file: bad, line: 1, column: 1 }],
    });
  });

  it('is one whose primitive action nobody wrote', async () => {
    const plugin = file(
      'half.c',
      readFileSync(join(published, 'plugin.c'), 'utf8').replace('pif_plugin_write_command', 'pif_plugin_write_comand'),
    );
    const { status, stderr } = await testbed('compile', ...PROGRAM.slice(0, 3), plugin, ...RULES, '--emit', 'stats');
    expect(status).toBe(2);
    expect(stderr).toMatch(/prog\.p4:\d+:\d+: error: pif_plugin_write_command is declared, but no file defines it/);
  });

  it('shows warnings of a program that compiles', async () => {
    const warned = file(
      'warned.c',
      'int pif_plugin_warned(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data) { int spare; return 0; }\n',
    );
    const { status, stderr } = await testbed('compile', '--c', warned, '--emit', 'map');
    expect(status).toBe(0);
    expect(stderr).toMatch(/warned\.c:1:\d+: warning: spare is never used \[unused-variable\][\s\S]*1 warning/);
  });
});

describe('a bad command line', () => {
  it.each([
    ['nothing to compile', [], /expected a program: --p4 prog\.p4, --c plugin\.c/],
    ['no file for the image', WEB_SERVER, /--out: expected a file for the image/],
    ['a pass that is not there', [...WEB_SERVER, '--disable', 'promote-local'], /did you mean 'promote-locals'\?/],
    ['a file that is not there', ['--c', 'none.c', '--emit', 'map'], /--c: 'none\.c' cannot be read \(ENOENT\)/],
    ['a folder without C', ['--c', join(root, 'docs'), '--emit', 'map'], /expected Micro-C files \(\.c\) in/],
    [
      'a name that is none',
      [...WEB_SERVER, '-D', '7=1', '--emit', 'map'],
      /-D: expected NAME or NAME=VALUE, got '7=1'/,
    ],
    ['rules for lambdas', [...WEB_SERVER, ...RULES, '--emit', 'map'], /--rules: expected a whole P4 program/],
    ['a match stage of a program', [...PROGRAM, ...RULES, '--emit', 'match'], /--emit match: expected lambdas alone/],
  ])('%s', async (_, flags, message) => {
    const { status, stderr } = await testbed('compile', ...flags);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });
});
