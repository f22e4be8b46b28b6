import type { RandomStream } from '../../base/random.ts';
import { expression, fixed, type Piece, statement } from './node.ts';
import { pick } from './random-values.ts';
import { type Scope, WIDE_FIELDS } from './scope.ts';

/** What makes pieces of the function that a construct is put into. */
export interface Surroundings {
  readonly random: RandomStream;
  readonly scope: Scope;
  /** Without effects. */
  expression(depth: number): Piece;
  statements(count: number, depth: number): Piece[];
  /** A name that nothing else of the function has. */
  name(prefix: string): string;
}

/** Declarations that the constructs need, once a program: after the operations, before the functions. */
export const CONSTRUCT_DECLARATIONS = `union number {
  uint32_t word;
  int64_t wide;
  int16_t halves[4];
};
struct node {
  const struct node *next;
  int32_t value;
  operation *made;
};
static const struct node n0 = {0, 5, op2}, n1 = {&n0, -7, op0}, n2 = {.next = &n1, .made = op1};
struct outer {
  uint8_t tag;
  struct record inner;
  struct pair {
    int16_t x, y[2];
  } pairs[2];
};
static struct outer o0 = {.pairs = {[1] = {.y = {3, -4}}}, .tag = 250};
static int16_t *const places[4] = {&o0.pairs[1].x, o0.pairs[0].y + 1, &m0[2][1], m0[3]};
enum level { LOW = -3, MIDDLE, HIGH = 0x1234 };
static union number number_of(int64_t wide) { union number made; made.wide = wide; return made; }
static struct pair swapped(struct pair p, int16_t by) { return (struct pair){p.y[1], {p.x, (int16_t)(p.y[0] + by)}}; }
static int32_t apply(operation *f, int32_t a, int32_t b) { return f(a, b) ^ f(b, 1); }
static int16_t sum_of(int16_t (*rows)[4], uint32_t row) {
  int16_t sum = 0;
  for (const int16_t *at = rows[row & 3], *end = at + 4; at != end;) sum += *at++;
  return sum;
}
static uint32_t counted(uint32_t by) { static uint32_t calls = 7; return calls += by; }
`;

type Construct = (around: Surroundings) => Piece;

const STATEMENTS: readonly Construct[] = [
  // A union: what was written is what is read.
  ({ random, expression, name }) => {
    const union = name('u');
    const member = pick(random, ['word', 'wide', 'halves[2]']);
    const given = ['{\nunion number ', union, ';\n', union, `.${member} = `, expression(2), ';\n'];
    return statement(...given, `mix((uint64_t)${union}.${member});\n}\n`);
  },
  ({ expression }) => statement('mix((uint64_t)number_of(', expression(2), ').wide);\n'),
  ({ random, expression }) => {
    const [to, from] = [random.below(2), random.below(2)];
    return statement(`o0.pairs[${to}] = swapped(o0.pairs[${from}], (int16_t)`, expression(1), ');\n');
  },
  ({ scope, random, expression }) => {
    const record = pick(random, scope.records).name;
    const { name } = pick(random, WIDE_FIELDS);
    return statement(`${record}.${name} = `, expression(2), ';\n');
  },
  ({ random, expression }) => {
    const operator = pick(random, ['=', '+=', '^=', '-=']);
    return statement('*places[', expression(1), ` & 3] ${operator} `, expression(2), ';\n');
  },
  ({ random, scope, name }) => {
    const [node, to] = [name('n'), pick(random, scope.variables).name];
    const from = pick(random, ['n0', 'n1', 'n2']);
    return statement(
      `for (const struct node *${node} = &${from}; ${node} != 0; ${node} = ${node}->next) `,
      `${to} += ${node}->made(${node}->value, ${random.below(100)});\n`,
    );
  },
  // Duff's switch: a loop that is entered in the middle.
  ({ expression, statements, name }) => {
    const left = name('d');
    const step = (): Piece => fixed(...statements(1, 0));
    return statement(
      `{\nint32_t ${left} = (int32_t)(`,
      expression(1),
      ` & 7) + 1;\nswitch (${left} & 3) {\ncase 0: do {\n`,
      step(),
      'case 3:\n',
      step(),
      'case 2:\n',
      step(),
      'case 1:\n',
      step(),
      `} while ((${left} -= 4) > 0);\n}\n}\n`,
    );
  },
  // A pointer that walks, to the end or backwards.
  ({ random, scope, expression, name }) => {
    const walker = name('w');
    const { name: array, type, length } = pick(random, scope.arrays);
    const operator = pick(random, ['+=', '^=', '=']);
    return random.below(2) === 0
      ? statement(
          `for (${type.name} *${walker} = ${array}; ${walker} < ${array} + ${length};) *${walker}++ ${operator} `,
          expression(1),
          ';\n',
        )
      : statement(
          `for (${type.name} *${walker} = ${array} + ${length}; ${walker}-- != ${array};) *${walker} ${operator} `,
          expression(1),
          ';\n',
        );
  },
  ({ statements, expression, name }) => {
    const [count, label] = [name('c'), name('again')];
    return statement(
      `{\nuint32_t ${count} = 0;\n${label}:;\n`,
      ...statements(1, 0),
      `if (++${count} < (uint32_t)(`,
      expression(1),
      ` & 3)) goto ${label};\n}\n`,
    );
  },
  // Two loops at once; leaving the inner one alone.
  ({ statements, expression, name }) => {
    const [i, j] = [name('x'), name('y')];
    return statement(
      `for (uint32_t ${i} = 0, ${j} = 9; ${i} < ${j}; ${i} += 2, ${j}--) {\nfor (int16_t k = 2; k >= 0; k--) {\nif (`,
      expression(1),
      ') break;\n',
      ...statements(1, 0),
      '}\n}\n',
    );
  },
  ({ random, scope, expression }) =>
    statement(
      `${pick(random, scope.variables).name} = apply(`,
      choice(random),
      ', (int32_t)',
      expression(1),
      ', 3);\n',
    ),
  ({ expression }) => statement('mix(counted((uint32_t)', expression(1), '));\n'),
  ({ random, statements, expression }) => {
    const last = random.below(2) === 0 ? 'default' : 'case -1ll - 0x7fffffffffffffffll';
    const some = (): Piece => fixed(...statements(1, 0));
    return statement(
      'switch ((int64_t)',
      expression(2),
      ') {\ncase LOW ... HIGH:\n',
      some(),
      'break;\ncase 0x100000000ll:\n',
      some(),
      `${last}:\n`,
      some(),
      '}\n',
    );
  },
];

const EXPRESSIONS: readonly Construct[] = [
  ({ random, scope }) => {
    const { name, type } = pick(random, WIDE_FIELDS);
    return expression(`((${type})${pick(random, scope.records).name}.${name})`);
  },
  ({ expression: inner }) => expression('((int32_t[4]){', inner(0), ', 7, ', inner(0), '}[', inner(1), ' & 3])'),
  ({ expression: inner }) => expression('((struct pair){.y[1] = ', inner(1), ', .x = ', inner(1), '}.y[1])'),
  ({ random, expression: inner }) =>
    expression(`(*places[${random.below(4)}] + o0.pairs[`, inner(1), ' & 1].y[', inner(0), ' & 1])'),
  ({ random, scope, expression: inner }) => {
    const { name, length } = pick(random, scope.arrays);
    const [one, other] = [`&${name}[`, ` & ${length - 1}]`];
    const operator = pick(random, ['-', '<', '==', '>=']);
    return expression(`((int64_t)(${one}`, inner(0), `${other} ${operator} ${one}`, inner(0), `${other}))`);
  },
  ({ expression: inner }) => expression('("ordinary"[', inner(1), ' & 7])'),
  ({ random, expression: inner }) =>
    expression('((void)', inner(1), `, ${pick(random, ['LOW', 'HIGH'])} - `, inner(1), ')'),
  ({ random, scope, expression: inner }) => {
    const [one, other] = [pick(random, scope.records).name, pick(random, scope.records).name];
    return expression('(', inner(1), ` ? ${one} : ${other}).f3`);
  },
  ({ random, expression: inner }) =>
    expression('(', choice(random), ')((int32_t)', inner(1), ', (int32_t)', inner(0), ')'),
  ({ expression: inner }) => expression('sum_of(m0, (uint32_t)', inner(1), ')'),
  ({ random, scope }) => {
    const sized = pick(random, [...scope.arrays.map(({ name }) => name), 'struct node *', 'm0[1]', 'uint16_t']);
    return expression(sized.includes('*') ? '(int)sizeof(int32_t[3])' : `((int)sizeof(${sized}) - 3)`);
  },
];

/** A pointer to a function that only the run decides, or that is known. */
function choice(random: RandomStream): string {
  return pick(random, ['op1', '&op2', 'n1.made', 'table[g2 & 1]', '(g3 & 1 ? n2.made : op0)']);
}

export function constructStatement(around: Surroundings): Piece {
  return pick(around.random, STATEMENTS)(around);
}

export function constructExpression(around: Surroundings): Piece {
  return pick(around.random, EXPRESSIONS)(around);
}
