import { type RandomStream, randomStream } from '../../base/random.ts';

/** A lambda of so many lines that they fill most of a code store, for how fast the compiler is. */

const SEED = 5_000;
const TABLE_ROWS = 24;
/** Functions of each kind in a part of the program. */
const HELPERS = 2;
const STAGES = 3;

interface Part {
  readonly name: string;
  readonly random: RandomStream;
  /** Functions that later parts may call. */
  readonly exported: string[];
}

/**
 * The text of `large.c`: parts as in a gateway for many protocols, each with constants, a table, state and functions that
 * look up, sum, classify and update, and call one another and those of parts before; a dispatcher that answers requests.
 * Nothing but the number of lines decides what it is.
 * @param lines how long it is at least, comments and empty lines included
 */
export function largeProgram(lines: number): string {
  const parts: Part[] = [];
  const text: string[] = [
    '/* Answers requests of many protocols: the first word says which. */',
    '#include "lnic.h"',
    '',
  ];
  const tail = 40;
  for (let number = 0; text.length + tail + parts.length * 2 < lines; number++) {
    const part = { name: `p${number}`, random: randomStream(SEED, `part ${number}`), exported: [] };
    text.push(...partText(part, parts));
    parts.push(part);
  }
  text.push(...dispatcher(parts));
  return `${text.join('\n')}\n`;
}

function partText(part: Part, before: readonly Part[]): string[] {
  const { name, random } = part;
  const upper = name.toUpperCase();
  const text = [
    `/* ---- protocol ${name}: ${TABLE_ROWS} routes, a session and its statistics ---- */`,
    `#define ${upper}_ROUTES ${TABLE_ROWS}`,
    `#define ${upper}_SALT ${hexadecimal(random.uint32())}`,
    `#define ${upper}_MIX(a, b) (((a) << ${1 + random.below(7)}) ^ ((b) >> ${1 + random.below(7)}))`,
    '',
    `struct ${name}_session {`,
    '  uint32_t state;',
    '  uint32_t packets;',
    '  uint16_t window;',
    '  uint8_t flags;',
    '  uint8_t retries;',
    '};',
    '',
    `struct ${name}_route {`,
    '  uint32_t prefix;',
    '  uint32_t next_hop;',
    '};',
    '',
    `static const struct ${name}_route ${name}_routes[${upper}_ROUTES] = {`,
    ...Array.from(
      { length: TABLE_ROWS },
      (_, i) =>
        `  {${hexadecimal(random.uint32())}, ${i + random.below(200)}},${i % 8 === 0 ? ' /* a new site */' : ''}`,
    ),
    '};',
    '',
    `static struct ${name}_session ${name}_sessions[16];`,
    '',
  ];
  const helpers: string[] = [];
  for (let i = 0; i < HELPERS; i++) {
    const helper = `${name}_mix${i}`;
    text.push(...mixer(helper, upper, random));
    helpers.push(helper);
  }
  text.push(...lookup(name, upper), ...summing(name, random), ...classify(name, random, helpers[0]!));
  const earlier = before.slice(-3).flatMap(({ exported }) => exported);
  for (let i = 0; i < STAGES; i++) text.push(...stage(name, i, random, helpers, earlier));
  // A function in the middle of the call graph: what lies too deep would need more registers than there are.
  if (before.length % 4 === 0) part.exported.push(`${name}_sum`, helpers[1]!);
  text.push(...handler(name));
  return text;
}

/** Straight code on a few variables. */
function mixer(function_: string, upper: string, random: RandomStream): string[] {
  const variables = ['a', 'b', 'c'];
  const one = (): string => variables[random.below(3)]!;
  const operators = ['+', '^', '-', '|', '&'];
  return [
    '/* Spreads the bits of two words over one. */',
    `static uint32_t ${function_}(uint32_t a, uint32_t b) {`,
    `  uint32_t c = a ^ ${upper}_SALT;`,
    ...Array.from({ length: 5 + random.below(6) }, () => {
      const value = random.below(2) === 0 ? `${1 + random.below(255)}` : `(${one()} >> ${1 + random.below(20)})`;
      return `  ${one()} = ${one()} ${operators[random.below(5)]!} ${value};`;
    }),
    `  return ${upper}_MIX(a, b) + c;`,
    '}',
    '',
  ];
}

/** A search of the table. */
function lookup(name: string, upper: string): string[] {
  return [
    '/* The next hop of the longest prefix, or 0. */',
    `static uint32_t ${name}_lookup(uint32_t address) {`,
    '  uint32_t best = 0;',
    '  uint32_t length = 0;',
    '  uint32_t i;',
    '',
    `  for (i = 0; i < ${upper}_ROUTES; i++) {`,
    `    uint32_t differing = ${name}_routes[i].prefix ^ address;`,
    '    uint32_t common = 0;',
    '    while (common < 32 && (differing & 0x80000000u) == 0) {',
    '      differing <<= 1;',
    '      common++;',
    '    }',
    '    if (common > length) {',
    '      length = common;',
    `      best = ${name}_routes[i].next_hop;`,
    '    }',
    '  }',
    '  return best;',
    '}',
    '',
  ];
}

function summing(name: string, random: RandomStream): string[] {
  return [
    "/* One's complement sum of the words that a request begins with. */",
    `static uint32_t ${name}_sum(uint32_t first, uint32_t count) {`,
    `  uint32_t sum = ${hexadecimal(random.below(0x10000))};`,
    '  uint32_t i;',
    '',
    '  for (i = 0; i < count; i++) {',
    '    sum += (first >> 16) + (first & 0xffff);',
    `    first = (first << ${1 + random.below(15)}) | i;`,
    '    if (sum > 0xffff) {',
    '      sum = (sum & 0xffff) + (sum >> 16);',
    '    }',
    '  }',
    '  return ~sum & 0xffff;',
    '}',
    '',
  ];
}

function classify(name: string, random: RandomStream, helper: string): string[] {
  const cases = 4 + random.below(7);
  return [
    '/* What kind of packet this is; unknown ones are counted. */',
    `static uint32_t ${name}_classify(uint32_t kind, uint32_t word) {`,
    '  switch (kind) {',
    ...Array.from({ length: cases }, (_, i) => [
      `    case ${i * (1 + random.below(3))}${i === 0 ? '' : ` + ${i * 16}`}:`,
      ...(random.below(3) === 0
        ? [
            `      if (word > ${hexadecimal(random.uint32())}) {`,
            `        return ${helper}(word, kind);`,
            '      }',
            '      break;',
          ]
        : [`      word = word * ${3 + random.below(97)} + ${random.below(1000)};`, '      break;']),
    ]).flat(),
    '    default:',
    '      word = 0;',
    '      break;',
    '  }',
    '  return word;',
    '}',
    '',
  ];
}

/** A longer function: state in memory, conditions, calls. */
function stage(
  name: string,
  number: number,
  random: RandomStream,
  helpers: readonly string[],
  earlier: readonly string[],
): string[] {
  const callees = [...helpers, ...earlier.slice(0, 2)];
  const call = (): string => callees[random.below(callees.length)]!;
  const text = [
    `/* Stage ${number}: brings the session of the request up to date. */`,
    `static uint32_t ${name}_stage${number}(uint32_t key, uint32_t word) {`,
    `  struct ${name}_session *session = &${name}_sessions[key & 15];`,
    '  uint32_t state = session->state;',
    '  uint32_t total = word;',
    '',
  ];
  for (let i = 0; i < 3 + random.below(4); i++) {
    switch (random.below(4)) {
      case 0:
        text.push(
          `  if ((state & ${hexadecimal(1 << random.below(16))}) != 0) {`,
          `    total += ${call()}(state, total);`,
          '    session->retries = 0;',
          '  } else {',
          `    total ^= ${hexadecimal(random.uint32())};`,
          '    session->retries++;',
          '  }',
        );
        break;
      case 1:
        text.push(
          '  /* The window opens by one a packet, and halves when something was lost. */',
          `  if (session->retries > ${1 + random.below(5)}) {`,
          '    session->window >>= 1;',
          `    state |= ${hexadecimal(1 << random.below(16))};`,
          '  } else if (session->window < 0xfff0) {',
          '    session->window++;',
          '  }',
        );
        break;
      case 2:
        text.push(
          `  state = (state << ${1 + random.below(8)}) + (total & ${hexadecimal(random.below(0x10000))});`,
          `  total = ${call()}(total, state ^ ${random.below(100)});`,
          `  if (total % ${3 + random.below(20)} == 0) {`,
          `    session->flags |= ${hexadecimal(1 << random.below(8))};`,
          '  }',
        );
        break;
      default:
        text.push(
          `  while (total > ${hexadecimal(0x1000_0000 + random.below(0x1000_0000))}) {`,
          '    total >>= 1;',
          `    state += total & ${1 + random.below(63)};`,
          '  }',
        );
    }
  }
  return [...text, '', '  session->state = state;', '  session->packets++;', '  return total;', '}', ''];
}

function handler(name: string): string[] {
  return [
    `static uint32_t ${name}_handle(uint32_t kind, uint32_t key, uint32_t word) {`,
    `  uint32_t class = ${name}_classify(kind, word);`,
    `  uint32_t hop = ${name}_lookup(key ^ class);`,
    '  uint32_t result = hop;',
    '',
    ...Array.from({ length: STAGES }, (_, i) => [
      `  if ((class & ${1 << i}) != 0) {`,
      `    result += ${name}_stage${i}(key, class ^ ${i});`,
      '  }',
    ]).flat(),
    `  return result ^ ${name}_sum(class, word & 7);`,
    '}',
    '',
  ];
}

function dispatcher(parts: readonly Part[]): string[] {
  return [
    'int pif_plugin_large(EXTRACTED_HEADERS_T *headers, MATCH_DATA_T *match_data) {',
    '  PIF_PLUGIN_lambda_hdr_T *lambda = pif_plugin_hdr_get_lambda_hdr(headers);',
    '  __xread uint32_t request[4];',
    '  __xwrite uint32_t answer[1];',
    '  uint32_t result = 0;',
    '',
    '  if (!lnic_is_whole(headers) || lambda->length_ != 16) {',
    '    lnic_answer(headers, LNIC_BAD_REQUEST, 0);',
    '    return PIF_PLUGIN_RETURN_FORWARD;',
    '  }',
    '  mem_read32(request, lnic_body(), 16);',
    '  switch (request[0]) {',
    ...parts.flatMap(({ name }, i) => [
      `    case ${i}:`,
      `      result = ${name}_handle(request[1], request[2], request[3]);`,
      '      break;',
    ]),
    '    default:',
    '      break;',
    '  }',
    '  answer[0] = result;',
    '  mem_write32(answer, lnic_body(), 4);',
    '  lnic_answer(headers, LNIC_OK, 4);',
    '  return PIF_PLUGIN_RETURN_FORWARD;',
    '}',
  ];
}

function hexadecimal(value: number): string {
  return `0x${(value >>> 0).toString(16)}`;
}
