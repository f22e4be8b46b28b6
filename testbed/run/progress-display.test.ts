import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { PS_PER_S } from '../../base/units.ts';
import { barLine, openProgressDisplay, statusLine } from './progress-display.ts';

describe('a line of progress', () => {
  test('is as wide as the terminal lets it be, and never as wide', () => {
    for (const columns of [12, 20, 30, 40, 60, 80, 120]) {
      for (const completed of [0, 1, 1_500, 3_000]) {
        expect(barLine(columns, 'key-value', completed, 3_000).length).toBeLessThan(columns);
      }
      expect(statusLine(columns, 'loading the firmware onto the NICs', 3 * PS_PER_S).length).toBeLessThan(columns);
    }
  });

  test('shows the share, the figures and what goes on', () => {
    expect(barLine(44, 'web', 5, 20)).toBe(`web        [${'='.repeat(6)}${' '.repeat(18)}]  5/20`);
    expect(barLine(200, 'web', 20, 20)).toBe(`web        [${'='.repeat(40)}] 20/20`);
    expect(barLine(20, 'web', 5, 20)).toBe('web         5/20');
    expect(statusLine(80, 'starting 7 processes', 0)).toBe('starting 7 processes ...');
    expect(statusLine(80, 'carrying requests', 10.2 * PS_PER_S)).toBe('carrying requests, emulated 10.2 s');
  });
});

/** A stream that keeps what is written. */
function recorder(isTTY: boolean): { readonly stream: NodeJS.WriteStream; readonly text: () => string } {
  let text = '';
  const writable = new Writable({
    write: (chunk, _encoding, done) => {
      text += String(chunk);
      done();
    },
  });
  const terminal = { isTTY, columns: 40, cursorTo() {}, moveCursor() {}, clearLine() {}, clearScreenDown() {} };
  return { stream: Object.assign(writable, terminal) as unknown as NodeJS.WriteStream, text: () => text };
}

describe('a display', () => {
  test('on a terminal says at once what goes on, before there is any request', () => {
    const { stream, text } = recorder(true);
    const display = openProgressDisplay(stream, false);
    display.stage('starting 7 processes');
    expect(text()).toContain('starting 7 processes ...');
    display.progress('client', { workload: 'web', completed: 0, total: 10 });
    display.emulatedTime(3 * PS_PER_S);
    display.close();
    expect(text()).toContain('loading firmware, emulated 3.00 s');
    expect(text()).toMatch(/web {8}\[ {20}\] {2}0\/10/);
  });

  test('on a terminal fills the bars, and gives cursor and line wrapping back', () => {
    const { stream, text } = recorder(true);
    const display = openProgressDisplay(stream, false);
    display.progress('client', { workload: 'web', completed: 0, total: 10 });
    display.progress('client', { workload: 'web', completed: 10, total: 10 });
    display.emulatedTime(10 * PS_PER_S);
    display.close();
    expect(text()).toContain('carrying requests, emulated 10.0 s');
    expect(text()).toMatch(/web {8}\[={20}\] 10\/10/);
    expect(text().lastIndexOf('\u001b[?25h')).toBeGreaterThan(text().lastIndexOf('\u001b[?25l'));
    expect(text().lastIndexOf('\u001b[?7h')).toBeGreaterThan(text().lastIndexOf('\u001b[?7l'));
  });

  test('in a file writes lines without control characters, and none when quiet', () => {
    const { stream, text } = recorder(false);
    const display = openProgressDisplay(stream, false);
    display.stage('starting 7 processes');
    display.progress('client', { workload: 'web', completed: 0, total: 10 });
    display.emulatedTime(0);
    display.emulatedTime(3 * PS_PER_S);
    display.emulatedTime(4 * PS_PER_S);
    display.progress('client', { workload: 'web', completed: 10, total: 10 });
    display.close();
    expect(text()).toBe('starting 7 processes ...\nloading firmware ...\nweb: 10 of 10 requests\n');
    const silent = recorder(true);
    openProgressDisplay(silent.stream, true).stage('starting');
    expect(silent.text()).toBe('');
  });

  test('knows how far the run is, drawn or not', () => {
    for (const [isTTY, isQuiet] of [
      [true, false],
      [false, false],
      [true, true],
    ] as const) {
      const display = openProgressDisplay(recorder(isTTY).stream, isQuiet);
      display.emulatedTime(2.5 * PS_PER_S);
      display.progress('client', { workload: 'web', completed: 3, total: 10 });
      display.close();
      expect(display.standing).toEqual({ emulatedSeconds: 2.5, requests: { web: { completed: 3, total: 10 } } });
    }
  });
});
