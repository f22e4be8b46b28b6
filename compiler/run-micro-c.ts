import { assert } from '../base/assert.ts';
import { decodeProgram } from '../npu/image/decode.ts';
import { runProgram } from '../npu/nic/run-program.ts';
import type { NicProfile } from '../npu/profile.ts';
import { createTranslatingEngine } from '../npu/translate/translating-engine.ts';
import { buildFirmware } from './build-firmware.ts';
import { Diagnostics } from './diagnostics.ts';
import { compileToIr } from './front-end.ts';
import type { MemoryName } from './ir.ts';
import { interpretModule } from './ir-interpret.ts';

/** For tests: a Micro-C program with `main` and an object `out`; what it leaves in there, by two ways of running it. */

const FILE = 'case.c';

/** On one context of an emulated NIC, through the whole compiler. */
export function runOnNpu(source: string, profile: NicProfile, disabledPasses: readonly string[] = []): number[] {
  const build = buildFirmware({
    files: new Map([[FILE, source]]),
    lambdas: [],
    runtime: [FILE],
    profile,
    options: { disabledPasses },
  });
  if (!build.ok)
    throw new Error(
      build.diagnostics.map(({ code, message, position }) => `${position.line}: ${code} ${message}`).join('\n'),
    );
  const { image } = build;
  const decoded = decodeProgram(image.instructions, image.contexts);
  assert(decoded.ok, 'what was encoded decodes');
  const instructions = decoded.value;
  const result = runProgram({
    ...image,
    instructions,
    profile,
    engine: createTranslatingEngine(),
    limitCycles: 5_000_000,
  });
  const [fault] = result.faults;
  if (fault !== undefined) {
    throw new Error(`${fault.kind} at ${fault.file}:${fault.line}, ${fault.memory} ${fault.address.toString(16)}`);
  }
  const out = image.symbols.find((symbol) => symbol.name === 'out');
  assert(out !== undefined, 'the program has an object out');
  return wordsOf(result.emem.read(out.address, out.size));
}

/** Phases 1 to 4 alone: the IR as the front end made it, run by the interpreter of IR. */
export function runAsIr(source: string): number[] {
  const diagnostics = new Diagnostics();
  const module = compileToIr(
    {
      files: new Map([[FILE, source]]),
      p4: undefined,
      rules: undefined,
      microC: [{ path: FILE, owner: 'runtime' }],
      includePaths: [],
      defines: {},
      entry: 'main',
    },
    diagnostics,
  );
  if (module === undefined)
    throw new Error(diagnostics.list.map(({ code, message }) => `${code} ${message}`).join('\n'));
  const places = new Map<string, { memory: MemoryName; high: number; low: number; octets: number }>();
  const high: Readonly<Record<MemoryName, number>> = { emem: 0x98, imem: 0x9c, ctm: 0, cls: 0 };
  const memory = new Map<string, number>();
  const key = (where: MemoryName | number, address: number): string => {
    const name = where === 0x98 ? 'emem' : where === 0x9c ? 'imem' : where;
    return `${name} ${address}`;
  };
  let next = 0x1000;
  for (const object of module.objects.values()) {
    assert(object.memory !== 'auto', 'the front end says where objects lie');
    places.set(object.name, { memory: object.memory, high: high[object.memory], low: next, octets: object.octets });
    for (const [i, octet] of object.initial.entries()) memory.set(key(object.memory, next + i), octet);
    next += Math.ceil(object.octets / 128) * 128;
  }
  const run = interpretModule(
    module,
    {
      readOctet: (where, address) => memory.get(key(where, address)) ?? 0,
      writeOctet: (where, address, octet) => {
        memory.set(key(where, address), octet);
      },
      placeOf: (name) => places.get(name) as { memory: MemoryName; high: number; low: number },
      receive: () => undefined,
      send: () => undefined,
      readCsr: () => 0,
      writeCsr: () => undefined,
      contextNumber: 0,
    },
    1_000_000,
  );
  assert(run.stopped === 'halt', `the program stopped by ${run.stopped}`);
  const out = places.get('out');
  assert(out !== undefined, 'the program has an object out');
  return wordsOf(Uint8Array.from({ length: out.octets }, (_, i) => memory.get(key(out.memory, out.low + i)) ?? 0));
}

function wordsOf(octets: Uint8Array): number[] {
  const view = new DataView(octets.buffer, octets.byteOffset);
  return Array.from({ length: octets.length / 4 }, (_, i) => view.getUint32(i * 4));
}
