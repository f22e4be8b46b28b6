import type { SourcePosition } from '../../base/errors.ts';
import { GENERATED_FOLDER, preprocess } from '../1-preprocess/preprocess.ts';
import type { Token } from '../1-preprocess/token.ts';
import { PRIMITIVES } from '../3-analyze/p4/primitives.ts';
import { lambdaIdDefine } from '../build-firmware.ts';
import { Diagnostics, type SourceFiles } from '../diagnostics.ts';
import { type FoundLambda, findLambdas } from './find-lambdas.ts';
import { generateMatchProgram } from './generate-match.ts';
import { KNOWN_HEADERS } from './header-catalogue.ts';

/** Micro-C files that share their objects, and so are one owner of memory: a folder, or a file. */
export interface LambdaGroup {
  readonly microC: readonly string[];
  /** Its one lambda, where that is known already (a topology names it); absent: every top-level function is one. */
  readonly lambda?: string;
}

export interface MatchLambdaInput {
  /** Every file by path, included ones too. */
  readonly files: SourceFiles;
  readonly groups: readonly LambdaGroup[];
  readonly includePaths: readonly string[];
  readonly defines: Readonly<Record<string, string>>;
  /** A match stage alone (`control ingress`, paper Listing 3), by path; absent: one is generated. */
  readonly matchStage?: string | undefined;
}

/** One lambda of the program, ready for `buildFirmware` but for its id. */
export interface MatchedLambda {
  readonly name: string;
  readonly position: SourcePosition;
  /** Headers that its files name. */
  readonly headers: readonly string[];
  /** Empty for a lambda that shares the files of the one before it. */
  readonly microC: readonly string[];
}

export interface MatchLambdaProgram {
  /** Those that were given and those that were made. */
  readonly files: SourceFiles;
  /** Path of the P4 program that was made. */
  readonly p4: string;
  readonly lambdas: readonly MatchedLambda[];
  /** Headers that the program parses, in the order of the frame. */
  readonly headers: readonly string[];
  /** What the runtime has to be told. */
  readonly defines: Readonly<Record<string, string>>;
  /** Read before every Micro-C file of a lambda: the listings of the paper include nothing. */
  readonly include: string;
}

/** Path of the P4 program that is made from lambdas. */
export const MATCH_PROGRAM_FILE = `${GENERATED_FOLDER}/match-lambda-program.p4`;

/** What a lambda may include, and gets when it does not: headers, types, the body of its request. */
const LAMBDA_HEADER = 'lnic.h';

/**
 * The paper's Match+Lambda (section 4.1): from Micro-C lambdas alone, or with a match stage of the user's, to a P4
 * program with generic parser, match on the lambdas' ids, and responses. Frames that nothing matches go to the host.
 * Undefined when there is no lambda among the files; everything else that is wrong is in `diagnostics` beside the result.
 */
export function matchLambda(input: MatchLambdaInput, diagnostics: Diagnostics): MatchLambdaProgram | undefined {
  const files = new Map(input.files);
  const found: { readonly lambda: FoundLambda; readonly microC: readonly string[] }[] = [];
  for (const group of input.groups) {
    const all = findLambdas({ ...input, microC: group.microC });
    const chosen = group.lambda === undefined ? all : all.filter(({ name }) => name === group.lambda);
    if (chosen.length === 0) reportNoLambda(group, all, diagnostics);
    chosen.forEach((lambda, index) => {
      found.push({ lambda, microC: [...(index === 0 ? group.microC : []), ...entryFile(lambda, files)] });
    });
  }
  const lambdas = found.map(({ lambda }) => lambda);
  checkNames(lambdas, diagnostics);
  if (lambdas.length === 0) return undefined;
  const used = new Set(lambdas.flatMap(({ headers }) => [...headers.keys()]));
  checkHeaders(lambdas, diagnostics);
  const headers = KNOWN_HEADERS.filter(({ name, follows }) => follows.kind === 'base' || used.has(name));
  const stage =
    input.matchStage === undefined ? undefined : readStage(input, input.matchStage, lambdas, files, diagnostics);
  files.set(
    MATCH_PROGRAM_FILE,
    generateMatchProgram({ lambdas, headers, given: input.matchStage, declared: stage ?? new Set() }),
  );
  return {
    files,
    p4: MATCH_PROGRAM_FILE,
    lambdas: found.map(({ lambda, microC }) => {
      return { name: lambda.name, position: lambda.position, headers: [...lambda.headers.keys()], microC };
    }),
    headers: headers.map(({ name }) => name),
    defines: lambdas.some(({ takesMessages }) => takesMessages) ? { LNIC_LONG_MESSAGES: '1' } : {},
    include: LAMBDA_HEADER,
  };
}

/** The P4 text that was made, for people. */
export function matchStageText(program: MatchLambdaProgram): string {
  return program.files.get(program.p4) ?? '';
}

/** Whether a P4 file is a match stage alone: it has a control and no parser. */
export function isMatchStage(
  input: Pick<MatchLambdaInput, 'files' | 'includePaths' | 'defines'>,
  path: string,
): boolean {
  const tokens = stageTokens(input, path);
  return tokens.some(({ text }) => text === 'control') && !tokens.some(({ text }) => text === 'parser');
}

/** A function without the prefix gets a door with it, for the match stage. */
function entryFile(lambda: FoundLambda, files: Map<string, string>): string[] {
  const doors = [lambda.functionName, lambda.answerFunction].filter(
    (name) => name !== undefined && !name.startsWith('pif_plugin_'),
  );
  if (doors.length === 0) return [];
  const path = `${GENERATED_FOLDER}/${lambda.action}.c`;
  const parameters = 'EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data';
  const text = doors.map((name) => {
    return `int ${name}(${parameters});\nint pif_plugin_${name}(${parameters}) {\n  return ${name}(headers, match_data);\n}\n`;
  });
  files.set(path, `#include <pif_plugin.h>\n${text.join('')}`);
  return [path];
}

function reportNoLambda(group: LambdaGroup, found: readonly FoundLambda[], diagnostics: Diagnostics): void {
  const position = { file: group.microC[0] ?? GENERATED_FOLDER, line: 1, column: 1 };
  const wanted = group.lambda === undefined ? 'pif_plugin_<name>' : `pif_plugin_${group.lambda.replace(/-/g, '_')}`;
  const others = found.length === 0 ? '' : `; it has ${found.map(({ functionName }) => functionName).join(', ')}`;
  diagnostics.error(
    'match-no-lambda',
    position,
    `no lambda here${others}`,
    `a lambda is a function int ${wanted}(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data)`,
  );
}

function checkNames(lambdas: readonly FoundLambda[], diagnostics: Diagnostics): void {
  const first = new Map<string, FoundLambda>();
  for (const lambda of lambdas) {
    if (PRIMITIVES.has(lambda.action)) {
      const message = `lambda ${lambda.name} has the name of a primitive action of P4`;
      diagnostics.error('match-reserved-name', lambda.position, message, 'give the function another name');
    }
    const before = first.get(lambda.name);
    if (before === undefined) {
      first.set(lambda.name, lambda);
      continue;
    }
    const { file, line } = before.position;
    diagnostics.error(
      'match-duplicate-lambda',
      lambda.position,
      `lambda ${lambda.name} is there twice, so that its id would be, too`,
      `first at ${file}:${line}`,
    );
  }
}

function checkHeaders(lambdas: readonly FoundLambda[], diagnostics: Diagnostics): void {
  const known = KNOWN_HEADERS.map(({ name }) => name);
  const inBody = KNOWN_HEADERS.filter(({ follows }) => follows.kind === 'request-body').map(({ name }) => name);
  for (const { headers, name: lambda } of lambdas) {
    for (const [name, position] of headers) {
      if (known.includes(name)) continue;
      const message = `lambda ${lambda} uses a header ${name}, which no parser is known for`;
      diagnostics.error('match-unknown-header', position, message, `there are ${known.join(', ')}`);
    }
    const bodies = inBody.filter((name) => headers.has(name));
    if (bodies.length > 1) {
      const message = `lambda ${lambda} uses ${bodies.join(' and ')}, but the body of a request begins with one header`;
      diagnostics.error('match-two-bodies', headers.get(bodies[1]!)!, message);
    }
  }
}

function stageTokens(
  { files, includePaths, defines }: Pick<MatchLambdaInput, 'files' | 'includePaths' | 'defines'>,
  main: string,
): Token[] {
  return preprocess({ files, main, includePaths, defines }, new Diagnostics());
}

/** Looks a given match stage through and closes it; @returns the tables that it declares itself. */
function readStage(
  input: MatchLambdaInput,
  path: string,
  lambdas: readonly FoundLambda[],
  files: Map<string, string>,
  diagnostics: Diagnostics,
): Set<string> {
  const tokens = stageTokens(input, path);
  const ids = new Set(lambdas.map(({ name }) => lambdaIdDefine(name)));
  const asked = new Set<string>();
  for (const { kind, text, position } of tokens) {
    if (kind !== 'identifier' || !/^[A-Z0-9_]+_ID$/.test(text)) continue;
    asked.add(text);
    if (ids.has(text)) continue;
    const hint = `there are ${[...ids].join(', ')}`;
    diagnostics.error('match-unknown-lambda', position, `no lambda has the id ${text}`, hint);
  }
  for (const { name, position } of lambdas) {
    const id = lambdaIdDefine(name);
    if (asked.has(id)) continue;
    const message = `${path} does not ask for ${id}: requests for lambda ${name} go to the host`;
    diagnostics.warning('match-never-asked', position, message);
  }
  const depth = tokens.reduce((open, { text }) => open + (text === '{' ? 1 : text === '}' ? -1 : 0), 0);
  const last = tokens.at(-2);
  if (depth === 1 && last !== undefined) {
    const message = 'a closing brace is missing at the end of the match stage; it is taken as written';
    diagnostics.warning('match-missing-brace', last.position, message, "the paper's Listing 3 lacks it, too");
    files.set(path, `${files.get(path) ?? ''}\n}\n`);
  }
  return new Set(tokens.flatMap(({ text }, index) => (text === 'table' ? [tokens[index + 1]?.text ?? ''] : [])));
}
