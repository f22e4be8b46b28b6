import { fileURLToPath, pathToFileURL } from 'node:url';

/** Builds dist/ once before the tests, so that those which start real processes find the code that is tested. */
export async function setup(): Promise<void> {
  const module = fileURLToPath(new URL('../scripts/build.mjs', import.meta.url));
  const { build, isStale } = (await import(pathToFileURL(module).href)) as { build: () => void; isStale: () => boolean };
  if (isStale()) build();
}
