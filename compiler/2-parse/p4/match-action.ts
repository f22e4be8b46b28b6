import type { TokenStream } from '../token-stream.ts';
import { constValue, expression, fieldReference } from './expressions.ts';
import type {
  Action,
  ActionArgument,
  ActionCall,
  Control,
  ControlStatement,
  PrimitiveAction,
  Table,
  TableRead,
} from './tree.ts';

/** `primitive_action name();`: the door to Micro-C. */
export function primitiveAction(tokens: TokenStream): PrimitiveAction {
  tokens.next();
  const name = tokens.expectIdentifier('the name of the action');
  if (tokens.accept('(')) tokens.expect(')', 'after the action: it takes its input from headers and metadata');
  tokens.expect(';', 'after the action');
  return { kind: 'primitive-action', position: name.position, name: name.text };
}

/** 6.2 action_function_declaration */
export function action(tokens: TokenStream): Action {
  tokens.next();
  const name = tokens.expectIdentifier('the name of the action');
  const parameters: string[] = [];
  tokens.expect('(', 'after the name of the action');
  while (!tokens.is(')')) {
    parameters.push(tokens.expectIdentifier('a parameter').text);
    if (!tokens.accept(',')) break;
  }
  tokens.expect(')', 'after the parameters');
  tokens.expect('{', 'before the body of the action');
  const calls: ActionCall[] = [];
  while (!tokens.is('}')) {
    calls.push(actionCall(tokens));
    tokens.expect(';', 'after the action');
  }
  tokens.next();
  return { kind: 'action', position: name.position, name: name.text, parameters, calls };
}

function actionCall(tokens: TokenStream): ActionCall {
  const name = tokens.expectIdentifier('the name of an action');
  const found: ActionArgument[] = [];
  tokens.expect('(', 'after the name of the action');
  while (!tokens.is(')')) {
    found.push(actionArgument(tokens));
    if (!tokens.accept(',')) break;
  }
  tokens.expect(')', 'after the arguments');
  return { position: name.position, name: name.text, arguments: found };
}

/** A bare name is a parameter of the action, or a header. */
function actionArgument(tokens: TokenStream): ActionArgument {
  const { kind, text, position } = tokens.current;
  const after = tokens.peek().text;
  if (kind === 'identifier' && (after === ',' || after === ')')) {
    tokens.next();
    return { kind: 'name', position, name: text };
  }
  return expression(tokens);
}

const MATCHES: ReadonlySet<string> = new Set(['exact', 'ternary', 'valid', 'lpm', 'range', 'index']);

/** 6.3 table_declaration */
export function table(tokens: TokenStream): Table {
  tokens.next();
  const name = tokens.expectIdentifier('the name of the table');
  const reads: TableRead[] = [];
  const actions: { name: string; position: Table['position'] }[] = [];
  let defaultAction: ActionCall | undefined;
  tokens.expect('{', 'after the name of the table');
  while (!tokens.is('}')) {
    const attribute = tokens.expectIdentifier('reads, actions, default_action or size').text;
    if (attribute === 'reads') {
      tokens.expect('{', 'after reads');
      while (!tokens.is('}')) reads.push(tableRead(tokens));
      tokens.next();
    } else if (attribute === 'actions') {
      tokens.expect('{', 'after actions');
      while (!tokens.is('}')) {
        const each = tokens.expectIdentifier('an action');
        actions.push({ name: each.text, position: each.position });
        tokens.expect(';', 'after the action');
      }
      tokens.next();
    } else if (attribute === 'default_action') {
      tokens.expect(':', 'after default_action');
      const called = tokens.peek().text === '(' ? actionCall(tokens) : undefined;
      const bare = called === undefined ? tokens.expectIdentifier('an action') : undefined;
      defaultAction = called ?? { position: bare?.position ?? name.position, name: bare?.text ?? '', arguments: [] };
      tokens.expect(';', 'after the default action');
    } else if (/^(min_|max_)?size$|^support_timeout$/.test(attribute)) {
      tokens.expect(':', `after ${attribute}`);
      tokens.next();
      tokens.expect(';', `after ${attribute}`);
    } else {
      throw tokens.fault('parse-unsupported', `${attribute} in a table is not supported`);
    }
  }
  tokens.next();
  return { kind: 'table', position: name.position, name: name.text, reads, actions, defaultAction };
}

function tableRead(tokens: TokenStream): TableRead {
  const { position } = tokens;
  const field =
    tokens.peek().text === '.'
      ? fieldReference(tokens)
      : ({ kind: 'name', position, name: tokens.expectIdentifier('a field').text } as const);
  const mask = tokens.accept('mask') ? constValue(tokens, 'a mask') : undefined;
  tokens.expect(':', 'between field and kind of match');
  const { position: matchPosition, text: match } = tokens.expectIdentifier('a kind of match');
  if (!MATCHES.has(match)) {
    tokens.diagnostics.error('parse-bad-match', matchPosition, `${match} is no kind of match`, [...MATCHES].join(', '));
  }
  tokens.expect(';', 'after the match');
  return { position, field, match: MATCHES.has(match) ? (match as 'exact') : 'exact', mask };
}

/** 7 control_function_declaration */
export function control(tokens: TokenStream): Control {
  tokens.next();
  const name = tokens.expectIdentifier('the name of the control');
  if (tokens.accept('(')) tokens.expect(')', 'after the control');
  return { kind: 'control', position: name.position, name: name.text, body: controlBlock(tokens) };
}

function controlBlock(tokens: TokenStream): ControlStatement[] {
  return tokens.nested(() => {
    const { position } = tokens.expect('{', 'to begin a block');
    const statements: ControlStatement[] = [];
    while (!tokens.is('}')) {
      if (tokens.atEnd) {
        throw tokens.fault(
          'parse-expected-token',
          `expected } for the { of line ${position.line}, found the end of the file`,
        );
      }
      statements.push(controlStatement(tokens));
    }
    tokens.next();
    return statements;
  });
}

function controlStatement(tokens: TokenStream): ControlStatement {
  const { position } = tokens;
  if (tokens.accept('apply')) {
    tokens.expect('(', 'after apply');
    const applied = tokens.expectIdentifier('a table').text;
    tokens.expect(')', 'after the table');
    const cases: Extract<ControlStatement, { kind: 'apply' }>['cases'][number][] = [];
    if (tokens.accept('{')) {
      while (!tokens.is('}')) {
        const name = tokens.expectIdentifier('hit, miss, default or an action');
        cases.push({ name: name.text, position: name.position, body: controlBlock(tokens) });
      }
      tokens.next();
    } else {
      tokens.expect(';', 'after apply');
    }
    return { kind: 'apply', position, table: applied, cases };
  }
  if (tokens.accept('if')) {
    tokens.expect('(', 'after if');
    const condition = expression(tokens);
    tokens.expect(')', 'after the condition');
    const yes = controlBlock(tokens);
    let no: ControlStatement[] = [];
    if (tokens.accept('else'))
      no = tokens.is('if') ? [tokens.nested(() => controlStatement(tokens))] : controlBlock(tokens);
    return { kind: 'if', position, condition, yes, no };
  }
  const called = tokens.expectIdentifier('apply, if or a control').text;
  tokens.expect('(', 'after the control');
  tokens.expect(')', 'after the control');
  tokens.expect(';', 'after the control');
  return { kind: 'call', position, control: called };
}
