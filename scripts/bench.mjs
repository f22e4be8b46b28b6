// `npm run bench [-- TEXT]`: measures the emulation itself; with TEXT only the cases whose name holds it.
import { build, isStale } from './build.mjs';

if (isStale()) build();
const { bench } = await import('../dist/scripts/bench/bench.js');
await bench(process.argv[2]);
