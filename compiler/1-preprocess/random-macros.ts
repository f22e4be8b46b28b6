import { type RandomStream, randomStream } from '../../base/random.ts';

/**
 * For tests: random files of macros, uses and conditionals that have one meaning by the C standard: every paste makes a
 * token, no call takes its arguments from outside of the replacement that it stands in.
 */
const MACROS = 12;
const LINES = 40;

interface Shape {
  readonly name: string;
  /** Number of parameters; -1: object-like. */
  readonly parameters: number;
  readonly variadic: boolean;
  /** Its parameters are operands of `##`: arguments are single words, or nothing. */
  readonly pastes: boolean;
}

export function randomMacros(seed: number): string {
  const random = randomStream(seed, 'macros');
  const shapes: Shape[] = Array.from({ length: MACROS }, (_, i) => {
    const parameters = random.below(3) === 0 ? -1 : random.below(4);
    const variadic = parameters >= 0 && random.below(4) === 0;
    return { name: `M${i}`, parameters, variadic, pastes: parameters > 0 && random.below(3) === 0 };
  });
  const lines: string[] = [];
  for (const shape of shapes) if (random.below(6) !== 0) lines.push(definition(random, shape, shapes));
  for (let i = 0; i < LINES; i++) lines.push(line(random, shapes));
  return `${lines.join('\n')}\n`;
}

function pick<T>(random: RandomStream, from: readonly T[]): T {
  return from[random.below(from.length)] as T;
}

function line(random: RandomStream, shapes: readonly Shape[]): string {
  switch (random.below(10)) {
    case 0: {
      const shape = pick(random, shapes);
      return `#undef ${shape.name}\n${definition(random, shape, shapes)}`;
    }
    case 1:
      return `#if ${condition(random, shapes, 3)}\n${uses(random, shapes)}\n#elif ${condition(random, shapes, 2)}\n${uses(random, shapes)}\n#else\n${uses(random, shapes)}\n#endif`;
    case 2:
      return `#${pick(random, ['ifdef', 'ifndef'])} ${pick(random, shapes).name}\n${uses(random, shapes)} /* over\n lines */ don\n#else\n#if 0\nisn't\n#endif\n#endif`;
    case 3:
      return `#if 0\n#if )\n#elif (\n#error no\n#endif\n'\n#else\n${uses(random, shapes)} // end\n#endif`;
    case 4:
      return pick(random, [
        '__LINE__ __COUNTER__',
        `#line ${1 + random.below(500)}\n__LINE__`,
        '  # \n  #  pragma keep',
      ]);
    default:
      return uses(random, shapes);
  }
}

function uses(random: RandomStream, shapes: readonly Shape[]): string {
  return Array.from({ length: 1 + random.below(4) }, () => use(random, shapes, 3)).join(
    pick(random, [' ', ' + ', ';']),
  );
}

/** Within a definition everything stands on one line. */
function use(
  random: RandomStream,
  shapes: readonly Shape[],
  depth: number,
  spaces: readonly string[] = ['', ' ', '\n'],
): string {
  const shape = pick(random, shapes);
  if (shape.parameters < 0 || depth === 0)
    return pick(random, [
      shape.parameters < 0 ? shape.name : `${shape.name} ;`,
      'word',
      '12',
      '"s\\n"',
      "'c'",
      '0x1Fu',
    ]);
  if (random.below(12) === 0) return `${shape.name} ;`;
  const given = shape.parameters + (shape.variadic ? random.below(3) : 0);
  const list = Array.from({ length: given }, () => argument(random, shape, shapes, depth - 1, spaces));
  const space = pick(random, spaces);
  return `${shape.name}${pick(random, ['', ' '])}(${list.join(`,${space}`)})`;
}

function argument(
  random: RandomStream,
  shape: Shape,
  shapes: readonly Shape[],
  depth: number,
  spaces: readonly string[],
): string {
  if (shape.pastes)
    return pick(random, ['', 'x', 'y1', shapes.find((each) => each.parameters < 0)?.name ?? 'x', ' z ']);
  switch (random.below(6)) {
    case 0:
      return pick(random, ['', ' ', '1', 'a  b', '(p, q)', '"text \\\\ \\"in\\""', '- - +']);
    default:
      return `${use(random, shapes, depth, spaces)}${pick(random, ['', ' + 1', ' '])}`;
  }
}

function definition(random: RandomStream, shape: Shape, shapes: readonly Shape[]): string {
  const names = Array.from({ length: Math.max(0, shape.parameters) }, (_, i) => `p${i}`);
  const list = [...names, ...(shape.variadic ? ['...'] : [])].join(pick(random, [',', ', ']));
  const head = shape.parameters < 0 ? shape.name : `${shape.name}(${list})`;
  const body = Array.from({ length: random.below(6) }, () => bodyPart(random, shape, names, shapes));
  return `#define ${head} ${body.join(pick(random, [' ', '  ', ' \\\n ']))}`;
}

function bodyPart(random: RandomStream, shape: Shape, names: readonly string[], shapes: readonly Shape[]): string {
  if (shape.variadic && random.below(3) === 0) {
    return pick(random, [
      'f(a, ## __VA_ARGS__)',
      '#__VA_ARGS__',
      'g(__VA_ARGS__)',
      '[__VA_OPT__(some, __VA_ARGS__) end]',
    ]);
  }
  if (names.length > 0 && random.below(2) === 0) {
    const name = pick(random, names);
    if (shape.pastes)
      return pick(random, [`M ## ${name}`, `${name} ## ${pick(random, names)}`, `q##${name}##7`, `#${name}`]);
    return pick(random, [name, `(${name})`, `# ${name}`, `-${name}-`]);
  }
  return pick(random, ['+', 'b', '3', use(random, shapes, 1, [' ']), use(random, shapes, 1, [' ']), 'x ## 1', '"lit"']);
}

function condition(random: RandomStream, shapes: readonly Shape[], depth: number): string {
  const inner = (): string => condition(random, shapes, depth - 1);
  if (depth === 0) {
    const { name } = pick(random, shapes);
    return pick(random, [
      `defined ${name}`,
      `defined(${name})`,
      '0',
      '1',
      '-1',
      '0u',
      '3',
      "'a'",
      'nothing',
      '0x7fffffffffffffff',
      '18446744073709551615u',
    ]);
  }
  switch (random.below(6)) {
    case 0:
      return `(${inner()} ${pick(random, ['&&', '||'])} ${inner()})`;
    case 1:
      return `(${inner()} ? ${inner()} : ${inner()})`;
    case 2:
      return `${pick(random, ['!', '~', '-'])} ${inner()}`;
    case 3:
      return `(${inner()} ${pick(random, ['/', '%'])} (${inner()} | 1))`;
    default:
      return `(${inner()} ${pick(random, ['+', '-', '*', '<', '>', '<=', '>=', '==', '!=', '&', '|', '^', '<<', '>>'])} ${inner()})`;
  }
}
