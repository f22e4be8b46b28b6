import type { Topology } from '../topology/types.ts';
export function compileLambdas(_t: Topology): { octets: Uint8Array; lambdaIds: Record<string, number> } { throw new Error('pending'); }
