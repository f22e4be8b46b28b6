import type { SourcePosition } from '../../base/errors.ts';
import { GENERATED_FOLDER, preprocess } from '../1-preprocess/preprocess.ts';
import type { Token } from '../1-preprocess/token.ts';
import { Diagnostics, type SourceFiles } from '../diagnostics.ts';

/** A top-level function of the paper's Listing 1 form, and what it needs of a match stage. */
export interface FoundLambda {
  /** As requests name it: the function's name with hyphens, without `pif_plugin_`. */
  readonly name: string;
  /** The function as the match stage names it: `web_server`. */
  readonly action: string;
  /** The function's name as written: `pif_plugin_web_server`, or `web_server` as the paper's listings write it. */
  readonly functionName: string;
  readonly position: SourcePosition;
  /** Function for memcached's answers to this lambda (`<action>_answer`), if there is one. */
  readonly answerFunction: string | undefined;
  /** Headers that its files name, by accessor or type, with the first place; in the order of their names. */
  readonly headers: ReadonlyMap<string, SourcePosition>;
  /** Takes messages that are longer than a packet: it names `lnic_message`. */
  readonly takesMessages: boolean;
  /** Says itself where its answer goes: it sets the egress port. */
  readonly addressesAnswers: boolean;
}

export interface LambdaFile {
  readonly files: SourceFiles;
  /** The Micro-C files of one lambda, or of several that share their objects. */
  readonly microC: readonly string[];
  readonly includePaths: readonly string[];
  readonly defines: Readonly<Record<string, string>>;
}

const PREFIX = 'pif_plugin_';
const ANSWER = '_answer';

/** Names that say which header a lambda uses: types and accessors that `pif_plugin.h` has for each. */
const HEADER_NAMES: readonly RegExp[] = [
  /^pif_plugin_hdr_get_(\w+)$/,
  /^pif_plugin_hdr_(\w+)_(?:present|add|remove)$/,
  /^PIF_PLUGIN_(\w+)_T$/,
  /^PIF_HEADER_[GS]ET_(\w+?)___\w+$/,
];

/**
 * The lambdas that Micro-C files hold, in the order of their text. Only names are looked at: whether the files are right
 * is found out when they are compiled, with the headers that this decides.
 */
export function findLambdas(input: LambdaFile): FoundLambda[] {
  const { includePaths, defines } = input;
  // The header that the P4 program will give is not known yet; its macros stay names.
  const files = new Map([...input.files, [`${GENERATED_FOLDER}/pif_plugin.h`, '']]);
  const headers = new Map<string, SourcePosition>();
  const functions: { readonly name: string; readonly position: SourcePosition }[] = [];
  const names = new Set<string>();
  // What the runtime's header names for all lambdas says nothing about this one.
  const folders = new Set(input.microC.map(folderOf));
  for (const main of input.microC) {
    const tokens = preprocess(
      { files, main, includePaths: [GENERATED_FOLDER, ...includePaths], defines },
      new Diagnostics(),
    );
    functions.push(...topLevelFunctions(tokens, main));
    for (const { kind, text, position } of tokens) {
      if (kind !== 'identifier' || !folders.has(folderOf(position.file))) continue;
      names.add(text);
      const header = headerNamed(text);
      if (header !== undefined && !headers.has(header)) headers.set(header, position);
    }
  }
  const defined = new Set(functions.map(({ name }) => name));
  const isAnswer = (name: string): boolean => name.endsWith(ANSWER) && defined.has(name.slice(0, -ANSWER.length));
  const sorted = new Map([...headers].sort(([a], [b]) => (a < b ? -1 : 1)));
  return functions
    .filter(({ name }) => !isAnswer(name))
    .map(({ name, position }) => {
      const action = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;
      return {
        name: action.toLowerCase().replace(/_/g, '-'),
        action,
        functionName: name,
        position,
        answerFunction: defined.has(name + ANSWER) ? name + ANSWER : undefined,
        headers: sorted,
        takesMessages: names.has('lnic_message'),
        addressesAnswers: names.has('pif_plugin_meta_set__standard_metadata__egress_spec'),
      };
    });
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

function headerNamed(name: string): string | undefined {
  for (const pattern of HEADER_NAMES) {
    const match = pattern.exec(name);
    if (match !== null) return match[1];
  }
  return undefined;
}

/** Definitions `int name(EXTRACTED_HEADERS_T *a, MATCH_DATA_T *b) {` outside of any braces, that are not `static`. */
function topLevelFunctions(tokens: readonly Token[], file: string): { name: string; position: SourcePosition }[] {
  const found: { name: string; position: SourcePosition }[] = [];
  let depth = 0;
  let declaration: Token[] = [];
  for (const token of tokens) {
    if (token.text === '{') {
      if (depth === 0) {
        const name = lambdaName(declaration);
        if (name !== undefined && name.position.file === file) found.push({ name: name.text, position: name.position });
      }
      depth++;
    } else if (token.text === '}') {
      depth = Math.max(0, depth - 1);
      declaration = [];
    } else if (depth === 0) {
      if (token.text === ';') declaration = [];
      else declaration.push(token);
    }
  }
  return found;
}

/** The name in `int name(EXTRACTED_HEADERS_T *a, MATCH_DATA_T *b)`, or undefined for any other declaration. */
function lambdaName(declaration: readonly Token[]): Token | undefined {
  const open = declaration.findIndex(({ text }) => text === '(');
  const name = declaration[open - 1];
  if (name?.kind !== 'identifier') return undefined;
  if (declaration.slice(0, open).some(({ text }) => text === 'static')) return undefined;
  const words = declaration.slice(open + 1).map(({ text }) => text);
  const parameters = words.slice(0, words.indexOf(')')).join(' ').split(' , ');
  const isLambda =
    parameters.length === 2 &&
    /^EXTRACTED_HEADERS_T \*( \w+)?$/.test(parameters[0]!) &&
    /^MATCH_DATA_T \*( \w+)?$/.test(parameters[1]!);
  return isLambda ? name : undefined;
}
