import { z } from 'zod';
import { InputError } from '../base/errors.ts';
import { PS_PER_S } from '../base/units.ts';
import { expectedSchema, memorySchema, payloadSchema } from './octet-parts.ts';
import type { ExpectedPart, OctetPart } from './octet-patterns.ts';
import { DURATION, parseQuantity } from './quantities.ts';
import { MOST_CONCURRENCY, MOST_REQUESTS } from './workload-limits.ts';
import { readYaml, type SourceText } from './yaml-document.ts';

/** What a user's program is asked: requests of one kind, one after the other or at a rate. */
export interface ProgramWorkload {
  readonly name: string;
  /** A UDP port of the workers, reached through the gateway; or a lambda, by its name. */
  readonly target:
    | { readonly kind: 'port'; readonly port: number }
    | { readonly kind: 'lambda'; readonly lambda: string };
  readonly requests: number;
  /** Requests outstanding at once. */
  readonly concurrency: number;
  /** From one request to the next, whatever became of it; undefined: the next one when one has ended. */
  readonly intervalPs: number | undefined;
  /** First timeout of a request; doubles at each retry. */
  readonly requestTimeoutPs: number;
  readonly retries: number;
  readonly payload: readonly OctetPart[];
  /** undefined: any answer is right; `nothing`: none may come. */
  readonly expected: readonly ExpectedPart[] | 'nothing' | undefined;
}

/** A workload file: what is asked of a program, and what its memory holds before. */
export interface ProgramWorkloads {
  readonly workloads: readonly ProgramWorkload[];
  /** Octets by name of the object. */
  readonly memory: Readonly<Record<string, Uint8Array>>;
}

const DEFAULT_PORT = 4369;
const DEFAULT_TIMEOUT_PS = PS_PER_S / 10;
const MOST_RATE_PER_S = 100_000_000;

const duration = z
  .string()
  .regex(DURATION.pattern, { error: DURATION.expected })
  .transform((text) => parseQuantity(text, DURATION) ?? 0)
  .refine((valuePs) => valuePs > 0, { error: `${DURATION.expected}, above zero` });

const request = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, {
    error: 'a name of lower-case letters, digits and hyphens, at most 32, letter first',
  }),
  port: z
    .int()
    .min(1)
    .max(65_535)
    .meta({ description: `UDP port of the workers; default ${DEFAULT_PORT}` })
    .optional(),
  jobId: z.int().min(0).max(0xffffffff).meta({ description: 'Four octets before the payload' }).optional(),
  lambda: z.string().meta({ description: 'Name of a lambda: the request carries the lambda header' }).optional(),
  payload: payloadSchema.optional(),
  count: z.int().min(1).max(MOST_REQUESTS).optional(),
  concurrency: z.int().min(1).max(MOST_CONCURRENCY).optional(),
  rate: z.int().min(1).max(MOST_RATE_PER_S).meta({ description: 'Requests a second' }).optional(),
  timeout: duration.optional(),
  retries: z.int().min(0).max(20).optional(),
  expect: z.union([z.literal('nothing'), expectedSchema]).optional(),
});

const workloadFile = z.strictObject({
  requests: z.array(request).min(1, { error: 'at least one kind of request' }),
  memory: z.record(z.string(), memorySchema).optional(),
});

/**
 * Reads a workload file.
 * @throws InputError at `file:line:column` of the first fault
 */
export function parseProgramWorkloads(source: SourceText): ProgramWorkloads {
  const { value, positionOf } = readYaml(source, workloadFile);
  const names = new Set<string>();
  const fault = (code: string, message: string, index: number, key: string): InputError =>
    new InputError(code, message, positionOf(['requests', index, key]));
  const workloads = value.requests.map((entry, index): ProgramWorkload => {
    const { name, lambda, port, jobId, rate, concurrency } = entry;
    if (names.has(name)) {
      throw fault('duplicate-workload', `duplicate name: expected one of its own, got '${name}' again`, index, 'name');
    }
    names.add(name);
    if (lambda !== undefined && (port !== undefined || jobId !== undefined)) {
      const other = port === undefined ? 'jobId' : 'port';
      throw fault('two-targets', `${other}: expected none beside a lambda, whose header says it`, index, other);
    }
    if (rate !== undefined && concurrency !== undefined) {
      throw fault('rate-and-concurrency', 'rate: expected either a rate or a concurrency, got both', index, 'rate');
    }
    const job: OctetPart[] = jobId === undefined ? [] : [{ kind: 'octets', octets: wordOf(jobId) }];
    return {
      name,
      target: lambda === undefined ? { kind: 'port', port: port ?? DEFAULT_PORT } : { kind: 'lambda', lambda },
      requests: entry.count ?? 1,
      concurrency: concurrency ?? 1,
      intervalPs: rate === undefined ? undefined : Math.max(1, Math.round(PS_PER_S / rate)),
      requestTimeoutPs: entry.timeout ?? DEFAULT_TIMEOUT_PS,
      retries: entry.retries ?? 0,
      payload: [...job, ...(entry.payload ?? [])],
      expected: entry.expect,
    };
  });
  return { workloads, memory: value.memory ?? {} };
}

/** What a program is asked that came without a workload file: job 0 with sixteen octets, once, any answer. */
export function defaultProgramWorkloads(): ProgramWorkloads {
  const workload: ProgramWorkload = {
    name: 'job-0',
    target: { kind: 'port', port: DEFAULT_PORT },
    requests: 1,
    concurrency: 1,
    intervalPs: undefined,
    requestTimeoutPs: DEFAULT_TIMEOUT_PS,
    retries: 0,
    payload: [{ kind: 'octets', octets: new Uint8Array(20) }],
    expected: undefined,
  };
  return { workloads: [workload], memory: {} };
}

function wordOf(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}
