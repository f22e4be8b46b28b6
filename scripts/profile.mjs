// `npm run profile -- switch [flame|doctor|bubbleprof|heapprofiler]`: one process of a run under clinic (through npx).
import { build, isStale } from './build.mjs';

if (isStale()) build();
const { profile } = await import('../dist/scripts/profile/profile.js');
try {
  await profile(process.argv[2], process.argv[3]);
} catch (error) {
  process.stderr.write(`error: ${error.message}\n`);
  process.exitCode = error.name === 'InputError' ? 2 : 1;
}
