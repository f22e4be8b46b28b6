import { randomNormal, randomPareto, randomUniform } from 'd3-random';
import type { RandomStream } from '../base/random.ts';
import { MAX_TIME_PS } from '../base/units.ts';
import type { DelayLaw } from './fault.ts';

/** Longest delay that a law may add: an hour, so that what a heavy tail gives stays within exact time. */
export const LONGEST_ADDED_DELAY_PS = Math.floor(MAX_TIME_PS / 2.5);

/** Draws delays by a law, ps, whole and not below zero. */
export function delaySampler(law: DelayLaw, random: RandomStream): () => number {
  const draw = samplerOf(law, random);
  return () => Math.min(LONGEST_ADDED_DELAY_PS, Math.max(0, Math.round(draw())));
}

function samplerOf(law: DelayLaw, random: RandomStream): () => number {
  const unit = () => random.unit();
  switch (law.kind) {
    case 'constant':
      return () => law.delayPs;
    case 'uniform':
      return randomUniform.source(unit)(law.leastPs, law.mostPs);
    case 'normal':
      return randomNormal.source(unit)(law.meanPs, law.deviationPs);
    case 'pareto': {
      const draw = randomPareto.source(unit)(law.shape);
      return () => law.leastPs * draw();
    }
    case 'samples':
      return () => law.delaysPs[random.below(law.delaysPs.length)]!;
  }
}
