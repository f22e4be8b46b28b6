import {
  ALU_CODE,
  BRANCH_CODE,
  BRANCH_CONTEXT_CODE,
  BRANCH_STATE_CODE,
  CRC_BYTES_CODE,
  CRC_CODE,
  SHIFT_OPERATOR_CODE,
  UNARY_CODE,
} from './codes.ts';
import { COMMANDS } from './commands.ts';
import type {
  CommandAddress,
  CommandInstruction,
  ContextMode,
  Defer,
  Instruction,
  LoadFieldInstruction,
  Operand,
  RegisterOperand,
  ResultFlags,
  Shift,
  SourceOperand,
} from './instruction.ts';
import { registersPerContext } from './operands.ts';
import { verifyInstruction } from './verify.ts';

/**
 * Every form that an instruction can have, for tests that compare coders, disassemblers and engines: each operator,
 * command and CSR, each kind of operand in each place with its lowest and highest number, each shift and amount, each
 * modifier. Some 60,000 instructions that the verifier accepts. Branches go to 0..16383.
 */
export function everyForm(contexts: ContextMode): Instruction[] {
  const all = [
    ...aluForms(contexts),
    ...shiftForms(contexts),
    ...constantForms(contexts),
    ...fieldForms(contexts),
    ...multiplyForms(contexts),
    ...flowForms(contexts),
    ...csrForms(contexts),
    ...commandForms(contexts),
  ];
  return all.filter((instruction) => verifyInstruction(instruction, contexts).length === 0);
}

const NONE = { kind: 'none' } as const;
const A = { kind: 'gpr', bank: 'A', index: 1 } as const;
const B = { kind: 'gpr', bank: 'B', index: 2 } as const;
const PLAIN: ResultFlags = { writeBoth: false, keepConditionCodes: false, predicate: false };

const BOOLEANS = [false, true] as const;
const FLAGS: readonly ResultFlags[] = BOOLEANS.flatMap((writeBoth) =>
  BOOLEANS.flatMap((keepConditionCodes) => BOOLEANS.map((predicate) => ({ writeBoth, keepConditionCodes, predicate }))),
);

function keys<Name extends string>(codes: Readonly<Record<Name, number>>): Name[] {
  return Object.keys(codes) as Name[];
}

function upTo(limit: number): number[] {
  return Array.from({ length: limit }, (_, i) => i);
}

/** Each kind of register with its lowest and highest numbers. */
function registers(contexts: ContextMode): RegisterOperand[] {
  const count = registersPerContext(contexts);
  const banks = ['A', 'B'] as const;
  return [
    ...banks.flatMap((bank) => [0, count - 1].map((index) => ({ kind: 'gpr', bank, index }) as const)),
    ...banks.flatMap((bank) => [0, 127].map((index) => ({ kind: 'absolute_gpr', bank, index }) as const)),
    ...[0, count - 1, count, 2 * count - 1].map((index) => ({ kind: 'xfer', index }) as const),
    ...([-1, 0, 1] as const).map((step) => ({ kind: 'indexed_xfer', step }) as const),
    ...[0, count - 1].map((index) => ({ kind: 'neighbour', index }) as const),
    ...([0, 1] as const).map((step) => ({ kind: 'indexed_neighbour', step }) as const),
    ...([0, 1, 2, 3] as const).flatMap((pointer) => [
      ...[0, 1, 7, 8, 15].map((offset) => ({ kind: 'local_memory', pointer, offset, step: 0 }) as const),
      ...([-1, 1] as const).map((step) => ({ kind: 'local_memory', pointer, offset: 0, step }) as const),
    ]),
  ];
}

function sources(contexts: ContextMode): SourceOperand[] {
  return [
    ...registers(contexts),
    ...[0, 0x1f, 0x7f, 0x80, 0xff].map((value) => ({ kind: 'immediate', value }) as const),
  ];
}

/** Pairs in which each operand meets registers of both banks and an immediate as the other. */
function sourcePairs(contexts: ContextMode): (readonly [SourceOperand, SourceOperand])[] {
  const partners: readonly SourceOperand[] = [A, B, { kind: 'immediate', value: 0xa5 }];
  return sources(contexts).flatMap((source) =>
    partners.flatMap((partner) => [[source, partner] as const, [partner, source] as const]),
  );
}

function aluForms(contexts: ContextMode): Instruction[] {
  const destinations = [NONE, ...registers(contexts)];
  const all = sources(contexts);
  return [
    ...keys(ALU_CODE).flatMap((operator): Instruction[] => {
      const unary = operator === 'B' || operator === '~B';
      const pairs: readonly (readonly [Operand, SourceOperand])[] = unary
        ? all.map((source) => [NONE, source] as const)
        : sourcePairs(contexts);
      return [
        ...pairs.map(([a, b]): Instruction => ({ kind: 'alu', operator, destination: A, a, b, ...PLAIN })),
        ...destinations.flatMap((destination) =>
          FLAGS.map((flags): Instruction => {
            return { kind: 'alu', operator, destination, a: unary ? NONE : A, b: B, ...flags };
          }),
        ),
      ];
    }),
    ...keys(UNARY_CODE).flatMap((operator) =>
      destinations.flatMap((destination) =>
        all.flatMap((source): Instruction[] => {
          const flags = source === all[0] ? FLAGS : [PLAIN];
          return flags.map((flag) => ({ kind: 'unary', operator, destination, source, ...flag }));
        }),
      ),
    ),
    ...FLAGS.map((flags): Instruction => ({ kind: 'cam_clear', ...flags })),
    ...all.flatMap((source) =>
      [undefined, ...upTo(16)].map((place): Instruction => {
        const localMemory =
          place === undefined ? undefined : { pointer: (place >> 2) as Defer, offset: (place & 3) as Defer };
        return { kind: 'cam_lookup', destination: A, source, localMemory, ...PLAIN };
      }),
    ),
    ...destinations.flatMap((destination) =>
      FLAGS.map((flags): Instruction => {
        return { kind: 'cam_lookup', destination, source: B, localMemory: undefined, ...flags };
      }),
    ),
    ...sourcePairs(contexts).map(([entry, tag], i): Instruction => {
      return { kind: 'cam_write', entry, tag, state: i % 16, ...PLAIN };
    }),
    ...all.map((entry, i): Instruction => ({ kind: 'cam_write', entry, tag: NONE, state: i % 16, ...PLAIN })),
    ...BOOLEANS.flatMap((littleEndian) =>
      BOOLEANS.flatMap((bitSwap) =>
        keys(CRC_CODE).flatMap((operator) =>
          keys(CRC_BYTES_CODE).flatMap((bytes) =>
            [A, B, ...all].map((source, i): Instruction => {
              const destination = destinations[i % destinations.length]!;
              return { kind: 'crc', littleEndian, bitSwap, operator, bytes, destination, source, ...PLAIN };
            }),
          ),
        ),
      ),
    ),
  ];
}

const AMOUNTS: readonly (number | 'indirect')[] = ['indirect', ...upTo(31).map((n) => n + 1)];
const SHIFTS: readonly Shift[] = [
  ...upTo(32).map((amount) => ({ kind: 'rotate', amount }) as const),
  ...(['left', 'right'] as const).flatMap((kind) => AMOUNTS.map((amount) => ({ kind, amount }) as const)),
];

function shiftForms(contexts: ContextMode): Instruction[] {
  const destinations = [NONE, ...registers(contexts)];
  const all = sources(contexts);
  const amount = 3;
  return [
    ...keys(SHIFT_OPERATOR_CODE).flatMap((operator): Instruction[] => {
      const unary = operator === 'B' || operator === '~B';
      const a = unary ? NONE : A;
      const shift: Shift = { kind: 'left', amount };
      const pairs: readonly (readonly [Operand, SourceOperand])[] = unary
        ? all.map((source) => [NONE, source] as const)
        : sourcePairs(contexts);
      return [
        ...SHIFTS.map((each): Instruction => {
          return { kind: 'alu_shf', operator, destination: A, a, b: B, shift: each, ...PLAIN };
        }),
        ...pairs.map(([left, b]): Instruction => {
          return { kind: 'alu_shf', operator, destination: A, a: left, b, shift, ...PLAIN };
        }),
        ...destinations.flatMap((destination) =>
          FLAGS.map((flags): Instruction => ({ kind: 'alu_shf', operator, destination, a, b: B, shift, ...flags })),
        ),
      ];
    }),
    ...AMOUNTS.flatMap((each): Instruction[] => [
      { kind: 'dbl_shf', destination: A, a: A, b: B, amount: each, ...PLAIN },
      { kind: 'asr', destination: A, source: B, amount: each, ...PLAIN },
    ]),
    ...sourcePairs(contexts).map(([a, b]): Instruction => {
      return { kind: 'dbl_shf', destination: B, a, b, amount, ...PLAIN };
    }),
    ...all.map((source): Instruction => ({ kind: 'asr', destination: B, source, amount, ...PLAIN })),
    ...destinations.flatMap((destination) =>
      FLAGS.flatMap((flags): Instruction[] => [
        { kind: 'dbl_shf', destination, a: A, b: B, amount, ...flags },
        { kind: 'asr', destination, source: B, amount, ...flags },
      ]),
    ),
    ...BOOLEANS.flatMap((littleEndian) => [
      ...all.map((source): Instruction => ({ kind: 'byte_align', littleEndian, destination: A, source, ...PLAIN })),
      ...destinations.flatMap((destination) =>
        FLAGS.map((flags): Instruction => ({ kind: 'byte_align', littleEndian, destination, source: A, ...flags })),
      ),
    ]),
  ];
}

function constantForms(contexts: ContextMode): Instruction[] {
  const values = [0, 1, 0xff, 0x100, 0x1234, 0xffff, 0xffff0000, 0xffff1234, 0xffffffff];
  return (['full', 'word', 'byte'] as const).flatMap((width) =>
    ([0, 8, 16, 24] as const).flatMap((shift) =>
      values.flatMap((value) =>
        [NONE, ...registers(contexts)].flatMap((destination) =>
          BOOLEANS.flatMap((writeBoth) =>
            BOOLEANS.map((predicate): Instruction => {
              return { kind: 'immed', width, destination, value, shift, writeBoth, predicate };
            }),
          ),
        ),
      ),
    ),
  );
}

function fieldForms(contexts: ContextMode): Instruction[] {
  const shifts: readonly LoadFieldInstruction['shift'][] = [
    ...SHIFTS,
    ...upTo(32).map((amount) => ({ kind: 'double', amount }) as const),
  ];
  const base = { kind: 'ld_field', destination: A, source: B, mask: 6, shift: shifts[8]! } as const;
  const plain = { loadConditionCodes: false, writeBoth: false, predicate: false };
  return BOOLEANS.flatMap((clear): Instruction[] => [
    ...upTo(16).flatMap((mask) => shifts.map((shift): Instruction => ({ ...base, clear, mask, shift, ...plain }))),
    ...sourcePairs(contexts).flatMap(([destination, source]): Instruction[] =>
      destination.kind === 'immediate' ? [] : [{ ...base, clear, destination, source, ...plain }],
    ),
    ...[A, B].flatMap((destination) =>
      BOOLEANS.flatMap((loadConditionCodes) =>
        FLAGS.map(({ writeBoth, predicate }): Instruction => {
          const source = destination.bank === 'A' ? B : A;
          return { ...base, clear, destination, source, loadConditionCodes, writeBoth, predicate };
        }),
      ),
    ),
  ]);
}

function multiplyForms(contexts: ContextMode): Instruction[] {
  const pairs = sourcePairs(contexts);
  return [
    ...pairs.map(([a, b]): Instruction => ({ kind: 'mul_step', phase: 'start', a, b, ...PLAIN })),
    ...(['24x8', '16x16', '32x32'] as const).flatMap((size): Instruction[] => [
      ...(['step1', 'step2', 'step3', 'step4'] as const).flatMap((phase) =>
        pairs.map(([a, b]): Instruction => ({ kind: 'mul_step', phase, size, a, b, ...PLAIN })),
      ),
      ...(['last', 'last2'] as const).flatMap((phase) =>
        registers(contexts).flatMap((destination) =>
          FLAGS.map((flags): Instruction => ({ kind: 'mul_step', phase, size, destination, ...flags })),
        ),
      ),
    ]),
  ];
}

const DEFERS = [0, 1, 2, 3] as const;
const TARGETS = [0, 1, 577, 8191, 8192, 16_383] as const;

function flowForms(contexts: ContextMode): Instruction[] {
  const tested = registers(contexts);
  return TARGETS.flatMap((target) =>
    DEFERS.flatMap((defer): Instruction[] => [
      ...keys(BRANCH_CODE).map((condition): Instruction => ({ kind: 'branch', condition, target, defer })),
      ...keys(BRANCH_CONTEXT_CODE).flatMap((test) =>
        upTo(16).map((operand): Instruction => ({ kind: 'br_context', test, operand, target, defer })),
      ),
      ...keys(BRANCH_STATE_CODE).flatMap((test) =>
        upTo(16).map((state): Instruction => ({ kind: 'br_state', test, state, target, defer })),
      ),
      ...BOOLEANS.flatMap((set) =>
        tested.map((source, i): Instruction => ({ kind: 'br_bit', set, source, bit: i % 32, target, defer })),
      ),
      ...BOOLEANS.flatMap((set) =>
        upTo(32).map((bit): Instruction => ({ kind: 'br_bit', set, source: B, bit, target, defer })),
      ),
      ...BOOLEANS.flatMap((equal) =>
        tested.map((source, i): Instruction => {
          return { kind: 'br_byte', equal, source, byte: i % 4, value: (i * 37) % 256, target, defer };
        }),
      ),
      ...tested.map((source): Instruction => ({ kind: 'jump', source, base: target, defer })),
      ...arbitrationForms(target, defer),
    ]),
  );
}

function arbitrationForms(target: number, defer: Defer): Instruction[] {
  const signals = [...upTo(15).map((n) => [n + 1]), [1, 2], [3, 9, 15], upTo(15).map((n) => n + 1)];
  return [undefined, target].flatMap((resumeAt) =>
    BOOLEANS.flatMap((any): Instruction[] => [
      ...signals.map((list): Instruction => {
        return { kind: 'ctx_arb', wait: 'signals', signals: list, any, resumeAt, defer };
      }),
      ...(['voluntary', 'kill', 'none', 'breakpoint'] as const).map((wait): Instruction => {
        return { kind: 'ctx_arb', wait, signals: [], any, resumeAt, defer };
      }),
    ]),
  );
}

function csrForms(contexts: ContextMode): Instruction[] {
  return [
    ...upTo(2048).flatMap((word): Instruction[] => [
      { kind: 'local_csr_rd', csr: 4 * word },
      { kind: 'local_csr_wr', csr: 4 * word, source: B },
    ]),
    ...sources(contexts).map((source): Instruction => ({ kind: 'local_csr_wr', csr: 0x64, source })),
    { kind: 'nop' },
  ];
}

function commandForms(contexts: ContextMode): Instruction[] {
  const last = 2 * registersPerContext(contexts) - 1;
  const sum: CommandAddress = { kind: 'sum', a: A, b: B };
  const plain = { kind: 'command', xfer: 0, indirect: false, completion: 'none', signal: 0, defer: 0 } as const;
  const read = { ...plain, target: 'mem', command: 'atomic_read', address: sum, count: 1 } as const;
  return [
    ...COMMANDS.flatMap(({ target, name: command }) =>
      upTo(8).flatMap((length) =>
        addresses(length).map((address): Instruction => {
          const count = address.kind === 'immediate_pair' ? 1 : length + 1;
          return { ...plain, target, command, address, count };
        }),
      ),
    ),
    ...sourcePairs(contexts).flatMap(([first, second]): Instruction[] => [
      { ...read, address: { kind: 'sum', a: first, b: second } },
      { ...read, address: { kind: 'shifted', base: first, offset: second } },
      { ...read, address: { kind: 'third_party', dataReference: 0x7f, base: first, offset: second } },
    ]),
    ...[0, 1, last].map((xfer): Instruction => ({ ...read, xfer })),
    ...addresses(0).flatMap((address) =>
      BOOLEANS.flatMap((indirect) =>
        completions().map((completion) => ({ ...read, address, indirect, ...completion })),
      ),
    ),
  ];
}

type Completion = Pick<CommandInstruction, 'completion' | 'signal' | 'defer'>;

function completions(): Completion[] {
  return [
    { completion: 'none', signal: 0, defer: 0 },
    ...upTo(15).map((n): Completion => ({ completion: 'done', signal: n + 1, defer: 0 })),
    ...upTo(16).flatMap((signal) =>
      ([0, 1, 2] as const).map((defer): Completion => ({ completion: 'swap', signal, defer })),
    ),
  ];
}

/** Each form of an address. @param length the count minus 1, which an immediate pair holds in its data */
function addresses(length: number): CommandAddress[] {
  return [
    { kind: 'sum', a: A, b: B },
    { kind: 'shifted', base: A, offset: B },
    { kind: 'shifted', base: B, offset: A },
    { kind: 'third_party', dataReference: 0x45, base: A, offset: B },
    { kind: 'third_party', dataReference: 0x05, base: B, offset: A },
    { kind: 'immediate', address: 0xfedc },
    { kind: 'immediate_data', data: 0x3fedcb },
    { kind: 'immediate_pair', address: 0x1234, data: 0x2000 + length * 128 + 0x55 },
  ];
}
