import { z } from 'zod';

/** The forms of addresses and routes in a topology file. What must hold between them is in `check-addresses.ts` and `check-routes.ts`. */

const MAC_PATTERN = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/;
const QUAD = String.raw`\d{1,3}(\.\d{1,3}){3}`;
const ADDRESS_PATTERN = new RegExp(`^${QUAD}$`);
const PREFIX_PATTERN = new RegExp(String.raw`^${QUAD}/\d{1,2}$`);

export const macSchema = z
  .string()
  .regex(MAC_PATTERN, { error: 'a MAC address such as 00:15:4d:00:01:01, lower case' })
  .meta({ description: 'Unicast MAC address' });

export const interfaceAddressSchema = z
  .string()
  .regex(PREFIX_PATTERN, { error: 'an IPv4 address with prefix length such as 10.10.101.101/16' })
  .meta({ description: 'IPv4 address and prefix length' });

export const addressSchema = z.string().regex(ADDRESS_PATTERN, { error: 'an IPv4 address such as 10.1.0.1' });

/** In a file the default route has a name. */
const DESTINATION = new RegExp(String.raw`^(default|${QUAD}/\d{1,2})$`);

const destination = z
  .string()
  .regex(DESTINATION, { error: "a network such as 10.2.0.0/16, or 'default'" })
  .meta({ description: 'Network that the route leads to, or default' });

export const hostRouteSchema = z.strictObject({
  to: destination,
  via: addressSchema.meta({ description: 'Router on a subnet of the host' }),
});

const routerRouteSchema = z.strictObject({
  to: destination,
  via: z
    .union([addressSchema, z.array(addressSchema).min(1).max(64)], {
      error: 'an IPv4 address such as 10.1.0.1, or a list of them',
    })
    .meta({ description: 'Next router, or several of equal cost: a flow takes one of them by its hash' }),
});

export const routingSchema = z.strictObject({
  interfaces: z
    .array(
      z.strictObject({
        name: z
          .string()
          .regex(/^[a-z][a-z0-9-]{0,31}$/, { error: 'a name of lower-case letters, digits and hyphens, letter first' })
          .meta({ description: 'Within the switch, for messages and reports' }),
        ports: z
          .array(z.int().min(1).max(512))
          .min(1, { error: 'at least one port' })
          .meta({ description: 'Ports of one subnet, bridged among themselves; one port: a routed port' }),
        mac: macSchema,
        address: interfaceAddressSchema,
      }),
    )
    .min(1, { error: 'at least one interface' }),
  routes: z
    .array(routerRouteSchema)
    .meta({ description: 'Come before computed routes to the same network' })
    .optional(),
  computed: z
    .boolean()
    .meta({ description: 'Shortest paths from the topology; default: true. false: `routes` alone' })
    .optional(),
  ecmpSeed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .meta({ description: "Seed of the flow hash; default: from the switch's name. Equal seeds polarise" })
    .optional(),
});

export type RoutingDocument = z.output<typeof routingSchema>;
export type HostRouteDocument = z.output<typeof hostRouteSchema>;
