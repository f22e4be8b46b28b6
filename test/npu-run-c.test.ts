import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ensureBuilt, type Finished, PATIENCE_MS, runBuilt, scratchFolder } from './run-testbed.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const manual = readFileSync(join(root, 'docs', 'npu-run-c.md'), 'utf8');
const scratch = scratchFolder();

vi.setConfig({ testTimeout: PATIENCE_MS });
beforeAll(ensureBuilt, PATIENCE_MS);
afterAll(() => scratch.dispose());

function file(name: string, content: string): void {
  mkdirSync(join(scratch.path, name, '..'), { recursive: true });
  writeFileSync(join(scratch.path, name), content);
}

/** As a user types it, in the folder of the files. */
async function runC(...words: string[]): Promise<Finished> {
  return await runBuilt(['npu', 'run-c', ...words], scratch.path);
}

describe('the manual', () => {
  it('shows what a program prints and ends with', async () => {
    const [, program] = /```c\n(.*?)```/s.exec(manual)!;
    const [, command, printed] = /```console\n\$ testbed npu run-c (.*?); echo \$\?\n(.*?)```/s.exec(manual)!;
    file('collatz.c', program!);
    const { status, stdout } = await runC(...command!.split(' '));
    expect(`${stdout}${status}\n`).toBe(printed);
  });
});

describe('the exit status', () => {
  it.each([
    ['that of main, as a shell sees it', 'int main(void) { return 0x1ff; }', 255],
    ['that of exit', '#include <stdlib.h>\nint main(void) { exit(7); return 1; }', 7],
    ['134 after abort', '#include <stdlib.h>\nint main(void) { abort(); return 1; }', 134],
    ['139 after a fault', 'int main(void) { *(volatile int *)0x1234567890ull = 1; return 1; }', 139],
    ['125 for errors in the program', 'int main(void) { return unknown; }', 125],
    ['125 without main', 'int other(void) { return 0; }', 125],
  ])('is %s', async (_, program, expected) => {
    file('status.c', program);
    expect((await runC('status.c')).status).toBe(expected);
  });

  it('is 125 for bad command lines and files that are not there', async () => {
    file('fine.c', 'int main(void) { return 0; }');
    for (const words of [
      [],
      ['none.c'],
      ['fine.c', '-O3'],
      ['fine.c', '--profile', 'none'],
      ['fine.c', '-I', 'none'],
    ]) {
      const { status, stderr } = await runC(...words);
      expect(`${status} ${stderr}`).toMatch(/^125 error: /);
    }
  });

  it('is 124 for a program that does not end, and says where it is', async () => {
    file('endless.c', '#include <stdio.h>\nint main(void) {\n  puts("on and on");\n  for (;;);\n}\n');
    const { status, stdout, stderr } = await runC('endless.c', '--limit-cycles', '1000000');
    expect([status, stdout]).toEqual([124, 'on and on\n']);
    expect(stderr).toMatch(
      /^run failed: not at its end after 1000000 cycles \(--limit-cycles\): context 0 is at endless\.c:4/,
    );
  });
});

describe('what is printed', () => {
  it('goes to standard output and standard error, as the program says', async () => {
    file(
      'both.c',
      '#include <stdio.h>\nint main(void) { fputs("one\\n", stdout); fprintf(stderr, "%s %d\\n", "two", 2); return 0; }',
    );
    expect(await runC('both.c')).toEqual({ status: 0, stdout: 'one\n', stderr: 'two 2\n' });
  });

  it('is a failed assertion with its place', async () => {
    file('assert.c', '#include <assert.h>\nint main(void) {\n  int two = 2;\n  assert(two > 2);\n  return 0;\n}\n');
    expect(await runC('assert.c')).toEqual({
      status: 134,
      stdout: '',
      stderr: "assert.c:4: assertion 'two > 2' failed\n",
    });
  });

  it('are errors and warnings with place, excerpt and code', async () => {
    file('bad.c', 'int main(void) {\n  int spare;\n  return countr;\n}\n');
    const { stdout, stderr } = await runC('bad.c');
    expect(stdout).toBe('');
    expect(stderr).toContain(
      'bad.c:3:10: error: countr is not declared [name-undeclared]\n    3 |   return countr;\n      |          ^\n',
    );
  });

  it('is a warning beside the output of a program that runs', async () => {
    file('warned.c', '#include <stdio.h>\nint main(void) {\n  int spare;\n  puts("runs");\n  return 0;\n}\n');
    const { status, stdout, stderr } = await runC('warned.c');
    expect([status, stdout]).toEqual([0, 'runs\n']);
    expect(stderr).toContain('warned.c:3:7: warning: spare is never used [unused-variable]');
  });

  it('is one JSON value with --json', async () => {
    file('json.c', '#include <stdio.h>\nint main(void) { puts("text"); return 3; }');
    const { status, stdout } = await runC('json.c', '--json');
    const value = JSON.parse(stdout);
    expect(value).toMatchObject({ exitStatus: 3, end: 'ended', output: 'text\n', errors: '', failures: [] });
    expect(value.stats.cycles).toBeGreaterThan(0);
    expect(status).toBe(3);
  });

  it('are instructions, cycles and memory on standard error with --stats', async () => {
    file('stats.c', 'int counter;\nint main(void) { return ++counter; }');
    const { stderr } = await runC('stats.c', '--stats');
    expect(stderr).toMatch(
      /^instructions +\d+ in the image\ncycles +\d+ \(\d+ ns\)\nmemory +2 commands.*\nobjects +emem 4 octets\n$/,
    );
  });
});

it('takes several files, folders of headers, names and levels in both spellings', async () => {
  file('main.c', '#include "sum.h"\n#include <scale.h>\nint main(void) { return SCALE * sum(ONE, TWO(1)); }');
  file('sum.c', '#include "sum.h"\nint sum(int a, int b) { return a + b; }');
  file('sum.h', 'int sum(int a, int b);');
  file('folder/scale.h', '#define SCALE 10');
  for (const words of [
    ['-I', 'folder', '-D', 'ONE', '-D', 'TWO(x)=2*x', '-O', '0'],
    ['-Ifolder', '-DONE=1', '-DTWO(x)=2*x', '-O1'],
  ]) {
    expect((await runC('main.c', 'sum.c', ...words)).status).toBe(30);
  }
});
