import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Cam } from './cam.ts';

const step = fc.oneof(
  fc.record({ what: fc.constant('lookup' as const), tag: fc.nat(20) }),
  fc.record({ what: fc.constant('write' as const), tag: fc.nat(20), entry: fc.nat(15), state: fc.nat(15) }),
  fc.record({ what: fc.constant('clear' as const) }),
);

interface Line {
  entry: number;
  tag: number;
  state: number;
}

test('agrees with a list that is kept in the order of use', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const cam = new Cam();
      const fresh = (): Line[] => Array.from({ length: 16 }, (_, entry) => ({ entry, tag: 0, state: 0 }));
      let lines = fresh();
      const use = (line: Line): void => {
        lines = [...lines.filter((other) => other !== line), line];
      };
      for (const it of steps) {
        if (it.what === 'clear') {
          cam.clear();
          lines = fresh();
        } else if (it.what === 'write') {
          cam.write(it.entry, it.tag, it.state);
          const line = lines.find(({ entry }) => entry === it.entry)!;
          Object.assign(line, { tag: it.tag, state: it.state });
          use(line);
        } else {
          const hits = lines.filter(({ tag }) => tag === it.tag).sort((a, b) => a.entry - b.entry);
          const line = hits[0];
          expect(cam.lookup(it.tag)).toBe(
            line === undefined ? lines[0]!.entry * 8 : line.state * 256 + 128 + line.entry * 8,
          );
          if (line !== undefined) use(line);
        }
      }
    }),
  );
});
