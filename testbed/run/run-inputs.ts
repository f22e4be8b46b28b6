import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../base/errors.ts';
import { messagePath } from '../../topology/load-topology.ts';
import type { RunContent, RunFirmware, RunInputs } from '../../topology/run-inputs.ts';
import type { LambdaPlacement, Topology } from '../../topology/types.ts';
import { compileLambdas } from '../compile/compile-lambdas.ts';
import { readPicture } from './read-picture.ts';

/** Gathers everything that a run's models are built from. Bad lambdas and pictures show here, before anything starts. */
export function prepareInputs(topology: Topology, imagePath: string | undefined): RunInputs {
  // First, because it takes no time.
  const content = prepareContent(topology, imagePath);
  return { topology, firmware: prepareFirmware(topology), content };
}

function prepareFirmware(topology: Topology): RunFirmware {
  const compiled = compileLambdas(topology);
  return { ...compiled, sha256: createHash('sha256').update(compiled.octets).digest() };
}

function prepareContent(topology: Topology, imagePath: string | undefined): RunContent {
  const webServer = topology.lambdas.find((lambda) => lambda.name === 'web-server');
  const pages = webServer === undefined ? [] : readPages(webServer);
  return imagePath === undefined ? { pages } : { pages, image: readPicture(imagePath, topology) };
}

/** The texts that the web lambda serves; the client compares answers with them. */
function readPages({ sourceFolder, sourceAt }: LambdaPlacement): string[] {
  const file = join(sourceFolder, 'expected.json');
  const path = messagePath(file);
  const expected = 'expected {"pages": [texts]} with what the lambda answers';
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    const message = `lambda web-server: ${path} cannot be read (${reason}): ${expected}`;
    throw new InputError('unreadable-expected', message, sourceAt);
  }
  let pages: unknown;
  try {
    pages = (JSON.parse(text) as { readonly pages?: unknown } | null)?.pages;
  } catch (error) {
    throw new InputError('unreadable-expected', `${path}: ${(error as Error).message}: ${expected}`);
  }
  if (Array.isArray(pages) && pages.every((page) => typeof page === 'string')) return pages;
  throw new InputError('unreadable-expected', `${path}: ${expected}, got something else`);
}
