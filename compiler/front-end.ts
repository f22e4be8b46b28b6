import { GENERATED_FOLDER, preprocess } from './1-preprocess/preprocess.ts';
import { parseMicroC } from './2-parse/micro-c/parse.ts';
import { parseP4 } from './2-parse/p4/parse.ts';
import { type AnalysisInput, analyzeMicroC } from './3-analyze/micro-c/analyze.ts';
import { analyzeP4 } from './3-analyze/p4/analyze.ts';
import type { P4Model } from './3-analyze/p4/model.ts';
import { lowerMicroC } from './4-lower/micro-c/lower.ts';
import { findPool, poolSource } from './4-lower/micro-c/pool.ts';
import { PLUGIN_HEADER, pluginHeader } from './4-lower/p4/header-file.ts';
import { lowerP4, PIPELINE_FILE } from './4-lower/p4/lower.ts';
import { reduceMatch, withoutReduction } from './4-lower/p4/match-reduction.ts';
import type { PluginInitialisers } from './4-lower/p4/plugin-initialisers.ts';
import { NO_RULES, type ProgramRules } from './4-lower/p4/program-rules.ts';
import { PROGRAM_RUNTIME_FILE, programRuntime } from './4-lower/p4/program-runtime.ts';
import { readRules } from './4-lower/p4/rules.ts';
import type { Diagnostics, SourceFiles } from './diagnostics.ts';
import type { IrModule } from './ir.ts';
import type { StfProgress } from './stf/statements.ts';
import { applyStfRules } from './stf/stf-rules.ts';

/** A Match+Lambda program: the sources of the match stage and of the lambdas, all files as data. */
export interface ProgramSources {
  /** Every file by path, included ones too. */
  readonly files: SourceFiles;
  /** The P4-14 program; absent: Micro-C alone. */
  readonly p4: string | undefined;
  /** A `.p4cfg` of table entries. */
  readonly rules: string | undefined;
  /** Micro-C files, in the order in which they are compiled. */
  readonly microC: readonly MicroCFile[];
  readonly includePaths: readonly string[];
  /** As `-D name=value`, for P4 and Micro-C alike. */
  readonly defines: Readonly<Record<string, string>>;
  /** What `__FILE__` is in a file whose path depends on the machine, by path. */
  readonly imagePaths?: ReadonlyMap<string, string> | undefined;
  /** Function that every context starts in. */
  readonly entry: string;
  /** The P4 program brings the loop of every context with it: no Micro-C of a runtime is among `microC`. */
  readonly wholeProgram?: boolean;
  /** Statements of a packet test whose rules are added to those of the file, as far as the test has come. */
  readonly stf?: StfProgress;
  /** The longest frame that the NIC sends. */
  readonly maximumFrameOctets?: number;
  /**
   * What the NIC has nothing for becomes what it has (paper section 3.1(b)): floating point fixed point, bounded
   * recursion a stack, bounded `malloc` a pool.
   */
  readonly lower?: boolean;
  /** Contexts that a NIC may have, for objects of which each has its own in EMEM; absent: enough for all profiles. */
  readonly contextSlots?: number;
  /** Make match stages smaller (`match-reduction`); unless said otherwise. */
  readonly reduceMatch?: boolean;
  /** Ticks of the NIC's timestamp in a second: what meters measure with. */
  readonly ticksPerSecond?: number;
}

export interface MicroCFile {
  readonly path: string;
  /** Lambda, or `runtime`. */
  readonly owner: string;
  /** File that is read before it, as `#include "..."` would name it. */
  readonly include?: string | undefined;
}

const POOL_FILE = `${GENERATED_FOLDER}/pool.c`;
/** Says to headers that the program is lowered, so that there may be a heap. */
const LOWER_DEFINE = '__LAMBDA_LOWER__';

/** Names under which the vendor's toolchain provides what is one file here. */
const PLUGIN_HEADER_NAMES: readonly string[] = [
  PLUGIN_HEADER,
  'pif_headers.h',
  'pif_common.h',
  'pif_plugin_metadata.h',
];

/** Without a NIC: that of the profiles, 800 MHz and a tick every 16 cycles. */
const DEFAULT_TICKS_PER_SECOND = 50_000_000;

/** What published plugins use without asking for it: exact widths, and a wait. */
const PLUGIN_LIBRARY = `#ifndef PIF_PLUGIN_LIBRARY
#define PIF_PLUGIN_LIBRARY
#include <stdint.h>
#include <nfp/sleep.h>
#endif
`;

/** Paths of files are relative to it. */
const WORKING_FOLDER = '';

/**
 * Phases 1 to 4: from sources to IR. Undefined when there were errors; all of them are in `diagnostics`. Pure: the same
 * sources give the same module.
 */
export function compileToIr(sources: ProgramSources, diagnostics: Diagnostics): IrModule | undefined {
  const files = new Map(sources.files);
  const units: AnalysisInput[] = [];
  if (sources.p4 !== undefined) {
    const pipeline = compileP4(sources, sources.p4, files, diagnostics);
    if (pipeline === undefined) {
      // The lambdas need the headers of the P4 program: without them only their syntax can be judged.
      for (const file of sources.microC)
        if (file.include === undefined && !usesPlugin(files.get(file.path))) unitOf(sources, files, file, diagnostics);
      return undefined;
    }
    units.push({ unit: pipeline, owner: 'runtime' });
    if (sources.wholeProgram === true) {
      const runtime = unitOf(sources, files, { path: PROGRAM_RUNTIME_FILE, owner: 'runtime' }, diagnostics);
      units.push({ unit: runtime, owner: 'runtime' });
    }
  }
  for (const file of sources.microC) {
    units.push({ unit: unitOf(sources, files, file, diagnostics), owner: file.owner });
  }
  const pool = sources.lower === true ? findPool(units, diagnostics) : undefined;
  if (pool !== undefined) {
    files.set(POOL_FILE, poolSource(pool));
    const file = { path: POOL_FILE, owner: pool.owner };
    units.push({ unit: unitOf(sources, files, file, diagnostics), owner: pool.owner });
  }
  const program = analyzeMicroC(units, sources.entry, diagnostics, sources.lower);
  return diagnostics.hasErrors ? undefined : lowerMicroC(program, sources.entry, diagnostics, sources.contextSlots);
}

/** Which of the functions that the vendor's runtime calls before the first packet a plugin has. */
function initialisersOf({ microC, files }: ProgramSources): PluginInitialisers {
  const has = (name: string): boolean =>
    microC.some(({ path }) => new RegExp(`\\b${name}\\s*\\([^;{]*\\{`).test(files.get(path) ?? ''));
  return { everyContext: has('pif_plugin_init'), once: has('pif_plugin_init_master') };
}

function usesPlugin(text: string | undefined): boolean {
  return text === undefined || text.includes('pif_') || text.includes('#include');
}

function unitOf(sources: ProgramSources, files: Map<string, string>, file: MicroCFile, diagnostics: Diagnostics) {
  const { imagePaths } = sources;
  const defines = sources.lower === true ? { ...sources.defines, [LOWER_DEFINE]: '1' } : sources.defines;
  let main = file.path;
  let includePaths = [GENERATED_FOLDER, ...sources.includePaths];
  if (file.include !== undefined) {
    main = `${GENERATED_FOLDER}/unit of ${file.path}`;
    files.set(main, `#include "${file.include}"\n#include "${file.path}"\n`);
    includePaths = [WORKING_FOLDER, ...includePaths];
  }
  return parseMicroC(preprocess({ files, main, includePaths, defines, imagePaths }, diagnostics), diagnostics);
}

/** A P4 program with its names resolved, for views of it. Undefined when there were errors. */
export function analyzeProgram(
  sources: Pick<ProgramSources, 'files' | 'includePaths' | 'defines' | 'imagePaths'>,
  p4: string,
  diagnostics: Diagnostics,
): P4Model | undefined {
  const { files, defines, imagePaths } = sources;
  // What was made includes what was given by its path.
  const includePaths = p4.startsWith(GENERATED_FOLDER)
    ? [WORKING_FOLDER, ...sources.includePaths]
    : sources.includePaths;
  const tokens = preprocess({ files, main: p4, includePaths, defines, imagePaths }, diagnostics);
  const syntax = parseP4(tokens, diagnostics);
  if (diagnostics.hasErrors) return undefined;
  const model = analyzeP4(syntax, diagnostics);
  return diagnostics.hasErrors ? undefined : model;
}

/** All Micro-C that can be part of the program, whether it is included or not. */
function microCText({ files, defines }: ProgramSources): string {
  const texts = [...files].flatMap(([path, text]) => (/\.(c|h|inc)$/.test(path) ? [text] : []));
  return [...texts, ...Object.values(defines)].join('\n');
}

/** The pipeline as a Micro-C unit; the headers that plugins include are added to `files`, as `<generated>/...`. */
function compileP4(sources: ProgramSources, p4: string, files: Map<string, string>, diagnostics: Diagnostics) {
  const analyzed = analyzeProgram(sources, p4, diagnostics);
  if (analyzed === undefined) return undefined;
  let model = analyzed;
  let rules: ProgramRules = NO_RULES;
  if (sources.rules !== undefined) rules = readRules(model, sources.rules, files.get(sources.rules) ?? '', diagnostics);
  if (sources.stf !== undefined) rules = applyStfRules(model, rules, sources.stf, diagnostics);
  const wholeProgram = sources.wholeProgram === true;
  const plugins = microCText(sources);
  if (sources.reduceMatch === false) rules = withoutReduction(rules);
  else ({ model, rules } = reduceMatch(model, rules, plugins, wholeProgram));
  const pipeline = lowerP4(
    model,
    rules,
    {
      ticksPerSecond: sources.ticksPerSecond ?? DEFAULT_TICKS_PER_SECOND,
      wholeProgram,
      plugins,
    },
    diagnostics,
  );
  if (pipeline === undefined) return undefined;
  const header = pluginHeader(model, plugins) + (sources.wholeProgram === true ? PLUGIN_LIBRARY : '');
  for (const name of PLUGIN_HEADER_NAMES) files.set(`${GENERATED_FOLDER}/${name}`, header);
  files.set(PIPELINE_FILE, pipeline.text);
  if (sources.wholeProgram === true) {
    files.set(
      PROGRAM_RUNTIME_FILE,
      programRuntime(model, rules, initialisersOf(sources), sources.maximumFrameOctets ?? 1522),
    );
  }
  const generated = preprocess(
    { files, main: PIPELINE_FILE, includePaths: [GENERATED_FOLDER], defines: {} },
    diagnostics,
  );
  const placed = generated.map((token) =>
    token.position.file === PIPELINE_FILE ? { ...token, position: pipeline.positionOf(token.position.line) } : token,
  );
  return parseMicroC(placed, diagnostics);
}
