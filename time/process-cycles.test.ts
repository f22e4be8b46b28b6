import { expect, it } from 'vitest';
import { cycleRoles } from './process-cycles.ts';

it('leaves a tree to its promises', () => {
  expect(cycleRoles([[1, 2], [0], [0, 3], [2]])).toEqual([['none', 'none'], ['none'], ['none', 'none'], ['none']]);
});

it('spans a ring by a tree and leaves what hangs on it out', () => {
  // 0-1-2-3-0, and 4 on 2.
  expect(cycleRoles([[1, 3], [0, 2], [1, 3, 4], [2, 0], [2]])).toEqual([
    ['to-child', 'to-child'],
    ['to-parent', 'to-child'],
    ['to-parent', 'chord', 'none'],
    ['chord', 'to-parent'],
    ['none'],
  ]);
});

it('has a tree for each of two rings that a bridge joins', () => {
  const roles = cycleRoles([
    [1, 2],
    [0, 2],
    [0, 1, 3],
    [2, 4, 5],
    [3, 5],
    [3, 4],
  ]);
  expect(roles[2]![2]).toBe('none');
  expect(roles[3]).toEqual(['none', 'to-child', 'to-child']);
});
