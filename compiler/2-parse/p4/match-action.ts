import type { TokenStream } from '../token-stream.ts';
import { actionList } from './action-profiles.ts';
import { constValue, countValue, expression, fieldOrName } from './expressions.ts';
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
    found.push(expression(tokens));
    if (!tokens.accept(',')) break;
  }
  tokens.expect(')', 'after the arguments');
  return { position: name.position, name: name.text, arguments: found };
}

const MATCHES: ReadonlySet<string> = new Set(['exact', 'ternary', 'valid', 'lpm', 'range', 'index']);

/** 11 table_declaration */
export function table(tokens: TokenStream): Table {
  tokens.next();
  const name = tokens.expectIdentifier('the name of the table');
  const reads: TableRead[] = [];
  let actions: Table['actions'] = [];
  let defaultAction: ActionCall | undefined;
  let actionProfile: Table['actionProfile'];
  let supportTimeout = false;
  let hasConstantDefault = false;
  const sizes = new Map<string, number>();
  tokens.expect('{', 'after the name of the table');
  while (!tokens.is('}')) {
    if (tokens.is('const') && tokens.peek().text === 'default_action') {
      tokens.next();
      hasConstantDefault = true;
    }
    const attribute = tokens.expectIdentifier('reads, actions, action_profile, default_action or size').text;
    if (attribute === 'reads') {
      tokens.expect('{', 'after reads');
      while (!tokens.is('}')) reads.push(tableRead(tokens));
      tokens.next();
      continue;
    }
    if (attribute === 'actions') {
      actions = actionList(tokens);
      continue;
    }
    if (!TABLE_ATTRIBUTES.has(attribute)) {
      throw tokens.fault('parse-unsupported', `${attribute} in a table is not supported`);
    }
    tokens.expect(':', `after ${attribute}`);
    if (attribute === 'default_action') defaultAction = defaultCall(tokens);
    else if (attribute === 'action_profile') {
      const profile = tokens.expectIdentifier('an action profile');
      actionProfile = { name: profile.text, position: profile.position };
    } else if (attribute === 'support_timeout') {
      supportTimeout = tokens.expectIdentifier('true or false').text === 'true';
    } else {
      sizes.set(attribute, countValue(tokens, 'a number of entries'));
    }
    tokens.expect(';', `after ${attribute}`);
  }
  tokens.next();
  return {
    kind: 'table',
    position: name.position,
    name: name.text,
    reads,
    actions,
    defaultAction,
    hasConstantDefault,
    actionProfile,
    minSize: sizes.get('min_size'),
    maxSize: sizes.get('max_size'),
    size: sizes.get('size'),
    supportTimeout,
  };
}

const TABLE_ATTRIBUTES: ReadonlySet<string> = new Set([
  'default_action',
  'action_profile',
  'min_size',
  'max_size',
  'size',
  'support_timeout',
  'timeout',
]);

/** With arguments, or the bare name of an action without parameters. */
function defaultCall(tokens: TokenStream): ActionCall {
  if (tokens.peek().text === '(') return actionCall(tokens);
  const { text: name, position } = tokens.expectIdentifier('an action');
  return { position, name, arguments: [] };
}

function tableRead(tokens: TokenStream): TableRead {
  const { position } = tokens;
  const field = fieldOrName(tokens, 'a field');
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
        const names = [tokens.expectIdentifier('hit, miss, default or an action')];
        while (tokens.accept(',')) names.push(tokens.expectIdentifier('an action'));
        const body = controlBlock(tokens);
        cases.push(...names.map(({ text, position: at }) => ({ name: text, position: at, body })));
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
