import type { NicProfile } from '../../npu/profile.ts';
import { counterObject, digestObject, octetCounterObject, registerObject } from '../4-lower/p4/stateful-objects.ts';
import { LOST_PACKETS } from '../4-lower/p4/waiting-packets.ts';
import { buildFirmware, type FirmwareSources } from '../build-firmware.ts';
import { type Diagnostic, Diagnostics, type SourceFiles } from '../diagnostics.ts';
import type { LinkOptions } from '../link-firmware.ts';
import { handleNumber } from './entry-handles.ts';
import { type Arrival, matchExpectations } from './match-expectations.ts';
import type { StfOutcome, StfRun } from './outcomes.ts';
import { parseStf } from './parse-stf.ts';
import type { StfCheck, StfComparison, StfRegisterWrite, StfStatement } from './statements.ts';
import { type SentFrame, TestBench } from './test-bench.ts';

/** A whole P4 program and the test that it is put to, all as data. */
export interface StfTest {
  readonly files: SourceFiles;
  readonly p4: string;
  readonly stf: string;
  readonly microC: readonly string[];
  readonly rules?: string | undefined;
  readonly includePaths: readonly string[];
  readonly defines: Readonly<Record<string, string | number>>;
  readonly profile: NicProfile;
  readonly link?: LinkOptions;
}

/**
 * Compiles a program with the rules of a test and sends the test's packets through the image, on a core of an emulated
 * NIC. Where a test changes rules after packets, the program is compiled again and keeps its memories.
 */
export function runStf(test: StfTest): StfRun {
  const diagnostics = new Diagnostics();
  const statements = parseStf(test.stf, test.files.get(test.stf) ?? '', diagnostics);
  const longest = test.profile.packet.maximumFrameOctets;
  for (const statement of statements) {
    if (statement.kind !== 'packet' || statement.octets.length <= longest) continue;
    const message = `a packet of ${statement.octets.length} octets; the NIC takes at most ${longest}`;
    diagnostics.error('stf-bad-value', statement.position, message);
  }
  if (!diagnostics.hasErrors) return new StfRunner(test, statements).run();
  // Lines that make no sense are left out: what is wrong with the names of the others, and with the program, is said too.
  const build = buildFirmware(programOf(test, statements, statements.length));
  const others = build.ok ? [] : build.diagnostics;
  return { ok: false, diagnostics: [...diagnostics.list, ...others] };
}

/** The program with the rules of the first `done` statements. */
function programOf(test: StfTest, statements: readonly StfStatement[], done: number): FirmwareSources {
  return {
    files: test.files,
    p4: test.p4,
    ...(test.rules === undefined ? {} : { rules: test.rules }),
    wholeProgram: true,
    stf: { statements, done },
    runtime: test.microC,
    lambdas: [],
    includePaths: test.includePaths,
    defines: test.defines,
    profile: test.profile,
    options: test.link ?? {},
  };
}

/** A program that does not compile. */
class BuildFault extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super('the program does not compile');
    this.diagnostics = diagnostics;
  }
}

const RULES: ReadonlySet<StfStatement['kind']> = new Set<StfStatement['kind']>([
  'add',
  'setdefault',
  'remove',
  'member',
  'group',
  'mirror',
  'multicast',
  'meter-rates',
]);

class StfRunner {
  private readonly test: StfTest;
  private readonly statements: readonly StfStatement[];
  private readonly bench: TestBench;
  private readonly entriesBefore: ReadonlyMap<string, number>;
  private readonly outcomes: StfOutcome[] = [];
  private readonly arrivals = new Map<number, Arrival[]>();
  private sinceExpectation: SentFrame[] = [];
  private rulesChanged = true;
  private builds = 0;
  private instructions = 0;
  private packets = 0;
  private warnings: readonly Diagnostic[] = [];

  constructor(test: StfTest, statements: readonly StfStatement[]) {
    this.test = test;
    this.statements = statements;
    this.bench = new TestBench(test.profile);
    this.entriesBefore = entryCounts(test.rules === undefined ? undefined : test.files.get(test.rules));
  }

  run(): StfRun {
    try {
      for (const [index, statement] of this.statements.entries()) this.carryOut(statement, index);
      // A test without packets is a program that has to compile.
      this.build(this.statements.length);
    } catch (error) {
      if (error instanceof BuildFault) return { ok: false, diagnostics: error.diagnostics };
      throw error;
    }
    const all = [...this.outcomes, ...matchExpectations(this.statements, this.arrivals)];
    const outcomes = all.sort((a, b) => a.position.line - b.position.line || a.position.column - b.position.column);
    const { packets, builds, instructions, warnings } = this;
    const lostPackets = Number(wordsAt(this.bench.read(LOST_PACKETS), 0, 1));
    return { ok: true, outcomes, packets, lostPackets, builds, instructions, warnings };
  }

  private carryOut(statement: StfStatement, index: number): void {
    if (RULES.has(statement.kind)) {
      this.rulesChanged = true;
      return;
    }
    switch (statement.kind) {
      case 'packet': {
        this.build(index);
        this.packets++;
        const { sent, faults } = this.bench.exchange(statement.port, statement.octets);
        for (const frame of sent) {
          const arrivals = this.arrivals.get(frame.port) ?? [];
          this.arrivals.set(frame.port, [...arrivals, { ...frame, from: statement.position }]);
        }
        this.sinceExpectation.push(...sent);
        for (const fault of faults) {
          this.outcomes.push({ kind: 'fault', position: statement.position, passed: false, fault });
        }
        return;
      }
      case 'expect':
        this.sinceExpectation = [];
        return;
      case 'no-packet': {
        const received = this.sinceExpectation;
        const { position } = statement;
        this.outcomes.push({ kind: 'no-packet', position, passed: received.length === 0, received });
        this.sinceExpectation = [];
        return;
      }
      case 'wait':
        this.bench.rest(statement.microseconds);
        return;
      case 'check':
        this.build(index);
        this.check(statement, index);
        return;
      case 'register-write':
        this.build(index);
        this.writeRegister(statement);
    }
  }

  /** The program with the rules of the first `count` statements. */
  private build(count: number): void {
    if (!this.rulesChanged) return;
    const build = buildFirmware(programOf(this.test, this.statements, count));
    if (!build.ok) throw new BuildFault(build.diagnostics);
    this.bench.load(build.image);
    this.builds++;
    this.instructions = build.report.instructions;
    this.warnings = build.warnings;
    this.rulesChanged = false;
  }

  private check(check: StfCheck, index: number): void {
    const cell = handleNumber(this.statements.slice(0, index), check.index, this.entriesBefore) ?? 0;
    const actual = check.what === 'register' ? this.register(check.name.text, cell) : this.counter(check, cell);
    const passed = COMPARISONS[check.comparison](actual, check.value);
    this.outcomes.push({ kind: 'check', position: check.position, passed, check, actual });
  }

  private counter({ name, unit }: StfCheck, cell: number): bigint {
    if (name.text === 'digest') return wordsAt(this.bench.read(digestObject(BigInt(cell))), 0, 2);
    const octets = this.bench.read(counterObject(name.text));
    const both = this.bench.read(octetCounterObject(name.text));
    return wordsAt(unit === 'bytes' && both !== undefined ? both : octets, cell * 2, 2);
  }

  private register(name: string, cell: number): bigint {
    const wide = this.bench.read(registerObject({ name, bits: 64 }));
    if (wide !== undefined) return wordsAt(wide, cell * 2, 2);
    return wordsAt(this.bench.read(registerObject({ name, bits: 32 })), cell, 1);
  }

  private writeRegister({ register, index, value }: StfRegisterWrite): void {
    const octets = new Uint8Array(8);
    new DataView(octets.buffer).setBigUint64(0, BigInt.asUintN(64, value));
    const name = register.text;
    this.bench.write(registerObject({ name, bits: 64 }), index * 8, octets);
    this.bench.write(registerObject({ name, bits: 32 }), index * 4, octets.subarray(4));
  }
}

const COMPARISONS: Readonly<Record<StfComparison, (a: bigint, b: bigint) => boolean>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

/** A number of some words, most significant first; what is not there is 0. */
function wordsAt(octets: Uint8Array | undefined, firstWord: number, words: number): bigint {
  let value = 0n;
  for (let at = firstWord * 4; at < (firstWord + words) * 4; at++) value = (value << 8n) | BigInt(octets?.[at] ?? 0);
  return value;
}

/** Entries that a `.p4cfg` gives each table; what is wrong with the file the compiler says. */
function entryCounts(text: string | undefined): Map<string, number> {
  const counts = new Map<string, number>();
  try {
    const document = JSON.parse(text ?? '{}') as { tables?: Record<string, { rules?: unknown[] }> } | null;
    for (const [table, entry] of Object.entries(document?.tables ?? {})) counts.set(table, entry?.rules?.length ?? 0);
  } catch {
    return new Map();
  }
  return counts;
}
