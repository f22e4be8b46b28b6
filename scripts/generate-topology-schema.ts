import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { topologyJsonSchema } from '../topology/json-schema.ts';
import { projectFolder } from '../topology/load-topology.ts';

// Writes topology/topology.schema.json, which editors use for completion and checks in topology files.
// Run: npx tsx scripts/generate-topology-schema.ts
writeFileSync(path.join(projectFolder(), 'topology', 'topology.schema.json'), topologyJsonSchema());
