import { describe, expect, it } from 'vitest';
import { PauseState } from './pause-state.ts';

/** 10 Gb/s: a quantum is 51.2 ns. */
const OCTET_PS = 800;
const QUANTUM_PS = 51_200;
const only = (priority: number, quanta: number) => ({
  srcMac: 1,
  quanta: Array.from({ length: 8 }, (_, each) => (each === priority ? quanta : undefined)),
});

describe('a pause', () => {
  it('lasts so many quanta of 512 bit times from the last bit of its frame', () => {
    const pauses = new PauseState([3], OCTET_PS, 1e12);
    pauses.receive(1_000, only(3, 100));
    expect(pauses.untilPs[3]).toBe(1_000 + 100 * QUANTUM_PS);
    expect(pauses.pausedPs(1_000 + 40 * QUANTUM_PS)[3]).toBe(40 * QUANTUM_PS);
    expect(pauses.pausedPs(1e9)[3]).toBe(100 * QUANTUM_PS);
  });

  it('is set anew by the next frame and ended by a time of zero', () => {
    const pauses = new PauseState([3], OCTET_PS, 1e12);
    pauses.receive(0, only(3, 1_000));
    pauses.receive(10 * QUANTUM_PS, only(3, 20));
    expect(pauses.untilPs[3]).toBe(30 * QUANTUM_PS);
    pauses.receive(15 * QUANTUM_PS, only(3, 0));
    expect(pauses.untilPs[3]).toBe(15 * QUANTUM_PS);
    pauses.receive(50 * QUANTUM_PS, only(3, 5));
    expect(pauses.pausedPs(1e9)[3]).toBe(20 * QUANTUM_PS);
  });

  it('is for the priorities that the frame names and that are under flow control', () => {
    const pauses = new PauseState([3], OCTET_PS, 1e12);
    pauses.receive(0, only(4, 100));
    expect([...pauses.untilPs]).toEqual(new Array(8).fill(0));
    pauses.receive(0, only(3, 7));
    pauses.receive(0, only(5, 0));
    expect(pauses.untilPs[3]).toBe(7 * QUANTUM_PS);
  });

  it('counts as a storm once it has lasted too long without a break', () => {
    const pauses = new PauseState([3], OCTET_PS, 150 * QUANTUM_PS);
    expect(pauses.receive(0, only(3, 100))).toEqual([]);
    expect(pauses.receive(90 * QUANTUM_PS, only(3, 100))).toEqual([]);
    expect(pauses.receive(180 * QUANTUM_PS, only(3, 100))).toEqual([3]);
    expect(pauses.receive(270 * QUANTUM_PS, only(3, 100))).toEqual([]);
    expect(pauses.pauseStorms(1e9)[3]).toBe(1);
    // A break, and a storm that no further frame finds.
    pauses.receive(1_000 * QUANTUM_PS, only(3, 151));
    expect(pauses.pauseStorms(1_151 * QUANTUM_PS)[3]).toBe(2);
    expect(pauses.pauseStorms(1_150 * QUANTUM_PS)[3]).toBe(1);
  });
});
