import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shippedProfile } from '../test/shipped-files.ts';
import { buildFirmware } from './build-firmware.ts';
import { type Diagnostic, formatDiagnostic } from './diagnostics.ts';

/** The example in the published shape, by path within its folder. */
const FOLDER = fileURLToPath(new URL('../examples/published-shape', import.meta.url));
const example = new Map(
  ['', 'includes/'].flatMap((below) =>
    readdirSync(`${FOLDER}/${below}`)
      .filter((name) => /\.(p4|c|p4cfg)$/.test(name))
      .map((name) => [below + name, readFileSync(`${FOLDER}/${below}${name}`, 'utf8')] as const),
  ),
);
const profile = shippedProfile();

function diagnosticsOf(files: ReadonlyMap<string, string>): readonly Diagnostic[] {
  const build = buildFirmware({
    files,
    profile,
    p4: 'prog.p4',
    rules: 'prog.p4cfg',
    wholeProgram: true,
    runtime: ['plugin.c'],
    lambdas: [],
  });
  const diagnostics = build.ok ? build.warnings : build.diagnostics;
  for (const each of diagnostics) expect(formatDiagnostic(each, files)).toContain(each.code);
  if (!build.ok) expect(diagnostics.some(({ severity }) => severity === 'error')).toBe(true);
  return diagnostics;
}

/** The example with one text changed. */
function change(path: string, from: string, to: string) {
  const text = example.get(path)!;
  expect(text).toContain(from);
  return new Map(example).set(path, text.replace(from, to));
}

function placeOf(files: ReadonlyMap<string, string>, path: string, text: string): string {
  const before = files.get(path)!.slice(0, files.get(path)!.indexOf(text)).split('\n');
  return `${path}:${before.length}:${before.at(-1)!.length + 1}`;
}

const errorsOf = (files: ReadonlyMap<string, string>): string[] =>
  diagnosticsOf(files)
    .filter(({ severity }) => severity === 'error')
    .map(({ code, position: { file, line, column } }) => `${code} ${file}:${line}:${column}`);

describe('a whole program', () => {
  it('compiles as it is, without a word', () => {
    expect(diagnosticsOf(example)).toEqual([]);
  });

  /** File, what is there, what is put there, code of the error, and the text at which it is reported. */
  const CFG = 'prog.p4cfg';
  const cases: [what: string, path: string, from: string, to: string, code: string, at: string][] = [
    ['a default action of another table', CFG, '"answer_job"', '"send_back"', 'p4cfg-bad-action', '"default_rule"'],
    [
      'a default action that is not there',
      CFG,
      '"ask_memcached"',
      '"ask"',
      'p4cfg-bad-action',
      '"default_rule": {\n        "name": "default",\n        "action": {\n          "type": "ask"',
    ],
    [
      'a rule whose action is not there',
      CFG,
      '"type": "mark_for_clone"',
      '"type": "mark"',
      'p4cfg-bad-action',
      '"get"',
    ],
    [
      "a rule without the action's value",
      CFG,
      '"clone_port": {\n                "value": "0x3333"\n              }',
      '"port": {\n                "value": "0x3333"\n              }',
      'p4cfg-bad-value',
      '"get"',
    ],
    ['a value that is no number', CFG, '"0x3333"', '"0xzz"', 'p4cfg-bad-value', '"get"'],
    [
      'a port that is not there',
      CFG,
      '"value": "v0.1"\n              }\n            }\n          }\n        }\n      ]',
      '"value": "q9"\n              }\n            }\n          }\n        }\n      ]',
      'p4cfg-bad-value',
      '"in"',
    ],
    ['a key that the table does not read', CFG, '"job.jobId"', '"job.content"', 'p4cfg-bad-value', '"job.content"'],
    ['a key without a value', CFG, '"value": "2"', '"mask": "2"', 'p4cfg-bad-value', '"job.jobId"'],
  ];
  it.each(cases)('has %s', (_, path, from, to, code, at) => {
    const files = change(path, from, to);
    expect(errorsOf(files)[0]).toBe(`${code} ${placeOf(files, path, at)}`);
  });

  it('may have rules for a table that is not there, and is told so', () => {
    const files = change(CFG, '"jobs"', '"job"');
    expect(diagnosticsOf(files)).toMatchObject([{ severity: 'warning', code: 'p4cfg-unknown-table' }]);
  });

  it("may ask for the core's header, which has the same wait that plugins have without asking", () => {
    const files = change('plugin.c', '#include', '#include <nfp/me.h>\n#include');
    expect(diagnosticsOf(files)).toEqual([]);
  });

  it('has rules that are no JSON, and says where', () => {
    expect(errorsOf(change(CFG, '"jobs": {', '"jobs": !'))[0]).toMatch(/^p4cfg-bad-json prog\.p4cfg:3:\d+$/);
  });

  it('gets every error of its rules, not the first alone', () => {
    const files = change(CFG, '"0x3333"', '"0xzz"');
    files.set(CFG, files.get(CFG)!.replace('"0x4444"', '"four"'));
    expect(errorsOf(files).filter((error) => error.startsWith('p4cfg-bad-value'))).toHaveLength(2);
  });

  const linkage: [what: string, path: string, from: string, to: string, code: string][] = [
    [
      'a primitive action without its function',
      'plugin.c',
      'pif_plugin_serve_job',
      'pif_plugin_serve_jobs',
      'name-undefined',
    ],
    [
      'a function for a primitive action with other parameters',
      'plugin.c',
      'serve_job(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data)',
      'serve_job(EXTRACTED_HEADERS_T *headers)',
      'type-redeclared',
    ],
    ['a function twice', 'plugin.c', 'int pif_plugin_write_command', 'int pif_plugin_serve_job', 'redefin'],
    [
      'an accessor of a header that is not there',
      'plugin.c',
      'pif_plugin_hdr_get_udp(headers)',
      'pif_plugin_hdr_get_tcp(headers)',
      'name-undeclared',
    ],
    ['a type of a header that is not there', 'plugin.c', 'PIF_PLUGIN_udp_T', 'PIF_PLUGIN_tcp_T', ''],
    [
      'a field by its name in P4 where C has pieces',
      'plugin.c',
      'job->__content_0 = 0x68693a20',
      'job->content = 0x68693a20',
      'member',
    ],
    ['a table that nobody declared', 'prog.p4', 'apply(jobs)', 'apply(job_table)', 'p4-unknown'],
    [
      'a primitive action that nobody declared',
      'includes/headers.p4',
      'primitive_action serve_job();',
      '',
      'p4-unknown',
    ],
    ['a file that is not there', 'prog.p4', 'includes/parser.p4', 'includes/parse.p4', 'pp-no-such-file'],
    ['no parser', 'includes/parser.p4', 'parser start', 'parser begin', 'p4-no-start'],
    ['no ingress', 'prog.p4', 'control ingress', 'control entry', 'p4-'],
    ['a header in a field list that is none', 'prog.p4', 'ipv4.ttl;', 'ipv6.ttl;', 'p4-unknown'],
    [
      'a clone of what is no field list',
      'prog.p4',
      'clone_egress_pkt_to_ingress(100, mirrored)',
      'clone_egress_pkt_to_ingress(100, marked)',
      'p4-',
    ],
    [
      'a global with the name of the loop',
      'plugin.c',
      'volatile __export __mem uint8_t grey_ready = 0;',
      'int main(void) { return 0; }',
      '',
    ],
  ];
  it.each(linkage)('has %s', (_, path, from, to, code) => {
    expect(errorsOf(change(path, from, to))[0]).toContain(code);
  });
});

describe('a whole program never stops the compiler, whatever is changed', () => {
  const path = fc.constantFrom(...example.keys());
  const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const runs = { numRuns: 12 };

  it('in one place', () => {
    fc.assert(
      fc.property(
        path,
        place,
        fc.string({ unit: 'binary', maxLength: 3 }),
        fc.nat(6),
        (file, at, inserted, removed) => {
          const text = example.get(file)!;
          const start = Math.floor(text.length * at);
          diagnosticsOf(new Map(example).set(file, text.slice(0, start) + inserted + text.slice(start + removed)));
        },
      ),
      runs,
    );
  });

  it('by exchanging two words', () => {
    fc.assert(
      fc.property(path, place, place, (file, from, to) => {
        const words = example.get(file)!.split(/(\s+|\b)/);
        const a = Math.floor((words.length - 1) * from);
        const b = Math.floor((words.length - 1) * to);
        [words[a], words[b]] = [words[b]!, words[a]!];
        diagnosticsOf(new Map(example).set(file, words.join('')));
      }),
      runs,
    );
  });

  it('in its rules, to any other JSON', () => {
    fc.assert(
      fc.property(fc.json(), place, (json, at) => {
        const text = example.get('prog.p4cfg')!;
        const values = [...text.matchAll(/"[^"]*"(?!:)|\{|\[/g)];
        const chosen = values[Math.floor(values.length * at)]!;
        const changed = text.slice(0, chosen.index) + json + text.slice(chosen.index + chosen[0].length);
        diagnosticsOf(new Map(example).set('prog.p4cfg', changed));
      }),
      runs,
    );
  });
});
