import type { TokenStream } from '../token-stream.ts';
import { constValue, expression, fieldReference } from './expressions.ts';
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
  tokens.expect('{', 'after the name of the header type');
  while (!tokens.is('}')) {
    if (tokens.accept('fields')) {
      tokens.expect('{', 'after fields');
      while (!tokens.is('}')) fields.push(field(tokens));
      tokens.next();
    } else {
      throw tokens.fault(
        'parse-expected-token',
        `expected fields, found ${tokens.describe()}`,
        variableLengthHint(tokens),
      );
    }
  }
  tokens.next();
  return { kind: 'header-type', position, name, fields };
}

function variableLengthHint(tokens: TokenStream): string | undefined {
  return tokens.is('length') || tokens.is('max_length') ? 'headers of variable length are not supported' : undefined;
}

function field(tokens: TokenStream): HeaderField {
  const name = tokens.expectIdentifier('the name of a field');
  tokens.expect(':', 'between a field and its width');
  const { position } = tokens;
  const bits = constValue(tokens, 'the width in bits');
  if (bits < 1n || bits > 2048n) {
    tokens.diagnostics.error('parse-bad-width', position, `a field of ${bits} bits`);
  }
  tokens.expect(';', 'after the field');
  return { position: name.position, name: name.text, bits: Math.min(Math.max(Number(bits), 1), 2048) };
}

/** 2.2 header_instance and metadata_instance */
export function instance(tokens: TokenStream): Instance {
  const metadata = tokens.next().text === 'metadata';
  const type = tokens.expectIdentifier('the name of a header type').text;
  const name = tokens.expectIdentifier('the name of the instance');
  const initial: { field: string; value: bigint; position: HeaderField['position'] }[] = [];
  if (tokens.is('[')) throw tokens.fault('parse-unsupported', 'header stacks are not supported');
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
  return { kind: 'instance', position: name.position, name: name.text, type, metadata, initial };
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
    } else if (tokens.peek().text === '.') {
      entries.push(fieldReference(tokens));
    } else {
      entries.push({ kind: 'name', position, name: tokens.expectIdentifier('a field').text });
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
      outputBits = Number(constValue(tokens, 'a width'));
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
