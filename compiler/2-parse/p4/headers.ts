import type { TokenStream } from '../token-stream.ts';
import { constant, constValue, countValue, expression, fieldOrName, fieldReference } from './expressions.ts';
import type {
  CalculatedField,
  CalculatedUse,
  FieldList,
  FieldListCalculation,
  FieldListEntry,
  HeaderField,
  HeaderType,
  Instance,
} from './tree.ts';

/** 2.1 header_type_declaration */
export function headerType(tokens: TokenStream): HeaderType {
  tokens.next();
  const { position, text: name } = tokens.expectIdentifier('the name of the header type');
  const fields: HeaderField[] = [];
  let length: HeaderType['length'];
  let maxLengthOctets: HeaderType['maxLengthOctets'];
  tokens.expect('{', 'after the name of the header type');
  while (!tokens.is('}')) {
    if (tokens.accept('fields')) {
      tokens.expect('{', 'after fields');
      while (!tokens.is('}')) fields.push(field(tokens));
      tokens.next();
    } else if (tokens.accept('length')) {
      tokens.expect(':', 'after length');
      length = expression(tokens);
      tokens.expect(';', 'after the length');
    } else if (tokens.accept('max_length')) {
      tokens.expect(':', 'after max_length');
      const at = tokens.position;
      maxLengthOctets = { value: constValue(tokens, 'a number of octets'), position: at };
      tokens.expect(';', 'after the length');
    } else {
      const wanted = 'fields, length or max_length';
      throw tokens.fault('parse-expected-token', `expected ${wanted}, found ${tokens.describe()}`);
    }
  }
  tokens.next();
  return { kind: 'header-type', position, name, fields, length, maxLengthOctets };
}

/** `name : width;`, `name : *;`, with attributes: `(signed, saturating)`. */
function field(tokens: TokenStream): HeaderField {
  const { position, text: name } = tokens.expectIdentifier('the name of a field');
  tokens.expect(':', 'between a field and its width');
  const at = tokens.position;
  const variable = tokens.accept('*') !== undefined;
  const bits = variable ? 0n : constValue(tokens, 'the width in bits');
  if (!variable && (bits < 1n || bits > 2048n)) {
    tokens.diagnostics.error('parse-bad-width', at, `a field of ${bits} bits`, '1 to 2048 bits are possible');
  }
  const attributes = new Set<string>();
  if (tokens.accept('(')) {
    do attributes.add((tokens.accept('signed') ?? tokens.expect('saturating', 'or signed')).text);
    while (tokens.accept(','));
    tokens.expect(')', 'after the attributes');
  }
  tokens.expect(';', 'after the field');
  return {
    position,
    name,
    bits: variable ? 0 : Math.min(Math.max(Number(bits), 1), 2048),
    signed: attributes.has('signed'),
    saturating: attributes.has('saturating'),
  };
}

/** Elements of a stack; the parser is written out for each number of them. */
const MAX_STACK = 64;

/** 2.2 header_instance and metadata_instance */
export function instance(tokens: TokenStream): Instance {
  const metadata = tokens.next().text === 'metadata';
  const type = tokens.expectIdentifier('the name of a header type').text;
  const name = tokens.expectIdentifier('the name of the instance');
  const initial: { field: string; value: bigint; position: HeaderField['position'] }[] = [];
  let elements: number | undefined;
  if (tokens.accept('[')) {
    const at = tokens.position;
    elements = countValue(tokens, 'a number of headers');
    if (metadata) tokens.diagnostics.error('parse-metadata-stack', at, 'metadata has no stacks', 'use a header type');
    else if (elements < 1 || elements > MAX_STACK) {
      tokens.diagnostics.error(
        'parse-bad-count',
        at,
        `a stack of ${elements} headers`,
        `1 to ${MAX_STACK} are possible`,
      );
    }
    elements = Math.min(Math.max(elements, 1), MAX_STACK);
    tokens.expect(']', 'after the number of headers');
  }
  if (tokens.is('{') && metadata) {
    tokens.next();
    while (!tokens.is('}')) {
      const at = tokens.expectIdentifier('a field');
      tokens.expect(':', 'after the field');
      initial.push({ field: at.text, position: at.position, value: constValue(tokens, 'the initial value') });
      tokens.expect(';', 'after the value');
    }
    tokens.next();
    tokens.accept(';');
  } else {
    tokens.expect(';', 'after the instance');
  }
  return { kind: 'instance', position: name.position, name: name.text, type, metadata, elements, initial };
}

/** 2.3 field_list_declaration */
export function fieldList(tokens: TokenStream): FieldList {
  tokens.next();
  const name = tokens.expectIdentifier('the name of the field list');
  const entries: FieldListEntry[] = [];
  tokens.expect('{', 'after the name of the field list');
  while (!tokens.is('}')) {
    const { position, text } = tokens.current;
    if (text === 'payload' && tokens.peek().text === ';') {
      tokens.next();
      entries.push({ kind: 'payload', position });
    } else if (tokens.current.kind === 'number') {
      entries.push({ kind: 'literal', position, ...constant(tokens, 'a number') });
    } else {
      entries.push(fieldOrName(tokens, 'a field, a header, a field list, a number or payload'));
    }
    tokens.expect(';', 'after the entry');
  }
  tokens.next();
  return { kind: 'field-list', position: name.position, name: name.text, entries };
}

/** 2.3 field_list_calculation_declaration */
export function calculation(tokens: TokenStream): FieldListCalculation {
  tokens.next();
  const name = tokens.expectIdentifier('the name of the calculation');
  const inputs: { name: string; position: HeaderField['position'] }[] = [];
  let algorithm = '';
  let outputBits = 16;
  tokens.expect('{', 'after the name of the calculation');
  while (!tokens.is('}')) {
    if (tokens.accept('input')) {
      tokens.expect('{', 'after input');
      while (!tokens.is('}')) {
        const input = tokens.expectIdentifier('a field list');
        inputs.push({ name: input.text, position: input.position });
        tokens.expect(';', 'after the field list');
      }
      tokens.next();
    } else if (tokens.accept('algorithm')) {
      tokens.expect(':', 'after algorithm');
      algorithm = tokens.expectIdentifier('an algorithm').text;
      tokens.expect(';', 'after the algorithm');
    } else if (tokens.accept('output_width')) {
      tokens.expect(':', 'after output_width');
      outputBits = countValue(tokens, 'a width in bits');
      tokens.expect(';', 'after the width');
    } else {
      throw tokens.fault(
        'parse-expected-token',
        `expected input, algorithm or output_width, found ${tokens.describe()}`,
      );
    }
  }
  tokens.next();
  return { kind: 'calculation', position: name.position, name: name.text, inputs, algorithm, outputBits };
}

/** 2.4 calculated_field_declaration */
export function calculatedField(tokens: TokenStream): CalculatedField {
  const { position } = tokens.next();
  const target = fieldReference(tokens);
  const uses: CalculatedUse[] = [];
  tokens.expect('{', 'after the field');
  while (!tokens.is('}')) {
    const at = tokens.position;
    const what = tokens.accept('update') ? 'update' : tokens.accept('verify') ? 'verify' : undefined;
    if (what === undefined)
      throw tokens.fault('parse-expected-token', `expected update or verify, found ${tokens.describe()}`);
    const name = tokens.expectIdentifier('a calculation').text;
    let condition: CalculatedUse['condition'];
    if (tokens.accept('if')) {
      tokens.expect('(', 'after if');
      condition = expression(tokens);
      tokens.expect(')', 'after the condition');
    }
    tokens.expect(';', 'after the calculation');
    uses.push({ position: at, what, calculation: name, condition });
  }
  tokens.next();
  return { kind: 'calculated-field', position, field: target, uses };
}
