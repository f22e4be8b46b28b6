import type { RandomStream } from '../../base/random.ts';
import { expression, fixed, type Piece, statement } from './node.ts';
import { constructExpression, constructStatement, type Surroundings } from './random-constructs.ts';
import { literal, pick } from './random-values.ts';
import {
  FIELDS,
  type IntegerType,
  type ParameterKind,
  type Scope,
  type Signature,
  TYPES,
  WIDE_FIELDS,
} from './scope.ts';

const PARAMETER_KINDS: readonly ParameterKind[] = ['integer', 'integer', 'record', 'record-pointer', 'pointer'];
/** Elements behind a pointer that is an argument. */
const POINTED = 4;
const DIVISORS = ['2', '3', '7', '10', '255', '1000', '-3', '-16', '65537', '0x100000001ll', '9u', '1000000007u'];

/**
 * One function of a random program. Expressions have no effects, so that their order does not show; calls of functions
 * with effects are statements.
 */
export class RandomFunction {
  private readonly random: RandomStream;
  private readonly scope: Scope;
  private readonly index: number | undefined;
  /** Counters of loops: read, never assigned. */
  private readonly counters: string[] = [];
  private labels = 0;
  private names = 0;
  /** For constructs that are made elsewhere. */
  private readonly around: Surroundings;

  /** @param index of the function; absent for main */
  constructor(random: RandomStream, globals: Scope, index: number | undefined) {
    this.random = random;
    this.index = index;
    const { variables, arrays, records, pointers, functions } = globals;
    this.scope = {
      variables: [...variables],
      arrays: [...arrays],
      records: [...records],
      pointers: [...pointers],
      functions: [...functions],
    };
    this.around = {
      random,
      scope: this.scope,
      expression: (depth) => this.expression(depth),
      statements: (count, depth) => this.statements(count, depth),
      name: (prefix) => `${prefix}_${this.names++}`,
    };
  }

  definition(): { readonly piece: Piece; readonly signature: Signature } {
    const { random } = this;
    const name = `f${this.index}`;
    const parameters = Array.from({ length: random.below(4) }, () => ({
      kind: pick(random, PARAMETER_KINDS),
      type: pick(random, TYPES),
    }));
    const result = random.below(4) === 0 ? 'record' : pick(random, TYPES);
    const list = parameters.map(({ kind, type }, i) => this.parameter(kind, type, `p${i}`));
    const head = `static ${result === 'record' ? 'struct record' : result.name} ${name}(${list.join(', ') || 'void'}) {\n`;
    const locals = this.locals();
    const body = this.statements(2 + random.below(3), 1);
    const value = result === 'record' ? fixed(pick(random, this.scope.records).name) : this.expression(2);
    const piece = fixed(head, locals, ...body, 'return ', value, ';\n}\n');
    return { piece, signature: { name, result, parameters } };
  }

  main(): Piece {
    const locals = this.locals();
    const body = this.statements(6, 2);
    const shown = this.scope.variables.map(({ name }) => statement(`mix((uint64_t)${name});\n`));
    for (const { name, length } of this.scope.arrays) {
      shown.push(statement(`for (int i = 0; i < ${length}; i++) mix((uint64_t)${name}[i]);\n`));
    }
    for (const { name } of this.scope.records) {
      shown.push(...[...FIELDS, ...WIDE_FIELDS].map((field) => statement(`mix((uint64_t)${name}.${field.name});\n`)));
    }
    const end = [
      'for (int i = 0; i < 16; i++) mix((uint64_t)m0[i / 4][i % 4]);\n',
      'mix((uint64_t)o0.pairs[0].x);\nfor (int i = 0; i < 4; i++) mix((uint64_t)*places[i]);\nmix(counted(0));\n',
      'show();\nreturn (int)(checksum & 127);\n}\n',
    ];
    return fixed('int main(void) {\n', locals, ...body, ...shown, ...end);
  }

  private parameter(kind: ParameterKind, type: IntegerType, name: string): string {
    switch (kind) {
      case 'integer':
        this.scope.variables.push({ name, type });
        return `${type.name} ${name}`;
      case 'record':
        this.scope.records.push({ name });
        return `struct record ${name}`;
      case 'record-pointer':
        this.scope.records.push({ name: `(*${name})` });
        return `struct record *${name}`;
      case 'pointer':
        this.scope.pointers.push({ name, type, length: POINTED });
        return `${type.name} *${name}`;
    }
  }

  private locals(): Piece {
    const { random, scope } = this;
    const parts: (string | Piece)[] = [];
    for (let i = 0; i < 1 + random.below(3); i++) {
      const type = pick(random, TYPES);
      parts.push(`${type.name} l${i} = (${type.name})`, this.expression(1), ';\n');
      scope.variables.push({ name: `l${i}`, type });
    }
    if (random.below(2) === 0) {
      const type = pick(random, TYPES);
      parts.push(`${type.name} local[${POINTED}] = {`, this.castTo(type), ', ', this.castTo(type), '};\n');
      scope.arrays.push({ name: 'local', type, length: POINTED });
    }
    if (random.below(3) === 0) {
      parts.push(`struct record r = ${pick(random, scope.records).name};\n`);
      scope.records.push({ name: 'r' });
    }
    const array = pick(random, scope.arrays);
    const same = scope.arrays.filter(({ type }) => type === array.type);
    const other = pick(random, same);
    const target =
      random.below(3) === 0 ? fixed('(', this.expression(1), ` ? ${array.name} : ${other.name})`) : fixed(array.name);
    parts.push(`${array.type.name} *q = `, target, ';\n');
    scope.pointers.push({ name: 'q', type: array.type, length: Math.min(array.length, other.length) });
    if (random.below(3) === 0) {
      parts.push('struct record *rp = &', pick(random, scope.records).name, ';\n');
      scope.records.push({ name: '(*rp)' });
    }
    if (random.below(3) === 0) {
      parts.push('operation *chosen = ', this.expression(1), ' ? op0 : op1;\n');
      this.hasChosen = true;
    }
    return fixed(...parts);
  }

  private hasChosen = false;

  private statements(count: number, depth: number): Piece[] {
    return Array.from({ length: count }, () => this.statement(depth));
  }

  private statement(depth: number): Piece {
    const { random } = this;
    if (depth === 0) return this.assignment();
    const some = (): Piece => fixed(...this.statements(1 + random.below(3), depth - 1));
    switch (random.below(18)) {
      case 0:
        return statement('if (', this.expression(2), ') {\n', some(), '} else {\n', some(), '}\n');
      case 1:
        return statement('if (', this.expression(3), ') {\n', some(), '}\n');
      case 2:
      case 3:
        return this.loop(depth);
      case 4:
        return this.switchStatement(depth);
      case 5: {
        const label = `over${this.labels++}`;
        return statement('if (', this.expression(2), `) goto ${label};\n`, some(), `${label}:;\n`);
      }
      case 6:
        return statement('mix((uint64_t)', this.expression(2), ');\n');
      case 7:
        return this.recordStatement();
      case 8:
      case 9:
        return this.callStatement();
      case 10:
      case 11:
      case 12:
      case 13:
        return constructStatement(this.around);
      default:
        return this.assignment();
    }
  }

  private loop(depth: number): Piece {
    const { random } = this;
    const counter = `i${this.names++}`;
    const count = 1 + random.below(5);
    this.counters.push(counter);
    // The same expression before, in and after the loop, in which what it is made of changes.
    const repeated = random.below(2) === 0 ? this.expression(2) : undefined;
    const mixed = repeated === undefined ? [] : [statement('mix((uint64_t)', repeated, ');\n')];
    const changed = mixed.length === 0 ? [] : [this.assignment(), this.assignment()];
    const body = this.statements(1 + random.below(3), depth - 1);
    const leave =
      random.below(3) === 0
        ? [statement('if (', this.expression(2), `) ${pick(random, ['break', 'continue'])};\n`)]
        : [];
    const rest = leave.length > 0 ? this.statements(1, 0) : [];
    this.counters.pop();
    const inner = [...mixed, ...body, ...changed, ...leave, ...rest, ...mixed];
    switch (random.below(3)) {
      case 0:
        return statement(`for (int ${counter} = 0; ${counter} < ${count}; ${counter}++) {\n`, ...inner, '}\n');
      case 1:
        return statement(`{\nuint8_t ${counter} = ${count};\nwhile (${counter}-- > 0) {\n`, ...inner, '}\n}\n');
      default:
        return statement(`{\nint64_t ${counter} = ${-count};\ndo {\n`, ...inner, `} while (++${counter} < 0);\n}\n`);
    }
  }

  private switchStatement(depth: number): Piece {
    const { random } = this;
    const cases: (string | Piece)[] = [];
    for (let value = 0; value < 4; value++) {
      if (random.below(4) === 0) continue;
      cases.push(
        `case ${value === 3 ? '0x3' : value}:\n`,
        ...this.statements(1, depth - 1),
        random.below(3) === 0 ? '' : 'break;\n',
      );
    }
    const rest = random.below(2) === 0 ? fixed('default:\n', ...this.statements(1, depth - 1)) : fixed();
    const mask = pick(random, ['3', '3ll', '7']);
    return statement('switch (', this.expression(2), ` & ${mask}) {\n`, ...cases, rest, '}\n');
  }

  private recordStatement(): Piece {
    const { random, scope } = this;
    const [to, from] = [pick(random, scope.records).name, pick(random, scope.records).name];
    if (random.below(2) === 0) return statement(`${to} = ${from};\n`);
    const [one, two] = [pick(random, FIELDS), FIELDS[random.below(2)]];
    if (one === two) return statement(`${to} = ${from};\n`);
    return statement(
      `${to} = (struct record){.${one.name} = `,
      this.expression(1),
      `, .${two?.name} = `,
      this.expression(1),
      '};\n',
    );
  }

  private callStatement(): Piece {
    const { random, scope } = this;
    const called = scope.functions.length === 0 ? undefined : pick(random, scope.functions);
    const values = called?.parameters.map(({ kind, type }) => this.argument(kind, type));
    if (called === undefined || values === undefined || values.includes(undefined)) return this.assignment();
    const list = values.flatMap((value, i) => (i === 0 ? [value as Piece] : [', ', value as Piece]));
    const call = [`${called.name}(`, ...list, ')'];
    if (called.result !== 'record') return statement(`${pick(random, scope.variables).name} = `, ...call, ';\n');
    if (random.below(2) === 0) return statement(`${pick(random, scope.records).name} = `, ...call, ';\n');
    return statement(`${pick(random, scope.variables).name} = `, ...call, `.${pick(random, FIELDS).name};\n`);
  }

  /** Undefined when nothing of the kind is in scope. */
  private argument(kind: ParameterKind, type: IntegerType): Piece | undefined {
    const { random, scope } = this;
    switch (kind) {
      case 'integer':
        return this.expression(2);
      case 'record':
        return fixed(pick(random, scope.records).name);
      case 'record-pointer':
        if (random.below(4) === 0) return fixed('&(struct record){.f0 = ', this.expression(1), '}');
        return fixed(`&${pick(random, scope.records).name}`);
      case 'pointer': {
        const fitting = [...scope.arrays, ...scope.pointers].filter(
          (each) => each.type === type && each.length >= POINTED,
        );
        return fitting.length === 0 ? undefined : fixed(pick(random, fitting).name);
      }
    }
  }

  private assignment(): Piece {
    const { random } = this;
    const place = this.place();
    switch (random.below(8)) {
      case 0:
        return statement(place, pick(random, ['++', '--']), ';\n');
      case 1:
      case 2:
      case 3:
        return statement(place, ` ${pick(random, ['+=', '-=', '*=', '&=', '|=', '^='])} `, this.expression(2), ';\n');
      case 4:
        return statement(place, ` ${pick(random, ['<<=', '>>='])} `, this.expression(1), ' & 7;\n');
      case 5:
        return statement(place, ` ${pick(random, ['/=', '%='])} `, pick(random, DIVISORS), ';\n');
      default:
        return statement(place, ' = ', this.expression(3), ';\n');
    }
  }

  /** What can be assigned. */
  private place(): Piece {
    const { random, scope } = this;
    switch (random.below(8)) {
      case 0: {
        const { name, length } = pick(random, [...scope.arrays, ...scope.pointers]);
        return fixed(`${name}[`, this.expression(1), ` & ${length - 1}]`);
      }
      case 1: {
        const { name, length } = pick(random, scope.pointers.length > 0 ? scope.pointers : scope.arrays);
        return fixed(`(*(${name} + (`, this.expression(1), ` & ${length - 1})))`);
      }
      case 2:
      case 3:
        return fixed(`${pick(random, scope.records).name}.${pick(random, FIELDS).name}`);
      case 4:
        return fixed('m0[', this.expression(1), ' & 3][', this.expression(1), ' & 3]');
      default:
        return fixed(pick(random, scope.variables).name);
    }
  }

  private castTo(type: IntegerType): Piece {
    return expression(`(${type.name})`, this.expression(1));
  }

  private expression(depth: number): Piece {
    const { random } = this;
    if (depth === 0) {
      if (random.below(3) === 0) return expression(literal(random));
      if (this.counters.length > 0 && random.below(4) === 0) return expression(pick(random, this.counters));
      return expression(random.below(3) === 0 ? this.shallowPlace() : pick(random, this.scope.variables).name);
    }
    const inner = (): Piece => this.expression(depth - 1);
    switch (random.below(20)) {
      case 0:
        return expression('(', inner(), ` ${pick(random, ['<', '>', '<=', '>=', '==', '!='])} `, inner(), ')');
      case 1:
        return expression('(', inner(), ` ${pick(random, ['&&', '||'])} `, inner(), ')');
      case 2:
        return expression('(', inner(), ' ? ', inner(), ' : ', inner(), ')');
      case 3:
      case 4:
        return expression(`(${pick(random, TYPES).name})`, expression('(', inner(), ')'));
      case 5:
        return expression(`(${pick(random, ['~', '!', '-', '+'])}`, inner(), ')');
      case 6:
        return expression(
          `((${pick(random, ['uint32_t', 'int32_t', 'uint8_t', 'int16_t'])})`,
          inner(),
          ` ${pick(random, ['<<', '>>'])} (`,
          inner(),
          ' & 31))',
        );
      case 7:
        return expression(
          `((${pick(random, ['uint64_t', 'int64_t'])})`,
          inner(),
          ` ${pick(random, ['<<', '>>'])} (`,
          inner(),
          ' & 63))',
        );
      case 8:
        return this.division(inner);
      case 9:
        return expression('(', inner(), ` ${pick(random, ['/', '%'])} ${pick(random, DIVISORS)})`);
      case 10:
        return expression(
          `${this.hasChosen && random.below(2) === 0 ? 'chosen' : 'table[1]'}((int32_t)`,
          inner(),
          ', (int32_t)',
          inner(),
          ')',
        );
      case 11:
        return expression('table[(uint32_t)', inner(), ' % 3u]((int32_t)', inner(), ', 5)');
      case 12:
        return expression('(', this.place(), ')');
      case 13:
      case 14:
      case 15:
        return constructExpression(this.around);
      default:
        return expression('(', inner(), ` ${pick(random, ['+', '-', '*', '&', '|', '^'])} `, inner(), ')');
    }
  }

  /** By what is neither 0 nor, where it has a sign, -1. */
  private division(inner: () => Piece): Piece {
    const { random } = this;
    const type = pick(random, TYPES);
    const operator = pick(random, ['/', '%']);
    const divisor = type.signed ? fixed('((', inner(), ' & 0xff) + 2)') : fixed(`((${type.name})`, inner(), ' | 1)');
    return expression(`((${type.name})`, inner(), ` ${operator} `, divisor, ')');
  }

  private shallowPlace(): string {
    const { random, scope } = this;
    switch (random.below(3)) {
      case 0:
        return `${pick(random, scope.records).name}.${pick(random, FIELDS).name}`;
      case 1: {
        const { name, length } = pick(random, [...scope.arrays, ...scope.pointers]);
        return `${name}[${random.below(length)}]`;
      }
      default:
        return `m0[${random.below(4)}][${random.below(4)}]`;
    }
  }
}
