import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Launcher, lifeOf, thisLauncher } from '../processes/launcher.ts';
import { RunBundle } from './bundle.ts';
import { CONTROL_SOCKET, describeFate, fateOf, MANIFEST, settleDeadRuns } from './run-fate.ts';

const parent = mkdtempSync(join(tmpdir(), 'runs-'));
afterAll(() => rmSync(parent, { recursive: true }));

/** A process that has ended: nobody can be told apart from it by the id alone. */
let dead: Launcher;
beforeAll(async () => {
  const child = spawn(process.execPath, ['-e', '']);
  dead = { ...thisLauncher(), pid: child.pid! };
  await once(child, 'exit');
});

/** A folder of a run as one that is going on leaves it. */
function runOf(name: string, manifest: unknown): string {
  const folder = join(parent, name);
  mkdirSync(folder);
  writeFileSync(join(folder, MANIFEST), typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
  writeFileSync(join(folder, CONTROL_SOCKET), '');
  return folder;
}

describe('a launcher', () => {
  test('lives as long as its process', () => {
    expect(lifeOf(thisLauncher())).toBe('alive');
    expect(lifeOf(dead)).toBe('gone');
  });

  test('is gone when its id belongs to a later process, or the machine was started anew', () => {
    const here = thisLauncher();
    expect(lifeOf({ ...here, startTicks: here.startTicks - 1 })).toBe('gone');
    expect(lifeOf({ ...here, bootId: 'another' })).toBe('gone');
    expect(lifeOf({ ...here, host: 'another' })).toBe('elsewhere');
  });
});

describe('the fate of a run', () => {
  test('follows from manifest and launcher', () => {
    expect(fateOf(join(parent, 'nowhere'))).toEqual({ kind: 'none' });
    for (const text of ['', '{', 'null', '{}', '{"state":"started"}']) {
      expect(fateOf(runOf(`odd-${text.length}`, text)), text).toEqual({ kind: 'none' });
    }
    expect(fateOf(runOf('complete', { state: 'complete', launcher: dead }))).toEqual({
      kind: 'over',
      state: 'complete',
    });
    expect(fateOf(runOf('alive', { state: 'started', launcher: thisLauncher() })).kind).toBe('running');
    expect(fateOf(runOf('gone', { state: 'started', launcher: dead })).kind).toBe('gone');
    const elsewhere = fateOf(runOf('elsewhere', { state: 'started', launcher: { ...dead, host: 'moon' } }));
    expect(elsewhere.kind === 'elsewhere' && describeFate(elsewhere)).toMatch(/^was started on moon, process \d+; /);
  });

  test('of a run whose launcher died is written down once, and told', () => {
    const folder = join(parent, 'gone');
    expect(settleDeadRuns(parent)).toEqual([
      `the run in ${folder} died before its end: its launcher, process ${dead.pid}, is gone`,
    ]);
    expect(existsSync(join(folder, CONTROL_SOCKET))).toBe(false);
    expect(JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8'))).toEqual({ state: 'died', launcher: dead });
    expect(existsSync(join(parent, 'alive', CONTROL_SOCKET))).toBe(true);
    expect(settleDeadRuns(parent)).toEqual([]);
    expect(settleDeadRuns(join(parent, 'nowhere'))).toEqual([]);
  });
});

describe('a results folder', () => {
  test('of a run that goes on is not overwritten, asked for or not', () => {
    for (const overwrite of [false, true]) {
      expect(() => RunBundle.open(join(parent, 'alive'), overwrite)).toThrow(
        `' goes on (process ${process.pid}): give another --out, or end it with testbed control`,
      );
    }
  });

  test('of a dead run says so, and is overwritten when asked for', () => {
    expect(() => RunBundle.open(join(parent, 'gone'), false)).toThrow(
      'holds a run already, which died before its end: give another --out, or --overwrite to replace it',
    );
    RunBundle.open(join(parent, 'gone'), true);
    expect(existsSync(join(parent, 'gone', MANIFEST))).toBe(false);
  });
});
