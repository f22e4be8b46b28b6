import type { TokenStream } from '../token-stream.ts';
import { countValue, fieldReference } from './expressions.ts';
import type { Counter, FieldReference, Meter, Register, TableBinding } from './tree.ts';

/** What an attribute list may hold; each declaration takes what it knows of it. */
interface Attributes {
  type: string | undefined;
  binding: TableBinding | undefined;
  instanceCount: number | undefined;
  minWidthBits: number | undefined;
  bits: number | undefined;
  result: FieldReference | undefined;
  signed: boolean;
  saturating: boolean;
}

/** 7.1 counter_declaration */
export function counter(tokens: TokenStream): Counter {
  const { name, found } = declaration(tokens, 'counter', COUNTER_ATTRIBUTES);
  const { binding, instanceCount, minWidthBits, saturating } = found;
  const type = oneOf(tokens, name, found.type, ['packets', 'bytes', 'packets_and_bytes'] as const);
  return { kind: 'counter', ...name, type, binding, instanceCount, minWidthBits, saturating };
}

/** 7.2 meter_declaration */
export function meter(tokens: TokenStream): Meter {
  const { name, found } = declaration(tokens, 'meter', METER_ATTRIBUTES);
  const { binding, instanceCount, result } = found;
  const type = oneOf(tokens, name, found.type, ['packets', 'bytes'] as const);
  return { kind: 'meter', ...name, type, binding, instanceCount, result };
}

/** 7.3 register_declaration */
export function register(tokens: TokenStream): Register {
  const { name, found } = declaration(tokens, 'register', REGISTER_ATTRIBUTES);
  const { binding, instanceCount, signed, saturating } = found;
  if (found.bits === undefined) {
    tokens.diagnostics.error('parse-missing-attribute', name.position, `register ${name.name} has no width`);
  }
  return { kind: 'register', ...name, bits: found.bits ?? 32, binding, instanceCount, signed, saturating };
}

const COUNTER_ATTRIBUTES = ['type', 'direct', 'static', 'instance_count', 'min_width', 'saturating'] as const;
const METER_ATTRIBUTES = ['type', 'result', 'direct', 'static', 'instance_count'] as const;
const REGISTER_ATTRIBUTES = ['width', 'direct', 'static', 'instance_count', 'attributes'] as const;

interface DeclaredName {
  readonly name: string;
  readonly position: Counter['position'];
}

function declaration(
  tokens: TokenStream,
  what: string,
  known: readonly string[],
): { name: DeclaredName; found: Attributes } {
  tokens.next();
  const { text, position } = tokens.expectIdentifier(`the name of the ${what}`);
  const found: Attributes = {
    type: undefined,
    binding: undefined,
    instanceCount: undefined,
    minWidthBits: undefined,
    bits: undefined,
    result: undefined,
    signed: false,
    saturating: false,
  };
  tokens.expect('{', `after the name of the ${what}`);
  while (!tokens.is('}')) {
    if (!known.includes(tokens.current.text)) {
      throw tokens.fault('parse-expected-token', `expected ${known.join(', ')}, found ${tokens.describe()}`);
    }
    attribute(tokens, found);
    tokens.expect(';', 'after the attribute');
  }
  tokens.next();
  return { name: { name: text, position }, found };
}

function attribute(tokens: TokenStream, found: Attributes): void {
  const { text: name, position } = tokens.next();
  if (name === 'saturating') {
    found.saturating = true;
    return;
  }
  tokens.expect(':', `after ${name}`);
  switch (name) {
    case 'type':
      found.type = tokens.expectIdentifier('a type').text;
      return;
    case 'direct':
    case 'static': {
      const table = tokens.expectIdentifier('a table').text;
      if (found.binding !== undefined) {
        tokens.diagnostics.error('parse-two-bindings', position, `${name} behind ${found.binding.kind}`, 'keep one');
      }
      found.binding = { kind: name, table, position };
      return;
    }
    case 'instance_count':
      found.instanceCount = countValue(tokens, 'a number of instances');
      return;
    case 'min_width':
      found.minWidthBits = countValue(tokens, 'a width in bits');
      return;
    case 'width':
      found.bits = countValue(tokens, 'a width in bits');
      return;
    case 'result':
      found.result = fieldReference(tokens);
      return;
    default:
      do {
        const which = tokens.accept('signed') ?? tokens.expect('saturating', 'or signed');
        if (which.text === 'signed') found.signed = true;
        else found.saturating = true;
      } while (tokens.accept(','));
  }
}

function oneOf<T extends string>(
  tokens: TokenStream,
  { name, position }: DeclaredName,
  given: string | undefined,
  types: readonly [T, ...T[]],
): T {
  const found = types.find((type) => type === given);
  if (found !== undefined) return found;
  const text = given === undefined ? `${name} has no type` : `${name} has no possible type: ${given}`;
  tokens.diagnostics.error('parse-missing-attribute', position, text, `type : ${types.join(', or ')}`);
  return types[0];
}
