import { z } from 'zod';
import { topologySchema } from './schema.ts';

/** The text of `topology.schema.json`, as `scripts/generate-topology-schema.ts` writes it. */
export function topologyJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(topologySchema, { io: 'input' }), null, 2)}\n`;
}
