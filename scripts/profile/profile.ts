import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../base/errors.ts';
import { nodeOrder, planProcesses } from '../../testbed/processes/process-plan.ts';
import { runProcesses } from '../../testbed/processes/supervisor.ts';
import { prepareInputs } from '../../testbed/run/run-inputs.ts';
import { loadTopology, projectFolder } from '../../topology/load-topology.ts';

const TOOLS = ['flame', 'doctor', 'bubbleprof', 'heapprofiler'];
/** Clinic renders its report after the process has ended. */
const REPORT_MS = 300_000;

/**
 * `npm run profile -- PROCESS [TOOL]`: the default run over UDP with one process under clinic, report in
 * `results/profile/`.
 */
export async function profile(processName: string | undefined, tool = 'flame'): Promise<void> {
  const topology = loadTopology('four-workers');
  const planned = planProcesses(topology);
  const names = planned.map(({ name }) => name);
  if (processName === undefined || !names.includes(processName)) {
    throw new InputError(
      'unknown-process',
      `which process? expected one of ${names.join(', ')}, got ${processName ?? 'none'}`,
    );
  }
  if (!TOOLS.includes(tool)) {
    throw new InputError('unknown-tool', `no clinic tool '${tool}': expected one of ${TOOLS.join(', ')}`);
  }
  const moduleFolder = join(projectFolder(), 'dist');
  const destination = join(projectFolder(), 'results', 'profile');
  mkdirSync(destination, { recursive: true });
  const processes = planned.map((one) =>
    one.name === processName
      ? {
          ...one,
          module: 'scripts/profile/relay.js',
          moduleArguments: [tool, destination, join(moduleFolder, 'testbed/processes/node-main.js')],
        }
      : one,
  );
  await runProcesses({
    processes,
    network: { nodes: nodeOrder(topology), links: topology.links, seed: 1, faults: topology.faults },
    model: prepareInputs(topology, undefined),
    capture: undefined,
    dropDatagrams: 0,
    datagrams: 'dgram',
    pinnedCore: undefined,
    moduleFolder,
    observer: { stopRequested: false, progress() {}, emulatedTime() {} },
    leaveMs: REPORT_MS,
  });
  const reports = readdirSync(destination).filter((name) => name.endsWith('.html'));
  for (const report of reports) process.stdout.write(`${join(destination, report)}\n`);
}
