import { InputError, type SourcePosition } from '../base/errors.ts';
import { type NicProfile, nicProfileChecked, parseNicProfile } from '../npu/profile.ts';
import { type ParsedYaml, parseYaml, readLayeredYaml, type SourceText } from './yaml-document.ts';

/** Key of a profile that takes every figure it does not have from another one. */
const EXTENDS = 'extends';

/** Finds a profile's text by name; throws `unknown-profile` at the place that names it. */
export type FindProfile = (name: string, usedAt: SourcePosition) => SourceText;

/**
 * Reads a NIC profile. One that says `extends: other` has only what differs: a map of figures is laid over the other's
 * figure by figure, a list replaces the other's list. What results is checked as a whole; a fault is shown where the
 * figure stands, be it here or in the profile below.
 * @throws InputError at `file:line:column`
 */
export function readNicProfile(source: SourceText, find: FindProfile): NicProfile {
  const layers: ParsedYaml[] = [];
  let next: SourceText | undefined = source;
  while (next !== undefined) {
    const layer = parseYaml(next);
    layers.push(layer);
    next = baseOf(layer, layers, find);
  }
  const figures = layers.map((layer) => ({ ...layer, plain: withoutBase(layer.plain) }));
  // Else two different NICs would go by one name in results.
  if (layers.length > 1 && !hasKey(layers[0]!.plain, 'name')) {
    throw new InputError('missing-key', "missing key 'name' in the file, expected one of its own", {
      file: source.path,
      line: 1,
      column: 1,
    });
  }
  return parseNicProfile(readLayeredYaml(figures, nicProfileChecked).value);
}

function baseOf(layer: ParsedYaml, layers: readonly ParsedYaml[], find: FindProfile): SourceText | undefined {
  if (!hasKey(layer.plain, EXTENDS)) return undefined;
  const name = layer.plain[EXTENDS];
  const position = layer.positionOf([EXTENDS]);
  if (typeof name !== 'string') {
    throw new InputError('bad-value', `${EXTENDS}: expected the name of a NIC profile`, position);
  }
  const base = find(name, position);
  if (layers.some(({ file }) => file === base.path)) {
    throw new InputError(
      'profile-cycle',
      `${EXTENDS}: expected another profile, got '${name}', which needs this one`,
      position,
    );
  }
  return base;
}

function withoutBase(plain: unknown): unknown {
  if (!hasKey(plain, EXTENDS)) return plain;
  const { [EXTENDS]: _, ...figures } = plain;
  return figures;
}

function hasKey(plain: unknown, key: string): plain is Readonly<Record<string, unknown>> {
  return typeof plain === 'object' && plain !== null && !Array.isArray(plain) && Object.hasOwn(plain, key);
}
