// `npm run bench [-- TEXT]`: measures the emulation itself; with TEXT only the cases whose name holds it,
// with `npu [TEXT]` how fast the NPU's engines execute, with `compiler` how long compiling takes, with `ns-3` the network alone against ns-3.
import { build, isStale } from './build.mjs';

if (isStale()) build();
if (process.argv[2] === 'npu') {
  const { npuBench } = await import('../dist/scripts/bench/npu-bench.js');
  npuBench(process.argv[3]);
} else if (process.argv[2] === 'compiler') {
  const { compilerBench } = await import('../dist/scripts/bench/compiler-bench.js');
  compilerBench();
} else if (process.argv[2] === 'ns-3') {
  const { ns3Bench } = await import('../dist/scripts/bench/ns3-bench.js');
  await ns3Bench();
} else {
  const { bench } = await import('../dist/scripts/bench/bench.js');
  await bench(process.argv[2]);
}
