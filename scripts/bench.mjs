// `npm run bench [-- TEXT]`: measures the emulation itself; with TEXT only the cases whose name holds it,
// with `npu [TEXT]` how fast the NPU's engines execute.
import { build, isStale } from './build.mjs';

if (isStale()) build();
if (process.argv[2] === 'npu') {
  const { npuBench } = await import('../dist/scripts/bench/npu-bench.js');
  npuBench(process.argv[3]);
} else {
  const { bench } = await import('../dist/scripts/bench/bench.js');
  await bench(process.argv[2]);
}
