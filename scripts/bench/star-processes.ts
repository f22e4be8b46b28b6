import { join } from 'node:path';
import type { DatagramSystem } from '../../link/supervision.ts';
import { canPin } from '../../testbed/processes/pinning.ts';
import type { PlannedProcess } from '../../testbed/processes/process-plan.ts';
import { runProcesses } from '../../testbed/processes/supervisor.ts';
import { projectFolder } from '../../topology/load-topology.ts';
import { checkCompleted, STAR_SWITCH_LATENCY_PS, type StarLoad, type StarTimed, starNetwork } from './star.ts';

export interface StarOverProcesses extends StarTimed {
  readonly datagrams: number;
}

/** The star with a process for the switch and one for each station, over UDP, all on one core where that can be had. */
export async function runStarOverProcesses(load: StarLoad, datagrams: DatagramSystem): Promise<StarOverProcesses> {
  const network = starNetwork(load);
  const channel = { cycle: 'none', lookaheadPs: network.links[0]!.delayPs } as const;
  const common = { module: 'scripts/bench/star-node.js', takesInput: false };
  const processes = network.nodes.map((name): PlannedProcess => {
    if (name !== 'switch') {
      const links = [network.links.findIndex(({ ends }) => ends[0].node === name)];
      const peerReactionPs = STAR_SWITCH_LATENCY_PS;
      const toSwitch = { ...channel, peer: 'switch', links, reactionPs: 0, peerReactionPs, peerIsLeaf: false };
      return { ...common, name, nodes: [name], channels: [toSwitch] };
    }
    const channels = network.links.map(({ ends }, link) => ({
      ...channel,
      peer: ends[0].node,
      links: [link],
      reactionPs: STAR_SWITCH_LATENCY_PS,
      peerReactionPs: 0,
      peerIsLeaf: true,
    }));
    return { ...common, name, nodes: [name], channels };
  });
  const parts = await runProcesses({
    processes,
    network,
    model: load,
    capture: undefined,
    dropDatagrams: 0,
    datagrams,
    pinnedCore: canPin() ? 0 : undefined,
    moduleFolder: join(projectFolder(), 'dist'),
    observer: { stopRequested: false, progress() {}, emulatedTime() {} },
  });
  checkCompleted(parts.find(({ reports }) => reports.s0 !== undefined)!.reports.s0!, load);
  return {
    seconds: Math.max(...parts.map(({ runningMs }) => runningMs)) / 1000,
    cpuSeconds: parts.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / 1000,
    hops: parts.flatMap(({ ports }) => ports).reduce((sum, { framesSent }) => sum + framesSent, 0),
    datagrams: parts.reduce((sum, { datagramsSent }) => sum + datagramsSent, 0),
  };
}
