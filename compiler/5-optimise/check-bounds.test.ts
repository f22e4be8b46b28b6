import { describe, expect, test } from 'vitest';
import { Npu, type NpuFault } from '../../npu/nic/npu.ts';
import { shippedProfile } from '../../test/shipped-files.ts';
import { Diagnostics } from '../diagnostics.ts';
import type { IrModule, Register } from '../ir.ts';
import { addObject, atObject, createModule, FunctionBuilder, inMemory } from '../ir-builder.ts';
import { linkFirmware } from '../link-firmware.ts';
import { checkBounds } from './check-bounds.ts';

/** Frames come, `use` does something with the first word behind their 64th octet, and they go out again. */
function program(use: (b: FunctionBuilder, word: Register, module: IrModule) => void): IrModule {
  const module = createModule('main');
  const b = new FunctionBuilder(module, { name: 'main', owner: 'web', position: at(1) });
  const [arrival, words, departure] = [b.group(4), b.group(1), b.group(2)];
  b.startBlock('again');
  b.receive(arrival);
  const address = b.transferGet(arrival, 1);
  b.memory('read32', inMemory('ctm', address, 66), { group: words });
  use(b.at(at(7)), b.transferGet(words, 0), module);
  b.at(at(9));
  b.transferSet(departure, 0, b.transferGet(arrival, 0));
  b.transferSet(departure, 1, address);
  b.send(departure);
  b.jump('again');
  return module;
}

const at = (line: number) => ({ file: 'web.c', line, column: 1 });

function verdicts(module: IrModule): string[] {
  return checkBounds(module, false)
    .filter(({ position }) => position?.line === 7)
    .map(({ verdict }) => verdict);
}

describe('accesses are proven', () => {
  const table = (index: (b: FunctionBuilder, word: Register) => Register | number) =>
    verdicts(program((b, word) => b.localStore(b.local('table', 16), index(b, word), 5)));

  test.each<[string, (b: FunctionBuilder, word: Register) => Register | number, string]>([
    ['a constant', () => 15, 'proven'],
    ['any number', (_, word) => word, 'checked'],
    ['a mask', (b, word) => b.binary('and', word, 15), 'proven'],
    ['a mask that is too wide', (b, word) => b.binary('and', word, 16), 'checked'],
    ['a field', (b, word) => b.extract(word, 28, 4), 'proven'],
    ['a sum of fields', (b, word) => b.add(b.extract(word, 0, 3), b.extract(word, 3, 3)), 'proven'],
    ['a difference that can be negative', (b, word) => b.binary('sub', b.extract(word, 0, 3), 1), 'checked'],
  ])('from %s', (_, index, verdict) => {
    expect(table(index)).toEqual([verdict]);
  });

  test.each([
    [16, 'proven'],
    [17, 'checked'],
  ])('from comparing, and from a loop that ends at %d', (end, verdict) => {
    const compared = program((b, word) => {
      const local = b.local('table', 16);
      b.branch('ult', word, end, 'small', 'large');
      b.startBlock('small');
      b.localStore(local, word, 1);
      b.startBlock('large');
    });
    expect(verdicts(compared)).toEqual([verdict]);
    for (const isRotated of [false, true]) {
      const loop = program((b) => {
        const local = b.local('table', 16);
        const i = b.copy(0);
        if (!isRotated) {
          b.startBlock('test');
          b.branch('ult', i, end, 'body', 'done');
        }
        b.startBlock('body');
        b.localStore(local, i, 1);
        b.add(i, 1, i);
        if (isRotated) b.branch('ult', i, end, 'body', 'done');
        else b.jump('test');
        b.startBlock('done');
      });
      expect(verdicts(loop), `rotated: ${isRotated}`).toEqual([verdict]);
    }
  });

  test('in memories, where the rest is left to the regions of the NPU', () => {
    const reads = (offset: (b: FunctionBuilder, word: Register) => Register | number, count = 4) =>
      verdicts(
        program((b, word, module) => {
          addObject(module, { name: 'pages', owner: 'web', octets: 64, memory: 'imem' });
          b.memory('read32', atObject('pages', offset(b, word)), { group: b.group(8), count });
        }),
      );
    expect(reads((b, word) => b.binary('and', word, 48))).toEqual(['proven']);
    expect(reads((b, word) => b.binary('and', word, 48), 5)).toEqual(['region']);
    expect(reads((_, word) => word)).toEqual(['region']);
  });
});

describe('an access that is not proven', () => {
  function run(use: Parameters<typeof program>[0], word: number) {
    const diagnostics = new Diagnostics();
    const linked = linkFirmware(program(use), [{ name: 'web', id: 7 }], shippedProfile(), diagnostics);
    expect(diagnostics.list).toEqual([]);
    const faults: NpuFault[] = [];
    let sent = 0;
    const npu = new Npu(shippedProfile(), { onSend: () => sent++, onFault: (fault) => faults.push(fault) });
    npu.load(linked!.image);
    npu.run(10_000);
    const frame = new Uint8Array(100);
    new DataView(frame.buffer).setUint32(66, word);
    npu.deliver(10_001, 0, frame);
    npu.run(100_000);
    return { sent, lines: faults.map(({ file, line }) => ({ file, line })) };
  }
  const index: Parameters<typeof program>[0] = (b, word) => b.localStore(b.local('table', 16), word, 5);
  const pointer: Parameters<typeof program>[0] = (b, word) => {
    const first = b.localAddress(b.local('table', 16), 0);
    b.localStoreAt(b.add(first, word), 5);
  };

  test.each([
    ['index', index, 15, 16],
    ['pointer', pointer, 60, 512],
  ])('through an %s goes on within its bounds, and is a fault at its line beyond', (_, use, within, beyond) => {
    expect(run(use, within)).toEqual({ sent: 1, lines: [] });
    expect(run(use, beyond)).toMatchObject({ sent: 0, lines: [{ file: 'web.c', line: 7 }] });
  });
});

test("a lambda that names another's object is refused, with the line", () => {
  const module = program((b, _word, m) => {
    addObject(m, { name: 'pending', owner: 'client', octets: 64, memory: 'emem' });
    b.memory('read32', atObject('pending'), { group: b.group(1) });
  });
  const diagnostics = new Diagnostics();
  const lambdas = ['web', 'client'].map((name, i) => ({ name, id: i + 1 }));
  expect(linkFirmware(module, lambdas, shippedProfile(), diagnostics)).toBeUndefined();
  expect(diagnostics.list).toMatchObject([{ code: 'link-foreign-object', position: at(7) }]);
});
