import type { TokenStream } from '../token-stream.ts';
import { countValue } from './expressions.ts';
import type { ActionProfile, ActionSelector } from './tree.ts';

/** A list of actions in braces, the cursor being behind the word `actions`. */
export function actionList(tokens: TokenStream): ActionProfile['actions'][number][] {
  const actions: ActionProfile['actions'][number][] = [];
  tokens.expect('{', 'after actions');
  while (!tokens.is('}')) {
    const { text: name, position } = tokens.expectIdentifier('an action');
    actions.push({ name, position });
    tokens.expect(';', 'after the action');
  }
  tokens.next();
  return actions;
}

/** 10.2 action_profile_declaration */
export function actionProfile(tokens: TokenStream): ActionProfile {
  tokens.next();
  const { text: name, position } = tokens.expectIdentifier('the name of the action profile');
  let actions: ActionProfile['actions'] = [];
  let size: number | undefined;
  let selector: ActionProfile['selector'];
  tokens.expect('{', 'after the name of the action profile');
  while (!tokens.is('}')) {
    if (tokens.accept('actions')) actions = actionList(tokens);
    else if (tokens.accept('size')) {
      tokens.expect(':', 'after size');
      size = countValue(tokens, 'a number of entries');
      tokens.expect(';', 'after the size');
    } else if (tokens.accept('dynamic_action_selection')) {
      tokens.expect(':', 'after dynamic_action_selection');
      const named = tokens.expectIdentifier('an action selector');
      selector = { name: named.text, position: named.position };
      tokens.expect(';', 'after the action selector');
    } else {
      const wanted = 'actions, size or dynamic_action_selection';
      throw tokens.fault('parse-expected-token', `expected ${wanted}, found ${tokens.describe()}`);
    }
  }
  tokens.next();
  return { kind: 'action-profile', position, name, actions, size, selector };
}

/** 10.3 action_selector_declaration */
export function actionSelector(tokens: TokenStream): ActionSelector {
  tokens.next();
  const { text: name, position } = tokens.expectIdentifier('the name of the action selector');
  let key: ActionSelector['key'] | undefined;
  let mode: string | undefined;
  let type: string | undefined;
  tokens.expect('{', 'after the name of the action selector');
  while (!tokens.is('}')) {
    const attribute =
      tokens.accept('selection_key') ?? tokens.accept('selection_mode') ?? tokens.accept('selection_type');
    if (attribute === undefined) {
      const wanted = 'selection_key, selection_mode or selection_type';
      throw tokens.fault('parse-expected-token', `expected ${wanted}, found ${tokens.describe()}`);
    }
    tokens.expect(':', `after ${attribute.text}`);
    const value = tokens.expectIdentifier('a name');
    tokens.expect(';', `after ${attribute.text}`);
    if (attribute.text === 'selection_key') key = { name: value.text, position: value.position };
    else if (attribute.text === 'selection_mode') mode = value.text;
    else type = value.text;
  }
  tokens.next();
  if (key === undefined) {
    tokens.diagnostics.error('parse-missing-attribute', position, `${name} has no selection_key`, 'name a calculation');
    key = { name: '', position };
  }
  return { kind: 'action-selector', position, name, key, mode, type };
}
