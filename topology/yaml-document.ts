import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';
import { InputError, type SourcePosition } from '../base/errors.ts';
import { nearestName } from './nearest-name.ts';

/** A text file as it was read; `path` is what messages say. */
export interface SourceText {
  readonly path: string;
  readonly text: string;
}

/** Where in a document: keys of maps and indices of lists, from the root. */
export type DocumentPath = readonly (string | number)[];

/** Position of the value at a path; of the nearest enclosing one when the path does not exist. */
export type PositionOf = (path: DocumentPath) => SourcePosition;

export interface YamlDocument<T> {
  readonly value: T;
  readonly positionOf: PositionOf;
}

/** YAML files above this are no topology that anybody wrote. */
const MAX_DOCUMENT_CHARACTERS = 4_000_000;

/**
 * Reads a YAML 1.2 document of one shape.
 * @throws InputError with the position of the first fault in file order
 */
export function readYaml<T extends z.ZodType>(source: SourceText, schema: T): YamlDocument<z.output<T>> {
  return readLayeredYaml([parseYaml(source)], schema);
}

/**
 * Reads documents laid over one another: a map's keys come from all of them, anything else from the first that has it.
 * @param layers the one on top first
 * @throws InputError with the position of the first fault, those of upper layers before those of lower ones
 */
export function readLayeredYaml<T extends z.ZodType>(
  layers: readonly ParsedYaml[],
  schema: T,
): YamlDocument<z.output<T>> {
  const plain = layers.map((layer) => layer.plain).reduceRight((lower, upper) => layOver(upper, lower));
  const layerOf = (path: DocumentPath): ParsedYaml =>
    layers.find((layer) => valueAt(layer.plain, path) !== undefined) ?? layers[0]!;
  const positionOf = (path: DocumentPath): SourcePosition => layerOf(path).positionOf(path);
  const parsed = schema.safeParse(plain, { error: listKnownKeys });
  if (parsed.success) return { value: parsed.data, positionOf };
  const files = layers.map((layer) => layer.file);
  throw firstFault(parsed.error.issues, plain, files, positionOf, (path, key) =>
    layerOf([...path, key]).positionOfKey(path, key),
  );
}

function layOver(upper: unknown, lower: unknown): unknown {
  if (!isPlainMap(upper) || !isPlainMap(lower)) return upper === undefined ? lower : upper;
  const keys = new Set([...Object.keys(lower), ...Object.keys(upper)]);
  return Object.fromEntries([...keys].map((key) => [key, layOver(upper[key], lower[key])]));
}

function isPlainMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A document as it was written, of whatever shape. */
export interface ParsedYaml {
  readonly file: string;
  readonly plain: unknown;
  readonly positionOf: PositionOf;
  /** Position of a key in the map at a path. */
  readonly positionOfKey: (path: DocumentPath, key: string) => SourcePosition;
}

/** @throws InputError `yaml-too-long`, `yaml-syntax` */
export function parseYaml(source: SourceText): ParsedYaml {
  const file = source.path;
  if (source.text.length > MAX_DOCUMENT_CHARACTERS) {
    throw new InputError('yaml-too-long', `expected at most ${MAX_DOCUMENT_CHARACTERS} characters`, start(file));
  }
  const lines = new LineCounter();
  const root = parseDocument(source.text, { lineCounter: lines, prettyErrors: false, strict: true });
  const at = (offset: number): SourcePosition => {
    const { line, col } = lines.linePos(offset);
    return line < 1 ? start(file) : { file, line, column: col };
  };
  const fault = root.errors[0];
  if (fault !== undefined) {
    const message = fault.code === 'DUPLICATE_KEY' ? 'duplicate key: expected every key of a map once' : fault.message;
    throw new InputError('yaml-syntax', message, at(fault.pos[0]));
  }
  let plain: unknown;
  try {
    plain = root.toJS();
  } catch (error) {
    throw new InputError('yaml-syntax', error instanceof Error ? error.message : String(error), start(file));
  }
  const toPosition = (node: Node | undefined): SourcePosition => (node?.range ? at(node.range[0]) : start(file));
  return {
    file,
    plain,
    positionOf: (path) => toPosition(nodeAt(root, path)),
    positionOfKey: (path, key) => toPosition(keyNodeAt(root, path, key)),
  };
}

type YamlRoot = ReturnType<typeof parseDocument>;

function start(file: string): SourcePosition {
  return { file, line: 1, column: 1 };
}

function nodeAt(root: YamlRoot, path: DocumentPath): Node | undefined {
  let node: Node | undefined = root.contents ?? undefined;
  for (const step of path) {
    const container: Node | undefined = isAlias(node) ? node.resolve(root) : node;
    let next: unknown;
    if (isMap(container)) next = container.items.find((pair) => keyOf(pair.key) === String(step))?.value;
    else if (isSeq(container)) next = container.items[Number(step)];
    if (!isNode(next)) break;
    node = next;
  }
  return node;
}

function keyNodeAt(root: YamlRoot, path: DocumentPath, key: string): Node | undefined {
  const found = nodeAt(root, path);
  const map = isAlias(found) ? found.resolve(root) : found;
  if (!isMap(map)) return found;
  const keyNode = map.items.find((pair) => keyOf(pair.key) === key)?.key;
  return isNode(keyNode) ? keyNode : map;
}

function keyOf(key: unknown): string | undefined {
  return isScalar(key) ? String(key.value) : undefined;
}

type Issue = z.core.$ZodIssue;

interface Fault {
  readonly code: string;
  readonly message: string;
  readonly position: SourcePosition;
}

/** The fault to show: unknown keys first, then in order of files and places; with a hint at how many there are beside it. */
function firstFault(
  issues: readonly Issue[],
  plain: unknown,
  files: readonly string[],
  positionOf: (path: DocumentPath) => SourcePosition,
  positionOfKey: (path: DocumentPath, key: string) => SourcePosition,
): InputError {
  const faults: Fault[] = issues.map((issue) => {
    const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
    if (issue.code === 'unrecognized_keys') {
      const key = issue.keys[0] ?? '';
      return {
        code: 'unknown-key',
        message: `unknown key '${key}' in ${pathName(path)}${suggestion(key, issue.message.split(' '))}`,
        position: positionOfKey(path, key),
      };
    }
    return { ...describe(issue, path, plain), position: positionOf(path) };
  });
  // A mistyped key is also a missing one: the mistake is what to show.
  const rank = (fault: Fault): number => (fault.code === 'unknown-key' ? 0 : 1);
  const fileOf = (fault: Fault): number => files.indexOf(fault.position.file);
  faults.sort(
    (a, b) =>
      rank(a) - rank(b) ||
      fileOf(a) - fileOf(b) ||
      a.position.line - b.position.line ||
      a.position.column - b.position.column,
  );
  const first = faults[0]!;
  const more = faults.length > 1 ? ` (${faults.length - 1} more in this file)` : '';
  return new InputError(first.code, first.message + more, first.position);
}

function describe(issue: Issue, path: DocumentPath, plain: unknown): { code: string; message: string } {
  const got = valueAt(plain, path);
  const what = pathName(path);
  if (got === undefined && path.length > 0) {
    const key = String(path.at(-1));
    return {
      code: 'missing-key',
      message: `missing key '${key}' in ${pathName(path.slice(0, -1))}, expected ${expected(issue)}`,
    };
  }
  return { code: 'bad-value', message: `${what}: expected ${expected(issue)}, got ${show(got)}` };
}

function expected(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.startsWith('Invalid input') ? typeName(issue.expected) : issue.message;
    case 'invalid_value':
      return issue.values.map(String).join(' or ');
    case 'invalid_union': {
      const options = (issue as { options?: readonly unknown[] }).options ?? [];
      if (options.length > 0) return options.map(String).join(' or ');
      return issue.message.startsWith('Invalid input') ? 'one of the known forms' : issue.message;
    }
    case 'too_small':
      return issue.message.startsWith('Too small') ? `at least ${issue.minimum}` : issue.message;
    case 'too_big':
      return issue.message.startsWith('Too big') ? `at most ${issue.maximum}` : issue.message;
    default:
      return issue.message;
  }
}

function typeName(type: string): string {
  if (type === 'object') return 'a map';
  if (type === 'array' || type === 'tuple') return 'a list';
  if (type === 'int') return 'a whole number';
  return `a ${type}`;
}

/**
 * A finished zod issue does not say which keys would have been known, but the schema is at hand while it is made: the
 * known keys become the message of an unknown-key issue.
 */
function listKnownKeys(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code !== 'unrecognized_keys' || issue.inst === undefined) return undefined;
  const definition = issue.inst._zod.def as { readonly shape?: Readonly<Record<string, unknown>> };
  return Object.keys(definition.shape ?? {}).join(' ');
}

function suggestion(key: string, knownKeys: readonly string[]): string {
  const nearest = nearestName(key, knownKeys);
  return nearest === undefined ? `, expected one of ${knownKeys.join(', ')}` : `, did you mean '${nearest}'?`;
}

function pathName(path: DocumentPath): string {
  if (path.length === 0) return 'the file';
  return path.reduce<string>((name, step) => {
    if (typeof step === 'number') return `${name}[${step}]`;
    return name === '' ? step : `${name}.${step}`;
  }, '');
}

function valueAt(plain: unknown, path: DocumentPath): unknown {
  let value = plain;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[step];
  }
  return value;
}

function show(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'a map';
  if (value === undefined || value === null) return 'nothing';
  const text = String(value);
  return text.length > 60 ? `'${text.slice(0, 57)}...'` : `'${text}'`;
}
