// `npm run bench [-- [TEXT] [--json]]`: measures the emulation itself; with TEXT only the cases whose name holds it,
// with `npu [TEXT]` how fast the NPU's engines execute, with `compiler` how long compiling takes.
import { build, isStale } from './build.mjs';

if (isStale()) build();
if (process.argv[2] === 'npu') {
  const { npuBench } = await import('../dist/scripts/bench/npu-bench.js');
  npuBench(process.argv[3]);
} else if (process.argv[2] === 'compiler') {
  const { compilerBench } = await import('../dist/scripts/bench/compiler-bench.js');
  compilerBench();
} else {
  const { bench } = await import('../dist/scripts/bench/bench.js');
  const words = process.argv.slice(2);
  await bench(
    words.find((word) => word !== '--json'),
    words.includes('--json'),
  );
}
