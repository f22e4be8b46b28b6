import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt, type Finished, runNode, scratchFolder } from './run-testbed.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const manual = readFileSync(join(root, 'docs', 'p4-test.md'), 'utf8');
const scratch = scratchFolder();

beforeAll(async () => {
  await ensureBuilt();
  file('mirror.p4', blockOf('p4'));
  file('mirror.stf', blockOf('text'));
});
afterAll(() => scratch.dispose());

function file(name: string, content: string): void {
  writeFileSync(join(scratch.path, name), content);
}

/** The first block of a language in the manual. */
function blockOf(language: string): string {
  const found = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(manual);
  if (found === null) throw new Error(`no ${language} in the manual`);
  return found[1]!;
}

/** As a user types it, in the folder of the files. */
async function p4Test(...words: string[]): Promise<Finished> {
  return await runNode([join(root, 'bin', 'testbed.js'), 'p4', 'test', ...words], scratch.path);
}

describe('testbed p4 test', () => {
  it('prints what its manual shows', async () => {
    const [command, ...printed] = blockOf('console').split('\n');
    const { status, stdout, stderr } = await p4Test(...command!.replace('$ testbed p4 test ', '').split(' '));
    expect(stderr).toBe('');
    expect(stdout).toBe(printed.join('\n'));
    expect(status).toBe(1);
  });

  it('ends with status 0 when all is as expected', async () => {
    file('good.stf', 'packet 0 0001 0a\nexpect 1 0001 0b $\ncheck_counter seen(0) packets == 1\n');
    const { status, stdout } = await p4Test('mirror.p4', 'good.stf', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ passed: true, packets: 1, builds: 1 });
    expect(status).toBe(0);
  });

  it('puts a program in the published shape to its test: plugin, rules, clones, checksums', async () => {
    const folder = join(root, 'examples', 'published-shape');
    const words = ['prog.p4', 'prog.stf', '--c', 'plugin.c', '--rules', 'prog.p4cfg'];
    const { status, stdout } = await runNode([join(root, 'bin', 'testbed.js'), 'p4', 'test', ...words], folder);
    expect(stdout).toBe('5 passed; 4 packets\n');
    expect(status).toBe(0);
  });

  it('ends with status 2 and the place of what is wrong with a test', async () => {
    file('bad.stf', 'add nowhere key:1 bounce()\ncheck_counter seen($none) == 1\n');
    const { status, stderr, stdout } = await p4Test('mirror.p4', 'bad.stf');
    expect(stdout).toBe('');
    expect(stderr).toContain('bad.stf:1:5: error: there is no table nowhere [stf-unknown-name]');
    expect(stderr).toContain('bad.stf:2:1: error: no entry has this handle [stf-unknown-name]');
    expect(status).toBe(2);
  });

  it('ends with status 2 for a program that does not compile, and for a file that is not there', async () => {
    file('bad.p4', 'control ingress { apply(nothing); }\n');
    const program = await p4Test('bad.p4', 'mirror.stf');
    expect(program.stderr).toContain('bad.p4:1:');
    expect(program.status).toBe(2);
    const missing = await p4Test('mirror.p4', 'none.stf');
    expect(missing.stderr).toContain("test: 'none.stf' cannot be read");
    expect(missing.status).toBe(2);
  });
});
