import { describe, expect, it } from 'vitest';
import { preprocess } from '../../1-preprocess/preprocess.ts';
import { Diagnostics } from '../../diagnostics.ts';
import { parseMicroC } from './parse.ts';
import type { Declarator, Expression, Statement } from './tree.ts';

/** The tree in brackets, operators first. */
function show(e: Expression): string {
  switch (e.kind) {
    case 'integer':
    case 'floating':
    case 'character':
      return e.text;
    case 'string':
      return e.texts.join('');
    case 'name':
      return e.name;
    case 'call':
      return `(call ${[e.callee, ...e.arguments].map(show).join(' ')})`;
    case 'subscript':
      return `([] ${show(e.array)} ${show(e.index)})`;
    case 'member':
      return `(${e.arrow ? '->' : '.'} ${show(e.object)} ${e.name})`;
    case 'unary':
      return `(${e.operator} ${show(e.operand)})`;
    case 'step':
      return `(${e.prefix ? 'pre' : 'post'}${e.delta === 1 ? '++' : '--'} ${show(e.operand)})`;
    case 'sizeof-type':
      return `(sizeof-type ${showDeclarator(e.type.declarator)})`;
    case 'sizeof':
      return `(sizeof ${show(e.operand)})`;
    case 'generic':
      return `(generic ${[e.operand, ...e.choices.map((choice) => choice.value)].map(show).join(' ')})`;
    case 'alignof':
      return `(alignof ${showDeclarator(e.of.declarator)})`;
    case 'compound-literal':
      return `(literal ${showDeclarator(e.type.declarator)})`;
    case 'cast':
      return `(cast ${showDeclarator(e.type.declarator)} ${show(e.operand)})`;
    case 'binary':
    case 'logical':
      return `(${e.operator} ${show(e.left)} ${show(e.right)})`;
    case 'conditional':
      return `(? ${show(e.condition)} ${show(e.then)} ${show(e.otherwise)})`;
    case 'assign':
      return `(${e.operator ?? ''}= ${show(e.target)} ${show(e.value)})`;
    case 'comma':
      return `(, ${show(e.left)} ${show(e.right)})`;
  }
}

/** From the name outward. */
function showDeclarator(declarator: Declarator): string {
  const parts = declarator.derivations.map((each) => {
    if (each.kind === 'array') return `[${each.length === undefined ? '' : show(each.length)}]`;
    if (each.kind === 'function') return `(${each.parameters.map((p) => showDeclarator(p.declarator)).join(',')})`;
    return `*${each.qualifiers.const ? 'const' : ''}`;
  });
  return [declarator.name ?? '', ...parts].join('');
}

function parse(source: string) {
  const diagnostics = new Diagnostics();
  const files = new Map([['a.c', source]]);
  const tokens = preprocess({ files, main: 'a.c', includePaths: [], defines: {} }, diagnostics);
  const unit = parseMicroC(tokens, diagnostics);
  expect(diagnostics.list).toEqual([]);
  return unit.declarations;
}

function statementOf(text: string): Statement {
  const [, declared] = parse(`typedef int T; void f(void) { ${text} }`);
  if (declared?.kind !== 'function') throw new Error('a function');
  return declared.body.items[0] as Statement;
}

describe('expressions (6.5)', () => {
  it.each([
    ['a + b * c - d', '(- (+ a (* b c)) d)'],
    ['a << b + c < d == e & f ^ g | h && i || j', '(|| (&& (| (^ (& (== (< (<< a (+ b c)) d) e) f) g) h) i) j)'],
    ['a = b += c ? d : e, f', '(, (= a (+= b (? c d e))) f)'],
    ['a ? b, c : d ? e : f', '(? a (, b c) (? d e f))'],
    ['-a[1]->b.c++', '(- (post++ (. (-> ([] a 1) b) c)))'],
    ['*p++ = ~!-x', '(= (* (post++ p)) (~ (! (- x))))'],
    ['&a[2] - --b', '(- (& ([] a 2)) (pre-- b))'],
    ['sizeof a + sizeof(T) * sizeof (a)', '(+ (sizeof a) (* (sizeof-type ) (sizeof a)))'],
    ['(T)a + (a)(b)', '(+ (cast  a) (call a b))'],
    ['(T *)(&a)', '(cast * (& a))'],
    ['f(a, (b, c), g())', '(call f a (, b c) (call g))'],
    ['"a" "b"[1]', '([] "a""b" 1)'],
  ])('%s', (text, expected) => {
    const statement = statementOf(`${text};`);
    if (statement.kind !== 'expression' || statement.expression === undefined) throw new Error(statement.kind);
    expect(show(statement.expression)).toBe(expected);
  });
});

describe('declarators (6.7.5)', () => {
  it.each([
    ['int a;', 'a'],
    ['int *a[3];', 'a[3]*'],
    ['int (*a)[3];', 'a*[3]'],
    ['int (*a(int, int *))[2];', 'a(,*)*[2]'],
    ['int * const *a;', 'a**const'],
    ['int a[2][3];', 'a[2][3]'],
    ['int a(void);', 'a()'],
    ['int a(int b[], T (*c)(T));', 'a(b[],c*())'],
  ])('%s', (text, expected) => {
    const declared = parse(`typedef int T; ${text}`)[1];
    if (declared?.kind !== 'declaration') throw new Error('a declaration');
    expect(declared.declarators.map((each) => showDeclarator(each.declarator))).toEqual([expected]);
  });

  it('reads qualifiers of the NIC in every spelling', () => {
    const [a, b, c] = parse(
      'volatile __emem __addr40 unsigned x; unsigned __declspec(imem export aligned(64)) y; __cls __shared __align16 const int z;',
    );
    const of = (each: typeof a) => (each?.kind === 'declaration' ? each.specifiers.qualifiers : undefined);
    expect(of(a)).toMatchObject({ memory: 'emem', addressBits: 40, volatile: true });
    expect(of(b)).toMatchObject({ memory: 'imem', scope: 'export', align: { text: '64' } });
    expect(of(c)).toMatchObject({ memory: 'cls', scope: 'shared', const: true, align: { text: '16' } });
  });
});

describe('statements (6.8)', () => {
  it.each([
    ['if (a) if (b) c; else d;', 'if'],
    ['for (int i = 0; i < 3; i++) ;', 'for'],
    ['do x; while (0);', 'do'],
    ['switch (a) { case 1: default: break; }', 'switch'],
    ['T: goto T;', 'label'],
    ['{ T T = 1; T * 2; }', 'compound'],
  ])('%s', (text, kind) => {
    expect(statementOf(text).kind).toBe(kind);
  });

  it('gives else to the nearest if', () => {
    const statement = statementOf('if (a) if (b) c; else d;');
    expect(statement.kind === 'if' && statement.otherwise).toBe(undefined);
  });

  it('lets a variable hide a type', () => {
    const statement = statementOf('{ int T = 1; T * T; }');
    const second = statement.kind === 'compound' ? statement.items[1] : undefined;
    expect(second?.kind === 'expression' && second.expression && show(second.expression)).toBe('(* T T)');
  });
});
