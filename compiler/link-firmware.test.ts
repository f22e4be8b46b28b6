import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { disassemblyLines } from '../npu/assembler/disassembler.ts';
import { decodeProgram } from '../npu/image/decode.ts';
import { Npu } from '../npu/nic/npu.ts';
import { parseNicProfile } from '../npu/profile.ts';
import { Diagnostics } from './diagnostics.ts';
import type { IrModule } from './ir.ts';
import { addObject, addressOf, atObject, createModule, FunctionBuilder, inMemory } from './ir-builder.ts';
import { linkFirmware } from './link-firmware.ts';

const document: { core: object } & Record<string, unknown> = parse(
  readFileSync(new URL('../topology/profiles/nics/agilio-cx-2x10.yaml', import.meta.url), 'utf8'),
);
const profile = parseNicProfile(document);

/** A module whose entry does what `fill` puts between receive and send. */
function moduleWith(fill: (builder: FunctionBuilder, module: IrModule) => void): IrModule {
  const module = createModule('main');
  const builder = new FunctionBuilder(module, {
    name: 'main',
    owner: 'runtime',
    position: { file: 'main.c', line: 1, column: 1 },
  });
  builder.at({ file: 'main.c', line: 2, column: 3 });
  const arrival = builder.group(4);
  builder.startBlock('again');
  builder.receive(arrival);
  builder.at({ file: 'main.c', line: 3, column: 3 });
  fill(builder, module);
  const departure = builder.group(2);
  builder.transferSet(departure, 0, builder.transferGet(arrival, 0));
  builder.transferSet(departure, 1, builder.transferGet(arrival, 1));
  builder.send(departure);
  builder.jump('again');
  return module;
}

function link(module: IrModule, with_ = profile) {
  const diagnostics = new Diagnostics();
  const linked = linkFirmware(module, [{ name: 'web', id: 7 }], with_, diagnostics);
  return { linked, codes: diagnostics.list.map((diagnostic) => diagnostic.code), diagnostics };
}

function text(module: IrModule): string[] {
  const { linked, codes } = link(module);
  expect(codes).toEqual([]);
  const decoded = decodeProgram(linked!.image.instructions);
  if (!decoded.ok) throw new Error(decoded.error.message);
  // Without the octet addresses before, and the prologue.
  return disassemblyLines(decoded.value)
    .map((line) => line.replace(/^.*\.\d+ {2}/, ''))
    .slice(12);
}

describe('limits of the chip are diagnostics', () => {
  test('code store', () => {
    const small = parseNicProfile({
      ...document,
      core: { ...document.core, codeStoreInstructions: 16, codeStoreOwnInstructions: 16 },
    });
    const { codes, diagnostics } = link(
      moduleWith(() => {}),
      small,
    );
    expect(codes).toEqual(['link-code-store-exceeded']);
    expect(diagnostics.list[0]!.position.file).toBe('main.c');
    expect(diagnostics.list[0]!.message).toMatch(/^\d+ instructions do not fit into a code store of 16: \d+ too many/);
    expect(diagnostics.list[0]!.hint).toMatch(/^largest: main \(runtime\) \d+/);
  });

  test('memory', () => {
    const module = moduleWith((_, m) => {
      addObject(m, { name: 'huge', owner: 'web', octets: 8 << 20, memory: 'imem' });
    });
    expect(link(module).codes).toEqual(['link-memory-exceeded']);
  });

  test('transfer registers', () => {
    const module = moduleWith((builder) => {
      const groups = [builder.group(20), builder.group(20)];
      for (const group of groups) builder.memory('read32', inMemory('emem', 0), { group, count: 20 });
      const out = builder.group(1);
      for (const group of groups) {
        for (let i = 0; i < 20; i++) {
          builder.transferSet(out, 0, builder.transferGet(group, i));
          builder.memory('write32', inMemory('emem', 0), { group: out });
        }
      }
    });
    expect(link(module).codes).toEqual(['link-transfer-registers-exceeded']);
  });

  test('registers and the local memory behind them', () => {
    const module = moduleWith((builder) => {
      const group = builder.group(1);
      const values = Array.from({ length: 90 }, () => {
        builder.memory('read32', inMemory('emem', 0), { group });
        return builder.transferGet(group, 0);
      });
      for (const value of values) {
        builder.transferSet(group, 0, value);
        builder.memory('write32', inMemory('emem', 0), { group });
      }
    });
    expect(link(module).codes).toEqual(['link-registers-exceeded']);
  });

  test('local memory', () => {
    const module = moduleWith((builder) => {
      const local = builder.local('table', 120);
      builder.csrWrite('Mailbox0', builder.localAddress(local, builder.csrRead('TimestampLow')));
    });
    expect(link(module).codes).toEqual(['link-local-memory-exceeded']);
  });

  test('but not of local memory by objects of which no address is taken', () => {
    const module = moduleWith((builder) => {
      const [table, kept] = [builder.local('table', 120), builder.local('kept', 10)];
      const index = builder.csrRead('TimestampLow');
      builder.localStore(table, index, builder.localLoad(kept, index));
    });
    expect(link(module).codes).toEqual([]);
    expect([...module.objects.keys()]).toContain('main.locals');
    expect(module.functions.get('main')?.locals).toMatchObject([{ id: 0, name: 'kept' }]);
  });

  test('signals', () => {
    const module = moduleWith((builder) => {
      const group = builder.group(20);
      const signals = Array.from({ length: 15 }, (_, signal) => signal);
      for (const signal of signals) {
        builder.memory('read32', inMemory('emem', 0), { group, first: signal, completion: signal });
      }
      builder.wait(signals);
    });
    expect(link(module).codes).toEqual(['link-signals-exceeded']);
  });
});

test('a command that the memory does not have is an error at its place', () => {
  const module = moduleWith((builder, m) => {
    addObject(m, { name: 'table', owner: 'web', octets: 64, memory: 'cls', readOnly: true });
    builder.memory('read8', atObject('table', 0), { group: builder.group(1), count: 2 });
  });
  const { codes, diagnostics } = link(module);
  expect(codes).toEqual(['link-no-such-command']);
  expect(diagnostics.list[0]).toMatchObject({
    position: { file: 'main.c', line: 3 },
    message: 'CLS has no command read8',
  });
});

test('a pass that does not exist is refused by name', () => {
  const refused = () =>
    linkFirmware(
      moduleWith(() => {}),
      [],
      profile,
      new Diagnostics(),
      { disabledPasses: ['magic'] },
    );
  expect(refused).toThrowError(/there is no pass magic; there are .*dead-code/);
});

test('a fault names lambda, file and line', () => {
  const module = moduleWith((builder, m) => {
    addObject(m, { name: 'table', owner: 'web', octets: 64, memory: 'emem' });
    const group = builder.group(1);
    builder.at({ file: 'web.c', line: 42, column: 5 });
    builder.memory('read32', atObject('table', builder.csrRead('ActLMAddr0')), { group });
    builder.memory('read32', inMemory('emem', 0x100000), { group });
    builder.at({ file: 'main.c', line: 3, column: 3 });
  });
  const linked = linkFirmware(module, [], profile, new Diagnostics(), { fileOwners: new Map([['web.c', 'web']]) });
  const faults: unknown[] = [];
  const npu = new Npu(profile, { onSend: () => {}, onFault: (fault) => faults.push(fault) });
  npu.load(linked!.image);
  npu.run(999);
  npu.deliver(1000, 0, new Uint8Array(60));
  npu.run(100_000);
  expect(faults).toEqual([expect.objectContaining({ kind: 'unmapped-read', owner: 'web', file: 'web.c', line: 42 })]);
});

describe('placement', () => {
  test('objects go where their accesses cost least, unless the program names the memory or the pass is off', () => {
    const module = () =>
      moduleWith((builder, m) => {
        addObject(m, { name: 'text', owner: 'web', octets: 100, readOnly: true, initial: Uint8Array.of(1, 2, 3) });
        addObject(m, { name: 'octets', owner: 'web', octets: 100, readOnly: true });
        addObject(m, { name: 'counter', owner: 'web', octets: 4 });
        addObject(m, { name: 'bodies', owner: 'runtime', octets: 1 << 20 });
        addObject(m, { name: 'named', owner: 'web', octets: 4, readOnly: true, memory: 'imem' });
        const group = builder.group(1);
        for (const name of ['text', 'bodies', 'named']) builder.memory('read32', atObject(name), { group });
        // The CLS has no command that reads octets.
        builder.memory('read8', atObject('octets'), { group });
        builder.memory('test_add', atObject('counter'), { group });
      });
    const places = (disabledPasses: string[]) => {
      const linked = linkFirmware(module(), [{ name: 'web', id: 7 }], profile, new Diagnostics(), { disabledPasses });
      const { report, image } = linked!;
      const memories = Object.fromEntries(report.placement.map(({ object, memory }) => [object, memory]));
      for (const [name, memory] of Object.entries(memories)) {
        expect(image.regions.find((each) => each.name === name)).toMatchObject({ memory });
      }
      return { memories, report, image };
    };
    const { memories, report, image } = places([]);
    expect(memories).toEqual({ text: 'cls', octets: 'ctm', counter: 'imem', bodies: 'emem', named: 'imem' });
    expect(image.data).toEqual([{ memory: 'cls', address: 64, octets: Uint8Array.of(1, 2, 3) }]);
    // The loop over packets counts eight times. Latencies of the profile: CLS 33, CTM 51, IMEM 101, EMEM 102 cycles.
    const cycles = { emem: 816, imem: 808, ctm: 408, cls: 264 };
    expect(report.placement[0]).toMatchObject({ object: 'text', why: 'estimate', uses: 8, cycles });
    expect(report.placement[4]).toMatchObject({ object: 'named', why: 'program', cycles: { imem: 808 } });
    const flat = { text: 'emem', octets: 'emem', counter: 'emem', bodies: 'emem', named: 'imem' };
    expect(places(['memory-stratification']).memories).toEqual(flat);
  });

  test('what the runtime exports is granted to each lambda; what a lambda exports stays its own', () => {
    const module = moduleWith((_, m) => {
      addObject(m, { name: 'bodies', owner: 'runtime', octets: 64, memory: 'emem', exported: true });
      addObject(m, { name: 'locks', owner: 'runtime', octets: 64, memory: 'emem' });
      addObject(m, { name: 'table', owner: 'web', octets: 64, memory: 'emem', exported: true });
    });
    const lambdas = ['web', 'image'].map((name, i) => ({ name, id: i + 1 }));
    const { image } = linkFirmware(module, lambdas, profile, new Diagnostics())!;
    const owners = (name: string) => image.regions.filter((region) => region.name === name).map(({ owner }) => owner);
    expect([owners('bodies'), owners('locks'), owners('table')]).toEqual([
      ['runtime', 'web', 'image'],
      ['runtime'],
      ['web'],
    ]);
    expect(new Set(image.regions.filter(({ name }) => name === 'bodies').map(({ address }) => address)).size).toBe(1);
  });

  test('what a 40-bit pointer points to is not put into an island', () => {
    const module = moduleWith((builder, m) => {
      addObject(m, { name: 'text', owner: 'web', octets: 100, readOnly: true });
      const group = builder.group(1);
      const address = builder.copy(addressOf('text', 'high'));
      builder.transferSet(group, 0, address);
      builder.memory('write32', inMemory('emem', 0), { group });
      builder.memory('read32', atObject('text'), { group });
    });
    const { linked } = link(module);
    expect(linked!.image.regions.find((region) => region.name === 'text')?.memory).toBe('imem');
  });

  test('alignment, fixed addresses and gaps between them; no object has the address 0', () => {
    const module = moduleWith((_, m) => {
      addObject(m, { name: 'fixed', owner: 'web', octets: 64, memory: 'emem', fixedAddress: 192 });
      addObject(m, { name: 'first', owner: 'web', octets: 100, memory: 'emem' });
      addObject(m, { name: 'second', owner: 'web', octets: 100, memory: 'emem', align: 128 });
    });
    const { linked } = link(module);
    const address = (name: string) => linked!.image.regions.find((region) => region.name === name)?.address;
    expect([address('fixed'), address('first'), address('second')]).toEqual([192, 64, 256]);
  });
});

describe('emitted instructions', () => {
  test('a third of an octet takes an extract, a short multiplication and a shift', () => {
    const lines = text(
      moduleWith((builder) => {
        const group = builder.group(1);
        builder.memory('read32', inMemory('emem', 0), { group });
        const third = builder.divide('div', builder.extract(builder.transferGet(group, 0), 8, 8), 3);
        builder.transferSet(group, 0, third);
        builder.memory('write32', inMemory('emem', 0), { group });
      }),
    );
    const at = lines.findIndex((line) => line.startsWith('ld_field_w_clr'));
    expect(lines.slice(at, at + 5).map((line) => line.replace(/gpr._\d+/g, 'r').replace(/\$xfer_\d+/g, '$'))).toEqual([
      'ld_field_w_clr[r, 0001, $, >>rot8]',
      'mul_step[r, 0xab], start',
      'mul_step[r, 0xab], 24x8_step1',
      'mul_step[r, --], 24x8_last',
      'alu_shf[$, --, B, r, >>9]',
    ]);
  });

  test('a burst of more than 8 words overrides the length by the result of the instruction before', () => {
    const lines = text(
      moduleWith((builder, m) => {
        addObject(m, { name: 'image', owner: 'web', octets: 256, memory: 'emem' });
        const group = builder.group(28);
        builder.memory('read32', atObject('image', 0), { group, count: 28 });
        const out = builder.group(1);
        builder.transferSet(out, 0, builder.transferGet(group, 27));
        builder.memory('write32', atObject('image', 0), { group: out });
      }),
    );
    const at = lines.findIndex((line) => line.includes('indirect_ref'));
    expect(lines[at - 1]).toBe('immed[--, 0x1b80]');
    expect(lines[at]).toMatch(/^mem\[read32, \$xfer_0, gpr._\d+, <<8, 0x40, 8\], indirect_ref, ctx_swap\[sig1\]$/);
  });

  test('instructions know their source lines and functions', () => {
    const { linked } = link(
      moduleWith((builder) => {
        builder.csrWrite('Mailbox0', 1);
      }),
    );
    const { lines, symbols } = linked!.image;
    expect(lines.map(({ file, line }) => `${file}:${line}`)).toEqual(['main.c:2', 'main.c:3']);
    expect(symbols.find((symbol) => symbol.name === 'main')).toMatchObject({ memory: 'code', address: 0 });
  });

  test('the same module gives the same image', () => {
    const make = () => link(moduleWith((builder) => builder.csrWrite('Mailbox0', 1))).linked!.image;
    expect(make()).toEqual(make());
  });
});
