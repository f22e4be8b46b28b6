import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../../topology/load-topology.ts';

/** Of package.json: `0.1.0`. */
export function projectVersion(): string {
  return (JSON.parse(readFileSync(join(projectFolder(), 'package.json'), 'utf8')) as { version: string }).version;
}
