import { RunError } from '../../base/errors.ts';
import { randomStream } from '../../base/random.ts';
import { Bench } from '../../compiler/lambda-bench.ts';
import { type Ends, lambdaMessage, readEnds, turned, udpFrame } from '../../compiler/lambda-frames.ts';
import { AsciiSession } from '../../nodes/master/memcached/session.ts';
import { MemcachedState } from '../../nodes/master/memcached/state.ts';
import { answerDatagrams, requestIn } from '../../nodes/master/memcached/udp-frames.ts';
import type { FirmwareImage } from '../../npu/image/firmware-image.ts';
import type { NicProfile } from '../../npu/profile.ts';
import { parseIpv4Address, parseMac } from '../../packet/addresses.ts';
import { PORT_LAMBDA, PORT_MEMCACHED } from '../../packet/udp.ts';
import { payloadOctetsOf } from '../../topology/octet-patterns.ts';
import type { ProgramWorkload } from '../../topology/program-workload.ts';
import type { Topology } from '../../topology/types.ts';
import { randomOctets } from '../../traffic-gen/program-requests.ts';

/** What a program is measured with. */
export interface MeasuredProgram {
  readonly profile: NicProfile;
  readonly topology: Topology;
  readonly workloads: readonly ProgramWorkload[];
  readonly lambdaIds: Readonly<Record<string, number>>;
}

const REQUESTER_PORT = 50_001;
const UDP_PAYLOAD = 42;
/** A program that asks memcached more often for one request is taken to go round in circles. */
const MOST_ROUNDS = 100;

/**
 * Puts the first request of each kind to an idle NIC, in the workload file's order, from M1 as in a run; memcached
 * answers at once. Kinds that expect nothing are put, too, and not counted.
 * @returns core cycles on the NIC from a request to its answer, mean of the kinds; undefined when none expects an answer
 * @throws RunError when an answer does not come
 */
export function measureProgram(image: FirmwareImage, program: MeasuredProgram): number | undefined {
  const bench = new Bench(program.profile, image);
  const memcached = new MemcachedState({ nowPs: () => 0 });
  const cycles: number[] = [];
  program.workloads.forEach((workload, index) => {
    const answered = cyclesToAnswer(bench, memcached, requestFrame(program, workload, index));
    if (workload.expected === 'nothing') return;
    if (answered === undefined) {
      throw new RunError('no-answer', `--report: request ${workload.name}: the program does not answer it`);
    }
    cycles.push(answered);
  });
  return cycles.length === 0 ? undefined : cycles.reduce((sum, each) => sum + each, 0) / cycles.length;
}

function requestFrame(
  { topology, lambdaIds }: MeasuredProgram,
  { name, target, payload }: ProgramWorkload,
  index: number,
): Uint8Array {
  const octets = payloadOctetsOf(payload, 0, (count) => randomOctets(randomStream(1, name), count));
  const ends = endsOf(topology, target.kind === 'port' ? target.port : PORT_LAMBDA);
  if (target.kind === 'port') return udpFrame(ends, octets);
  const [frame] = lambdaMessage(ends, { wId: lambdaIds[target.lambda]!, requestId: index + 1 }, octets);
  return frame!;
}

/** From M1 to the first worker. */
function endsOf(topology: Topology, destinationPort: number): Ends {
  const interfaceOf = (role: 'master' | 'worker') => topology.hosts.find((host) => host.role === role)!.interfaces[0]!;
  const master = interfaceOf('master');
  const worker = interfaceOf('worker');
  return {
    sourceMac: parseMac(master.mac)!,
    destinationMac: parseMac(worker.mac)!,
    source: parseIpv4Address(master.address)!,
    destination: parseIpv4Address(worker.address)!,
    sourcePort: REQUESTER_PORT,
    destinationPort,
  };
}

/** Cycles of all exchanges that lead to the answer, without the time between them. */
function cyclesToAnswer(bench: Bench, memcached: MemcachedState, request: Uint8Array): number | undefined {
  let cycles = 0;
  let frames = [request];
  for (let round = 0; round < MOST_ROUNDS && frames.length > 0; round++) {
    const sent = bench.exchange(frames);
    frames = [];
    for (const { frame, cycle, port } of sent) {
      if (port !== 0) continue;
      const ends = readEnds(frame);
      // The published program asks memcached from the port of the request: what goes to memcached is no answer.
      if (ends.destinationPort === PORT_MEMCACHED) {
        cycles += cycle;
        frames.push(...memcachedFrames(memcached, ends, frame));
      } else if (ends.destinationPort === REQUESTER_PORT) {
        return cycles + cycle;
      }
    }
  }
  return undefined;
}

function memcachedFrames(memcached: MemcachedState, ends: Ends, frame: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = [];
  const view = new DataView(frame.buffer, frame.byteOffset);
  const request = requestIn(frame.slice(UDP_PAYLOAD, UDP_PAYLOAD - 8 + view.getUint16(38)));
  if (request === undefined) return frames;
  const session = new AsciiSession(memcached);
  session.append(request.octets);
  for (let reply = session.step(); typeof reply !== 'string'; reply = session.step()) {
    for (const datagram of answerDatagrams(request.requestId, reply)) frames.push(udpFrame(turned(ends), datagram));
  }
  return frames;
}
