import { z } from 'zod';
import { DURATION, OCTETS } from './quantities.ts';
import { ABOVE_ZERO, FULL_FRAME, quantity, ZERO } from './quantity-schema.ts';

/** What a topology file may ask of a switch beside its profile, see docs/switch.md. All of it may be left out. */

const vlanId = z.int().min(1).max(4094).meta({ description: 'VLAN identifier, 1 to 4094' });
const priority = z.int().min(0).max(7);
const portNumber = z.int().min(1).max(9999).meta({ description: 'Number of a linked port' });

const vlan = z.strictObject({ id: vlanId, name: z.string().meta({ description: 'For people' }).optional() });

const port = z.strictObject({
  mode: z
    .enum(['access', 'trunk'])
    .meta({ description: 'access: frames without a tag, of one VLAN; trunk: frames of several, with tags' })
    .optional(),
  vlan: vlanId.meta({ description: 'Of an access port; default: 1' }).optional(),
  native: vlanId.meta({ description: 'Of a trunk: the VLAN whose frames have no tag; default: none' }).optional(),
  tagged: z.array(vlanId).meta({ description: 'Of a trunk: the VLANs whose frames have a tag' }).optional(),
  priority: priority.meta({ description: 'Of frames of which neither tag nor DSCP says one; default: 0' }).optional(),
});

const priorities = z.strictObject({
  pcp: z
    .array(priority)
    .length(8, { error: 'eight priorities, for code points 0 to 7' })
    .meta({ description: 'By the priority code point of a VLAN tag; default: 0 to 7' })
    .optional(),
  dscp: z
    .record(z.string(), priority)
    .refine((map) => Object.keys(map).every((key) => /^([0-9]|[1-5][0-9]|6[0-3])$/.test(key)), {
      error: 'code points from 0 to 63',
    })
    .meta({ description: 'By code point, for IPv4 frames without a tag' })
    .optional(),
});

const ecn = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('threshold'),
    threshold: quantity(OCTETS, ABOVE_ZERO, 'Frames that find more than this in their queue are marked, as for DCTCP'),
  }),
  z.strictObject({
    kind: z.literal('red'),
    min: quantity(OCTETS, ABOVE_ZERO, 'Average depth at which marking begins'),
    max: quantity(OCTETS, ABOVE_ZERO, 'Average depth from which every frame is marked'),
    probability: z.number().positive().max(1).meta({ description: 'Of a mark just below max' }),
    weight: z
      .number()
      .positive()
      .max(1)
      .meta({ description: 'Of a new depth in the average; default: 0.002' })
      .optional(),
  }),
]);

const queue = z.strictObject({
  priorities: z
    .array(priority)
    .min(1)
    .meta({ description: 'Of frames that wait here; default: those of no other queue' })
    .optional(),
  weight: z
    .int()
    .min(1)
    .max(1000)
    .meta({ description: 'Share by deficit round robin; default: strict priority, before all that have one' })
    .optional(),
  alpha: z
    .number()
    .positive()
    .max(1024)
    .meta({ description: 'Dynamic threshold: times the free part of the shared pool; default: none' })
    .optional(),
  reserve: quantity(OCTETS, ZERO, 'Memory of its own at each port; default: 0B').optional(),
  ecn: ecn.meta({ description: 'Marking of congestion; default: none' }).optional(),
});

const pfc = z.strictObject({
  priorities: z.array(priority).min(1).meta({ description: 'Priorities that are not to lose a frame' }),
  xoff: quantity(OCTETS, FULL_FRAME, 'What one port and priority may have in the buffer before its sender is paused'),
  xon: quantity(OCTETS, ZERO, 'What is left of it when the sender may go on'),
  headroom: quantity(OCTETS, FULL_FRAME, 'Room beyond xoff; default: from the delay and rate of each link').optional(),
  maximumFrame: quantity(
    OCTETS,
    FULL_FRAME,
    'Longest frame that the headroom is computed for, without FCS; default: 1518B',
  ).optional(),
  quanta: z
    .int()
    .min(1)
    .max(65_535)
    .meta({ description: 'Pause time of a frame, in 512 bit times; default: 65535' })
    .optional(),
  storm: quantity(
    DURATION,
    ABOVE_ZERO,
    'A pause without a break that lasts longer is a storm; default: 10ms',
  ).optional(),
});

const mirror = z.strictObject({
  from: portNumber,
  to: portNumber,
  direction: z.enum(['ingress', 'egress', 'both']).meta({ description: 'As the switch sees it' }),
});

const stormLimit = z
  .strictObject({
    framesPerSecond: z.number().positive().max(1e12).optional(),
    fraction: z.number().min(0).max(1).meta({ description: 'Of the line rate' }).optional(),
  })
  .refine((keys) => Object.keys(keys).length === 1, { error: "exactly one of 'framesPerSecond' and 'fraction'" });

const stormControl = z.strictObject({
  ports: z.array(portNumber).min(1).meta({ description: 'Default: all' }).optional(),
  broadcast: stormLimit.optional(),
  multicast: stormLimit.optional(),
  unknownUnicast: stormLimit.optional(),
  burst: quantity(DURATION, ZERO, 'A burst of so much time passes at once; default: 1ms').optional(),
});

const staticMac = z.strictObject({
  mac: z
    .string()
    .regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/, { error: 'a MAC address such as 00:15:4d:00:01:01, lower case' }),
  vlan: vlanId.meta({ description: 'Of a switch with VLANs; default: 1' }).optional(),
  port: portNumber,
});

const lldp = z.strictObject({
  interval: quantity(DURATION, ABOVE_ZERO, 'Between advertisements; default: 1s').optional(),
  advertisements: z
    .int()
    .min(1)
    .max(1_000_000)
    .meta({ description: 'Of each port: they end, as a run ends when nothing is left to happen; default: 4' })
    .optional(),
});

/** Keys of a switch beside `name` and `profile`. */
export const switchOptionsShape = {
  forwarding: z
    .enum(['cut-through', 'store-and-forward'])
    .meta({ description: "In place of the profile's" })
    .optional(),
  vlans: z.array(vlan).meta({ description: 'Makes the switch know VLANs; VLAN 1 is always there' }).optional(),
  ports: z
    .record(z.string(), port)
    .refine((map) => Object.keys(map).every((key) => /^[1-9]\d{0,3}$/.test(key)), { error: 'numbers of ports as keys' })
    .meta({ description: 'By port number; default: access ports of VLAN 1' })
    .optional(),
  priorities: priorities.meta({ description: 'Which priority a frame has' }).optional(),
  queues: z
    .array(queue)
    .min(1)
    .max(8)
    .meta({ description: 'Egress queues of every port, by precedence; default: one FIFO queue' })
    .optional(),
  pfc: pfc.meta({ description: 'Priority-based flow control; default: none' }).optional(),
  mirror: z.array(mirror).min(1).optional(),
  stormControl: stormControl.meta({ description: 'Limits on frames that are flooded; default: none' }).optional(),
  staticMacs: z.array(staticMac).min(1).optional(),
  independentPorts: z
    .strictObject({
      isolated: z
        .array(portNumber)
        .meta({ description: 'Ports that reach only those that are not isolated' })
        .optional(),
    })
    .meta({
      description:
        'Ports share nothing: only static MACs are known, nothing is learned or flooded, no shared buffer; runs over processes are faster; default: they do',
    })
    .optional(),
  lldp: lldp.meta({ description: 'Link layer discovery; default: off' }).optional(),
  sample: quantity(DURATION, ABOVE_ZERO, 'How often the depth of each queue is sampled; default: never').optional(),
};
