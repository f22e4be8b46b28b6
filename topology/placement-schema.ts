import { z } from 'zod';

/** Where processes run: the `placement` of a topology file, one key at a time. `resolve-placement.ts` checks the rest. */

const NAME = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, {
  error: 'a name of lower-case letters, digits and hyphens, at most 32, letter first',
});
const ADDRESS = z.ipv4({ error: 'an IPv4 address such as 192.0.2.7' });

const placedProcess = z.strictObject({
  name: NAME.meta({ description: 'Name of the process' }),
  nodes: z.array(z.string()).min(1, { error: 'at least one node' }).meta({
    description: 'Switches and hosts that run in it, of any kinds',
  }),
  host: z.string().meta({ description: 'One of placement.hosts; default: started here by the launcher' }).optional(),
});

const placementHost = z.strictObject({
  name: NAME.meta({ description: 'Name of the machine, as processes name it' }),
  address: ADDRESS.meta({ description: 'Where the launcher and the other processes reach it' }),
  port: z.int().min(1).max(65_535).meta({
    description: 'TCP port that `testbed node` listens on there; frames go over UDP ports that the kernel picks',
  }),
  start: z
    .string()
    .min(1)
    .meta({
      description:
        'Command that starts `testbed node` there, run by sh with {host}, {address}, {port} and {token} put in; default: somebody starts it by hand',
    })
    .optional(),
});

export const placementSchema = z.strictObject({
  address: ADDRESS.meta({
    description: 'Where processes of other hosts reach those that run here; default: 127.0.0.1',
  }).optional(),
  processes: z
    .array(placedProcess)
    .min(1, { error: 'at least one process' })
    .meta({ description: 'Nodes that are in none: the switches in the process `switch`, each host in one of its own' }),
  hosts: z.array(placementHost).meta({ description: 'Other machines, or other addresses of this one' }).optional(),
});

export type PlacementDocument = z.output<typeof placementSchema>;
