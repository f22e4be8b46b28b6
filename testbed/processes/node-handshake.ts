import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { projectFolder } from '../../topology/load-topology.ts';

/*
 * How a launcher and `testbed node` come to trust one another before anything else is read: three lines of JSON.
 *
 *     node      { version, code, runtime, nonce }
 *     launcher  { version, code, runtime, nonce, run, process, proof }     proof = HMAC-SHA-256(token, launcher nonces)
 *     node      { proof } or { refusal }
 *
 * The token itself never crosses the line, and nonces of both sides keep a recorded exchange from being used again.
 */
const LONGEST_LINE_OCTETS = 4096;
const NONCE_OCTETS = 16;
/** A peer that says nothing for so long is none. */
const PATIENCE_MS = 10_000;

/** What has to be equal at both ends, or their runs could differ. */
export interface Build {
  readonly version: string;
  /** SHA-256 over all compiled modules, 16 hexadecimal digits. */
  readonly code: string;
  /** Major version of Node: models use its Math. */
  readonly runtime: string;
}

const buildShape = { version: z.string(), code: z.string(), runtime: z.string(), nonce: z.string() };
const helloSchema = z.object(buildShape);
const requestSchema = z.object({ ...buildShape, run: z.string(), process: z.string(), proof: z.string() });
const answerSchema = z.object({ proof: z.string().optional(), refusal: z.string().optional() });

export type LineRequest = z.output<typeof requestSchema>;

/** Why the two ends do not come together, as a person should read it. */
export class HandshakeError extends Error {
  override name = 'HandshakeError';
}

let ownBuild: Build | undefined;

/** Of the compiled project. */
export function thisBuild(): Build {
  ownBuild ??= {
    version: (JSON.parse(readFileSync(join(projectFolder(), 'package.json'), 'utf8')) as { version: string }).version,
    code: codeOf(join(projectFolder(), 'dist')),
    runtime: process.versions.node.split('.')[0]!,
  };
  return ownBuild;
}

function codeOf(folder: string): string {
  const hash = createHash('sha256');
  const modules = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
  for (const name of modules.sort()) hash.update(name).update(readFileSync(join(folder, name)));
  return hash.digest('hex').slice(0, 16);
}

/** The launcher's side. @throws HandshakeError */
export async function introduceLauncher(socket: Socket, token: string, run: string, process: string): Promise<void> {
  const nonce = newNonce();
  const hello = await readShape(socket, helloSchema);
  const difference = differenceOf(hello, thisBuild());
  if (difference !== undefined) throw new HandshakeError(difference);
  const proof = proofOf(token, 'launcher', hello.nonce, nonce);
  socket.write(`${JSON.stringify({ ...thisBuild(), nonce, run, process, proof })}\n`);
  const answer = await readShape(socket, answerSchema);
  if (answer.refusal !== undefined) throw new HandshakeError(answer.refusal);
  if (!isSame(answer.proof ?? '', proofOf(token, 'node', nonce, hello.nonce))) {
    throw new HandshakeError('it does not know the token');
  }
}

/**
 * The side of `testbed node`.
 * @param refuse says why it cannot serve a request, if so
 * @throws HandshakeError after the launcher has been told
 */
export async function answerLauncher(
  socket: Socket,
  token: string,
  refuse: (request: LineRequest) => string | undefined,
): Promise<LineRequest> {
  const nonce = newNonce();
  socket.write(`${JSON.stringify({ ...thisBuild(), nonce })}\n`);
  const request = await readShape(socket, requestSchema);
  const refusal = isSame(request.proof, proofOf(token, 'launcher', nonce, request.nonce))
    ? (differenceOf(request, thisBuild()) ?? refuse(request))
    : 'the token is not the one that it was started with';
  if (refusal !== undefined) {
    socket.end(`${JSON.stringify({ refusal })}\n`);
    throw new HandshakeError(refusal);
  }
  socket.write(`${JSON.stringify({ proof: proofOf(token, 'node', request.nonce, nonce) })}\n`);
  return request;
}

function differenceOf(theirs: Build, ours: Build): string | undefined {
  if (theirs.version === ours.version && theirs.code === ours.code && theirs.runtime === ours.runtime) return undefined;
  const named = ({ version, code, runtime }: Build) => `testbed ${version} (code ${code}) on Node ${runtime}`;
  return `it runs ${named(theirs)}, this is ${named(ours)}: runs are equal only where both are`;
}

function newNonce(): string {
  return randomBytes(NONCE_OCTETS).toString('hex');
}

function proofOf(token: string, who: 'launcher' | 'node', first: string, second: string): string {
  return createHmac('sha256', token).update(`${who} ${first} ${second}`).digest('hex');
}

function isSame(proof: string, expected: string): boolean {
  return proof.length === expected.length && timingSafeEqual(Buffer.from(proof), Buffer.from(expected));
}

async function readShape<T extends z.ZodType>(socket: Socket, shape: T): Promise<z.output<T>> {
  const line = await readLine(socket);
  try {
    return shape.parse(JSON.parse(line));
  } catch {
    throw new HandshakeError('it does not speak as testbed node does');
  }
}

/** The next line; what comes after it stays in the socket. */
async function readLine(socket: Socket): Promise<string> {
  let gathered = Buffer.alloc(0);
  return await new Promise((resolve, reject) => {
    const timer = setTimeout(() => settle(() => reject(new HandshakeError('it does not answer'))), PATIENCE_MS);
    const settle = (result: () => void): void => {
      clearTimeout(timer);
      socket.off('readable', onReadable);
      socket.off('close', onClosed);
      result();
    };
    const onClosed = (): void => settle(() => reject(new HandshakeError('it closed the connection')));
    const onReadable = (): void => {
      for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
        gathered = Buffer.concat([gathered, chunk]);
        const end = gathered.indexOf('\n');
        if (end >= 0) {
          if (end + 1 < gathered.length) socket.unshift(gathered.subarray(end + 1));
          settle(() => resolve(gathered.toString('utf8', 0, end)));
          return;
        }
        if (gathered.length > LONGEST_LINE_OCTETS) {
          settle(() => reject(new HandshakeError('it does not speak as testbed node does')));
          return;
        }
      }
    };
    socket.on('readable', onReadable);
    socket.once('close', onClosed);
    if (socket.destroyed) onClosed();
  });
}
