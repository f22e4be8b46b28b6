import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../base/errors.ts';
import { loadTopology, projectFolder } from '../../topology/load-topology.ts';
import { prepareInputs } from '../run/run-inputs.ts';
import { describeViolations, endlessLoopOf } from '../run/violations.ts';
import { compileLambdas } from './compile-lambdas.ts';

const scratch = mkdtempSync(join(tmpdir(), 'lambda-nic-lambdas-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const shipped = join(projectFolder(), 'lambdas');
let folders = 0;

/** A folder of the user's with the one-worker topology, whose lambdas lie in `lambdas/` beside it. */
function userFolder(...lambdas: string[]): {
  readonly topology: string;
  readonly path: (...parts: string[]) => string;
} {
  const folder = join(scratch, `user-${folders++}`);
  const path = (...parts: string[]) => join(folder, ...parts);
  mkdirSync(path('lambdas'), { recursive: true });
  for (const lambda of lambdas) cpSync(join(shipped, lambda), path('lambdas', lambda), { recursive: true });
  const topology = path('mine.yaml');
  writeFileSync(topology, readFileSync(join(projectFolder(), 'topology', 'one-worker.yaml'), 'utf8'));
  edit(topology, /\.\.\/lambdas\/([a-z-]+)/g, (_, name: string) =>
    lambdas.includes(name) ? `lambdas/${name}` : join(shipped, name),
  );
  return { topology, path };
}

function edit(file: string, from: RegExp, to: string | ((...groups: string[]) => string)): void {
  const text = readFileSync(file, 'utf8');
  const changed = text.replace(from, to as (...groups: string[]) => string);
  expect(changed).not.toBe(text);
  writeFileSync(file, changed);
}

/** Position in the topology file of the value of a lambda's `source`, as messages write it. */
function sourceOf(topology: string, lambda: string): string {
  const lines = readFileSync(topology, 'utf8').split('\n');
  const line = lines.findIndex((text) => text.includes(`name: ${lambda},`));
  return `${topology}:${line + 1}:${lines[line]!.indexOf('source: ') + 'source: '.length + 1}`;
}

function faultOf(topology: string, prepare: (name: string) => unknown = (name) => compileLambdas(loadTopology(name))) {
  try {
    prepare(topology);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('the lambdas were accepted');
}

describe('lambdas outside of the project', () => {
  it('give the same image wherever they lie, runtime included', () => {
    const { topology, path } = userFolder(
      'web-server',
      'key-value-client',
      'image-transformer',
      'image-mean',
      'runtime',
    );
    const there = compileLambdas(loadTopology(topology));
    expect(there.octets).toEqual(compileLambdas(loadTopology('one-worker')).octets);
    expect(there.sourceFolders['lambdas/web-server']).toBe(path('lambdas', 'web-server'));
    expect(there.sourceFolders['lambdas/runtime']).toBe(path('lambdas', 'runtime'));
  });

  it('keep their name in __FILE__, wherever they lie', () => {
    const build = () => {
      const { topology, path } = userFolder('web-server');
      edit(path('lambdas', 'web-server', 'web-server.c'), /"home"/, '__FILE__');
      return compileLambdas(loadTopology(topology)).octets;
    };
    expect(build()).toEqual(build());
  });

  it('are named in errors, hints and notes by the file that the user can open', () => {
    const { topology, path } = userFolder('web-server');
    const source = path('lambdas', 'web-server', 'web-server.c');
    writeFileSync(source, '#include "none.h"\nint f(void) {\n  return 0;\n}\nint f(void) {\n  return 1;\n}\n');
    expect(faultOf(topology).message.split('\n')).toEqual([
      'the lambdas do not compile: 2 errors',
      `${source}:1:10: error: cannot find none.h [pp-no-such-file]`,
      '    1 | #include "none.h"',
      '      |          ^',
      `  hint: looked in: ${path('lambdas', 'web-server')}, lambdas/runtime`,
      `${source}:5:5: error: f is defined twice [name-redefined]`,
      '    5 | int f(void) {',
      '      |     ^',
      `  hint: first at ${source}:2:5`,
    ]);
  });

  it('are named in violations by the file that the user can open', () => {
    const { topology, path } = userFolder('web-server');
    const { sourceFolders } = compileLambdas(loadTopology(topology));
    const violation = (place: string) => ({
      timePs: 1,
      node: 'm2',
      sequence: 0,
      event: { kind: 'lambda-violation', violation: 'watchdog', lambda: 'web-server', place },
    });
    const source = path('lambdas', 'web-server', 'web-server.c');
    const inLambda = violation('lambdas/web-server/web-server.c:12');
    expect(endlessLoopOf(inLambda, sourceFolders)).toContain(`at ${source}:12`);
    expect(describeViolations([inLambda], sourceFolders)[0]).toContain(`at ${source}:12`);
    for (const place of ['instruction 7', '<generated>/pif_plugin.h:3']) {
      expect(describeViolations([violation(place)], sourceFolders)[0]).toContain(`at ${place}`);
    }
  });

  it('must be there, with Micro-C, each in a folder of its own', () => {
    const { topology, path } = userFolder('web-server', 'image-mean');
    const position = sourceOf(topology, 'web-server');
    const folder = path('lambdas', 'web-server');
    rmSync(join(folder, 'web-server.c'));
    expect(faultOf(topology).message).toBe(
      `${position}: lambda web-server: expected a Micro-C file such as ${join(folder, 'web-server.c')}, got none`,
    );
    rmSync(folder, { recursive: true });
    expect(faultOf(topology).message).toBe(
      `${position}: lambda web-server: expected a folder with Micro-C files, got '${folder}', which cannot be read (ENOENT)`,
    );
    edit(topology, /lambdas\/web-server/, 'lambdas/image-mean/');
    expect(faultOf(topology)).toMatchObject({ code: 'shared-lambda-folder' });
  });

  it('must be matched', () => {
    const { topology, path } = userFolder('web-server', 'runtime');
    edit(path('lambdas', 'runtime', 'match.p4'), /WEB_SERVER_ID/g, 'OTHER_ID');
    expect(faultOf(topology).message).toContain(
      `${sourceOf(topology, 'web-server')}: lambda web-server: expected the match stage ${path('lambdas', 'runtime', 'match.p4')} to ask for WEB_SERVER_ID`,
    );
  });
});

describe('a runtime beside the lambdas', () => {
  it('is compiled in place of the project’s', () => {
    const { topology, path } = userFolder('web-server', 'runtime');
    appendFileSync(path('lambdas', 'runtime', 'main.c'), '#error mine\n');
    expect(faultOf(topology).message).toMatch(new RegExp(`${path('lambdas', 'runtime', 'main.c')}:\\d+:1: error`));
  });

  it('get a match stage made for them when no runtime of the user says otherwise', () => {
    const { topology, path } = userFolder('web-server');
    mkdirSync(path('lambdas', 'same'));
    const lambda =
      'int same(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data) {\n  return PIF_PLUGIN_RETURN_FORWARD;\n}\n';
    writeFileSync(path('lambdas', 'same', 'same.c'), lambda);
    edit(topology, /lambdas:\n/, 'lambdas:\n  - { name: same, source: lambdas/same, workers: [m2] }\n');
    expect(compileLambdas(loadTopology(topology)).lambdaIds).toMatchObject({ same: 1, 'web-server': 2 });
    writeFileSync(path('lambdas', 'same', 'same.c'), lambda.replace('int same', 'int other'));
    expect(faultOf(topology).message).toContain('error: no lambda here; it has other [match-no-lambda]');
  });

  it('must have a match stage', () => {
    const { topology, path } = userFolder('web-server', 'runtime');
    rmSync(path('lambdas', 'runtime', 'match.p4'));
    expect(faultOf(topology).message).toBe(
      `${sourceOf(topology, 'web-server')}: runtime beside lambda web-server: expected ${path('lambdas', 'runtime', 'match.p4')}, got none: copy lambdas/runtime there and change it, or give the folder another name`,
    );
  });

  it('must be the only one', () => {
    const { topology, path } = userFolder('web-server', 'image-mean', 'runtime');
    cpSync(path('lambdas', 'image-mean'), path('other', 'image-mean'), { recursive: true });
    cpSync(path('lambdas', 'runtime'), path('other', 'runtime'), { recursive: true });
    edit(topology, /lambdas\/image-mean/, 'other/image-mean');
    expect(faultOf(topology).message).toBe(
      `${sourceOf(topology, 'image-mean')}: lambda image-mean: expected one runtime for all lambdas, got ${path('other', 'runtime')} and, beside lambda web-server, ${path('lambdas', 'runtime')}`,
    );
  });
});

describe('expected.json', () => {
  const prepare = (name: string) => prepareInputs(loadTopology(name), undefined);

  it('that is not there is said at the lambda, with its path once', () => {
    const { topology, path } = userFolder('web-server');
    const file = path('lambdas', 'web-server', 'expected.json');
    rmSync(file);
    expect(faultOf(topology, prepare).message).toBe(
      `${sourceOf(topology, 'web-server')}: lambda web-server: ${file} cannot be read (ENOENT): expected {"pages": [texts]} with what the lambda answers`,
    );
  });

  it.each(['null', '{', '{"pages": [1]}'])('that holds %s is refused', (text) => {
    const { topology, path } = userFolder('web-server');
    const file = path('lambdas', 'web-server', 'expected.json');
    writeFileSync(file, text);
    const { message } = faultOf(topology, prepare);
    expect(message.split(file)).toHaveLength(2);
    expect(message).toContain('expected {"pages": [texts]}');
  });
});
