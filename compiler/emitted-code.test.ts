import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { randomStream } from '../base/random.ts';
import { decodeProgram } from '../npu/image/decode.ts';
import { Npu } from '../npu/nic/npu.ts';
import { type NicProfile, parseNicProfile } from '../npu/profile.ts';
import { Diagnostics } from './diagnostics.ts';
import type { IrModule, MemoryName } from './ir.ts';
import { type IrEnvironment, interpretModule } from './ir-interpret.ts';
import { printModule } from './ir-print.ts';
import { validateModule } from './ir-validate.ts';
import { type LinkOptions, linkFirmware } from './link-firmware.ts';
import { FRAME_WORDS, FRAME_WORDS_OFFSET, type RandomModuleShape, randomModule } from './random-module.ts';

const document: { core: object } & Record<string, unknown> = parse(
  readFileSync(new URL('../topology/profiles/nics/agilio-cx-2x10.yaml', import.meta.url), 'utf8'),
);
const profile: NicProfile = parseNicProfile(document);
const FRAME_OCTETS = 80;
const FRAME_ADDRESS = profile.packet.frameOffsetOctets;

function frames(seed: number): Uint8Array[] {
  const random = randomStream(seed, 'frames');
  return [0, 1, 2].map(() => Uint8Array.from({ length: FRAME_OCTETS }, () => random.below(256)));
}

/** What the IR means: the frames that it sends, and the tables after. */
function interpreted(module: IrModule, inputs: readonly Uint8Array[], context: number): string[] {
  const memories: Record<string, Uint8Array> = {};
  const memoryOf = (memory: MemoryName | number): Uint8Array => {
    const name = memory === 0x98 ? 'emem' : memory === 0x9c ? 'imem' : String(memory);
    memories[name] ??= new Uint8Array(65536);
    return memories[name];
  };
  // Objects one behind the other, the tables first, away from the packet buffer in the CTM.
  const next: Record<string, number> = { ctm: 4096 };
  const places = new Map<string, { memory: MemoryName; high: number; low: number }>();
  for (const object of module.objects.values()) {
    const memory = object.memory === 'auto' ? 'ctm' : object.memory;
    const low = next[memory] ?? 0;
    next[memory] = low + object.octets;
    places.set(object.name, { memory, high: 0, low });
    memoryOf(memory).set(object.initial, low);
  }
  const waiting = [...inputs];
  const sent: string[] = [];
  const environment: IrEnvironment = {
    readOctet: (memory, address) => memoryOf(memory)[address]!,
    writeOctet: (memory, address, octet) => {
      memoryOf(memory)[address] = octet;
    },
    placeOf: (object) => places.get(object)!,
    receive: () => {
      const frame = waiting.shift();
      if (frame === undefined) return undefined;
      memoryOf('ctm').set(frame, FRAME_ADDRESS);
      return [(frame.length << 16) >>> 0, FRAME_ADDRESS, 0, 0];
    },
    send: (first, second) => sent.push(hex(memoryOf('ctm').subarray(second, second + (first >>> 16)))),
    readCsr: () => 0,
    writeCsr: () => {},
    contextNumber: context,
  };
  expect(interpretModule(module, environment, 3_000_000).stopped).toBe('receive');
  return [...sent, hex(memoryOf('emem').subarray(0, 256)), hex(memoryOf('imem').subarray(0, 256))];
}

function executed(
  module: IrModule,
  inputs: readonly Uint8Array[],
  options: LinkOptions,
  nic: NicProfile,
  context: number,
): string[] | undefined {
  const diagnostics = new Diagnostics();
  const linked = linkFirmware(module, [], nic, diagnostics, { ...options, validatePasses: true });
  programs++;
  // A limit of the chip that a program may exceed without being wrong.
  if (diagnostics.list.some(({ code }) => code === 'link-transfer-registers-exceeded')) {
    beyondChip++;
    return undefined;
  }
  expect(diagnostics.list).toEqual([]);
  spilledWords += linked!.report.functions.reduce((sum, function_) => sum + function_.spillWords, 0);
  const sent: string[] = [];
  const npu = new Npu(nic, {
    onSend: (_cycle, _port, frame) => sent.push(hex(frame)),
    onFault: (fault) => sent.push(`fault ${fault.kind} at instruction ${fault.instruction}`),
  });
  // One context alone, so that the copies of CTM that other islands have do not matter.
  const decoded = decodeProgram(linked!.image.instructions, nic.core.contexts);
  if (!decoded.ok) throw new Error(decoded.error.message);
  const image = { ...linked!.image, instructions: decoded.value };
  npu.loadProgram(image, 0, (core, each) => core.index === 0 && each === context);
  let cycle = 10_000;
  for (const frame of inputs) {
    npu.run(cycle);
    npu.deliver(cycle, 0, frame);
    cycle += 5_000_000;
    npu.run(cycle);
  }
  const table = (name: 'emem' | 'imem') => hex(npu.memory(name).read(0, 256));
  return [...sent, table('emem'), table('imem')];
}

/** Over all programs so far: says that the test with many variables tests spilling. */
let spilledWords = 0;
let programs = 0;
let beyondChip = 0;

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}

function check(shape: RandomModuleShape, options: LinkOptions, nic = profile, context = 0): void {
  const module = randomModule(shape);
  expect(validateModule(module), printModule(module)).toEqual([]);
  const inputs = frames(shape.seed);
  const expected = interpreted(randomModule(shape), inputs, context);
  const found = executed(module, inputs, options, nic, context);
  if (found === undefined) return;
  expect(found, `shape ${JSON.stringify(shape)} options ${JSON.stringify(options)}`).toEqual(expected);
}

test('the frame holds the words of the random programs', () => {
  expect(FRAME_WORDS_OFFSET + 4 * FRAME_WORDS).toBeLessThanOrEqual(FRAME_OCTETS);
  expect((FRAME_ADDRESS + FRAME_WORDS_OFFSET) % 4).toBe(0);
});

describe('random programs give on the NPU what the IR interpreter gives', () => {
  const optimiser = [
    'inline-functions',
    'simplify-control-flow',
    'promote-locals',
    'rotate-loops',
    'fold-constants',
    'combine-operations',
    'common-subexpressions',
    'dead-code',
    'strength-reduce-division',
    'lambda-coalescing',
  ];
  const machine = ['fuse-shifts', 'forward-transfers', 'fill-defer'];
  const variants: { name: string; options: LinkOptions }[] = [
    { name: 'all passes', options: {} },
    { name: 'no pass', options: { disabledPasses: [...optimiser, ...machine] } },
    { name: 'optimiser only', options: { disabledPasses: machine } },
    { name: 'machine passes only', options: { disabledPasses: optimiser } },
    { name: 'lambda coalescing only', options: { disabledPasses: [...optimiser.slice(0, -1), ...machine] } },
  ];
  for (const { name, options } of variants) {
    test(`few variables, ${name}`, () => {
      for (let seed = 1; seed <= 25; seed++) check({ seed, variables: 6, statements: 30, subroutines: 2 }, options);
    });
    test(`more variables than registers, ${name}`, () => {
      for (let seed = 1000; seed < 1012; seed++) {
        check({ seed, variables: 34, statements: 60, subroutines: seed % 2 }, options);
      }
      expect(spilledWords).toBeGreaterThan(20);
    });
  }

  test('on a NIC of four contexts, in its last one', () => {
    const nic = parseNicProfile({ ...document, core: { ...document.core, contexts: 4 } });
    for (let seed = 2000; seed < 2006; seed++) {
      check({ seed, variables: 34, statements: 40, subroutines: 0 }, {}, nic, 3);
    }
  });

  test('most of which fit the chip', () => {
    expect(beyondChip).toBeLessThanOrEqual(programs / 4);
  });

  test('on a NIC with two pointers into local memory', () => {
    const nic = parseNicProfile({ ...document, core: { ...document.core, localMemoryPointers: 2 } });
    for (let seed = 3000; seed < 3006; seed++) {
      check({ seed, variables: 20, statements: 40, subroutines: 0 }, {}, nic, 5);
    }
  });
});
