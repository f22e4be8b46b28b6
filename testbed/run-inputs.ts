import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { InputError } from '../base/errors.ts';
import { imageFault } from '../topology/image-limits.ts';
import type { RunContent, RunFirmware, RunInputs } from '../topology/run-inputs.ts';
import type { Topology } from '../topology/types.ts';
import { compileLambdas } from './compile-lambdas.ts';

/** Gathers everything that a run's models are built from. Bad lambdas and pictures show here, before anything starts. */
export function prepareInputs(topology: Topology, imagePath: string | undefined): RunInputs {
  return { topology, firmware: prepareFirmware(topology), content: prepareContent(topology, imagePath) };
}

function prepareFirmware(topology: Topology): RunFirmware {
  const { octets, lambdaIds } = compileLambdas(topology);
  return { octets, sha256: createHash('sha256').update(octets).digest(), lambdaIds };
}

function prepareContent(topology: Topology, imagePath: string | undefined): RunContent {
  const webServer = topology.lambdas.find((lambda) => lambda.name === 'web-server');
  const pages = webServer === undefined ? [] : readPages(join(webServer.sourceFolder, 'expected.json'));
  return imagePath === undefined ? { pages } : { pages, image: readImage(imagePath, topology) };
}

function readPages(path: string): string[] {
  try {
    const { pages } = JSON.parse(readFileSync(path, 'utf8')) as { pages?: unknown };
    if (Array.isArray(pages) && pages.every((page) => typeof page === 'string')) return pages;
  } catch (error) {
    throw new InputError('unreadable-expected', `${path}: ${(error as Error).message}`);
  }
  throw new InputError('unreadable-expected', `${path}: expected {"pages": [texts]}`);
}

/** Reads a PNG of any colour type as RGBA, 8 bits a channel. */
function readImage(path: string, topology: Topology): NonNullable<RunContent['image']> {
  let octets: Buffer;
  try {
    octets = readFileSync(path);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new InputError('unreadable-image', `image '${path}' cannot be read (${reason}): expected a PNG file`);
  }
  let decoded: PNG;
  try {
    decoded = PNG.sync.read(octets);
  } catch (error) {
    throw new InputError(
      'unreadable-image',
      `image '${path}' is not a PNG that can be decoded: ${(error as Error).message}`,
    );
  }
  const { width, height, data } = decoded;
  const fault = imageFault(width, height, topology.hosts);
  if (fault !== undefined) throw new InputError('image-too-large', `'${path}': ${fault}`);
  return { width, height, pixels: new Uint8Array(data) };
}
