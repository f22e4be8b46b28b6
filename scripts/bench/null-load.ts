import { createHash } from 'node:crypto';
import { assemble } from '../../npu/assembler/assembler.ts';
import { writeFirmwareElf } from '../../npu/image/elf-write.ts';
import { encodeProgram } from '../../npu/image/encode.ts';
import type { RunFirmware, RunInputs, RunLoad } from '../../topology/run-inputs.ts';
import type { Topology } from '../../topology/types.ts';

/** A lambda request of 100 octets on the wire before FCS: 42 of Ethernet, IPv4 and UDP, 20 of lambda header. */
export const SMALL_BODY = 38;
export const LARGE_BODY = 65_536;

export interface NullLoad {
  readonly requests: number;
  readonly outstanding: number;
  readonly bodyOctets: number;
  /** Through M1's gateway; otherwise straight from the client to the workers. */
  readonly gateway: boolean;
}

/** A topology whose workers answer at once, and what its client asks of them: the emulation with no work in it. */
export function nullInputs(topology: Topology, { requests, outstanding, bodyOctets, gateway }: NullLoad): RunInputs {
  const hosts = topology.hosts.map((host) => (host.role === 'worker' ? { ...host, backend: 'null' as const } : host));
  const lambda = topology.lambdas[0]!;
  const load: RunLoad = {
    requests,
    concurrency: outstanding,
    bodyOctets,
    plainLimitOctets: 1_024,
    fragmentLimitOctets: LARGE_BODY,
    requestTimeoutPs: 1e11,
    retries: 3,
    ...(gateway ? {} : { directWorkloadId: 1 }),
  };
  return {
    topology: { ...topology, hosts, lambdas: [lambda] },
    firmware: nullFirmware(lambda.name),
    content: { pages: [] },
    load,
  };
}

/** A null worker checks its firmware and then forgets it, so the shortest valid image will do. */
function nullFirmware(lambda: string): RunFirmware {
  const octets = writeFirmwareElf({
    contexts: 8,
    instructions: encodeProgram(assemble('ctx_arb[kill]', { file: 'null.asm' }).instructions),
    entry: 0,
    data: [],
    regions: [],
    lambdas: [{ name: lambda, id: 1 }],
    symbols: [],
    lines: [],
  });
  return { octets, sha256: createHash('sha256').update(octets).digest(), lambdaIds: { [lambda]: 1 } };
}
