import { z } from 'zod';
import { DURATION, OCTETS, RATE } from './quantities.ts';
import { ABOVE_ZERO, FULL_FRAME, quantity, ZERO } from './quantity-schema.ts';

/** One entry of `faults`, in a topology or in a file of its own; see docs/faults.md. */

const probability = z
  .number()
  .min(0)
  .max(1)
  .meta({ description: 'Of a frame that the schedule and the match mean; default: 1' });

const match = z
  .strictObject({
    frame: z.int().min(1).meta({ description: 'The n-th frame of the direction, from 1' }).optional(),
    psn: z.int().min(0).max(0xff_ffff).meta({ description: 'RoCEv2 packets with this sequence number' }).optional(),
    lambda: z.int().min(1).max(0xffff_ffff).meta({ description: 'Lambda messages with this id' }).optional(),
  })
  .refine((keys) => Object.keys(keys).length === 1, { error: "exactly one of 'frame', 'psn' and 'lambda'" });

const schedule = {
  at: quantity(DURATION, ZERO, 'Begins at this instant of the run; default: 0s').optional(),
  for: quantity(DURATION, ABOVE_ZERO, 'How long it lasts; default: for ever').optional(),
  every: quantity(DURATION, ABOVE_ZERO, 'Begins again after so long; longer than `for`').optional(),
  until: quantity(DURATION, ABOVE_ZERO, 'Is over at this instant of the run, for good; default: never').optional(),
};

/** Of a fault in messages, events and orders; the name of its random stream as well. */
const name = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,63}$/, {
    error: 'a name of lower-case letters, digits and hyphens, at most 64, letter first',
  })
  .meta({ description: 'Name of the fault; default: its kind and place in the list' })
  .optional();

const linkFault = {
  name,
  link: z.string().min(1).meta({ description: 'Name of a link' }),
  from: z.string().min(1).meta({ description: 'The end that sends; default: both directions' }).optional(),
  ...schedule,
  match: match.meta({ description: 'Which frames are meant; default: all' }).optional(),
};

const law = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant'), delay: quantity(DURATION, ZERO, 'Added to every frame') }),
  z.strictObject({
    kind: z.literal('uniform'),
    least: quantity(DURATION, ZERO, 'Least added delay'),
    most: quantity(DURATION, ZERO, 'Largest added delay'),
  }),
  z.strictObject({
    kind: z.literal('normal'),
    mean: quantity(DURATION, ZERO, 'Mean of the added delay; below zero counts as zero'),
    deviation: quantity(DURATION, ZERO, 'Standard deviation'),
  }),
  z.strictObject({
    kind: z.literal('pareto'),
    least: quantity(DURATION, ABOVE_ZERO, 'Least added delay'),
    shape: z.number().positive().max(1000).meta({ description: 'Exponent of the tail; the mean is finite above 1' }),
  }),
  z.strictObject({
    kind: z.literal('file'),
    path: z.string().min(1).meta({ description: "Text file, a duration a line; relative to this file's folder" }),
  }),
]);

const nodeFault = {
  name,
  node: z.string().min(1).meta({ description: 'Name of a host or a switch' }),
  at: schedule.at,
};

export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('loss'), ...linkFault, probability: probability.optional() }),
  z.strictObject({
    kind: z.literal('burst-loss'),
    ...linkFault,
    goodToBad: probability.meta({ description: 'Gilbert-Elliott: from the good state to the bad one, a frame' }),
    badToGood: probability.meta({ description: 'From the bad state to the good one, a frame' }),
    lossInGood: probability.meta({ description: 'Of a frame in the good state; default: 0' }).optional(),
    lossInBad: probability.meta({ description: 'Of a frame in the bad state; default: 1' }).optional(),
  }),
  z.strictObject({ kind: z.literal('duplicate'), ...linkFault, probability: probability.optional() }),
  z.strictObject({
    kind: z.literal('reorder'),
    ...linkFault,
    probability: probability.optional(),
    depth: z
      .int()
      .min(1)
      .max(1000)
      .meta({ description: 'Frames of its own length that may overtake it; default: 1' })
      .optional(),
  }),
  z.strictObject({
    kind: z.literal('corrupt'),
    ...linkFault,
    probability: probability.optional(),
    bits: z.int().min(1).max(1000).meta({ description: 'Bits to flip; default: 1' }).optional(),
    fcs: z
      .enum(['catches', 'misses'])
      .meta({ description: 'Whether the receiver drops the frame or reads wrong bits; default: catches' })
      .optional(),
  }),
  z.strictObject({
    kind: z.literal('delay'),
    ...linkFault,
    probability: probability.optional(),
    law: law.meta({ description: 'How much is added to the delay of the link' }),
    keepOrder: z.boolean().meta({ description: 'Later frames wait for earlier ones; default: false' }).optional(),
  }),
  z.strictObject({
    kind: z.literal('rate'),
    ...withoutMatch(linkFault),
    rate: quantity(RATE, ABOVE_ZERO, 'No faster than this'),
  }),
  z.strictObject({
    kind: z.literal('queue'),
    ...withoutMatch(linkFault),
    queue: quantity(OCTETS, FULL_FRAME, 'Bound of the sending port'),
  }),
  z.strictObject({ kind: z.literal('down'), ...withoutMatch(linkFault) }),
  z.strictObject({ kind: z.literal('crash'), ...nodeFault }),
  z.strictObject({
    kind: z.literal('restart'),
    ...nodeFault,
    for: quantity(DURATION, ABOVE_ZERO, 'How long it is away; it comes back with nothing in its memory'),
  }),
  z.strictObject({
    kind: z.literal('pause'),
    ...nodeFault,
    for: quantity(DURATION, ABOVE_ZERO, 'How long it stands still'),
  }),
]);

/** A file of faults, which `testbed run --faults` adds to those of the topology. */
export const faultsFileSchema = z.strictObject({
  faults: z.array(faultSchema).meta({ description: 'What goes wrong on purpose' }),
});

export type FaultDocument = z.output<typeof faultSchema>;

/** Of faults that are not about single frames. */
function withoutMatch<T extends { match: unknown }>({ match: _, ...rest }: T): Omit<T, 'match'> {
  return rest;
}
