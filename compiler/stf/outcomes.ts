import type { SourcePosition } from '../../base/errors.ts';
import type { NpuFault } from '../../npu/nic/npu.ts';
import type { Diagnostic } from '../diagnostics.ts';
import type { Difference } from './compare-packet.ts';
import type { StfCheck, StfExpect } from './statements.ts';
import type { SentFrame } from './test-bench.ts';

/** What became of one statement, or of a packet that nobody expected. */
export type StfOutcome =
  | {
      readonly kind: 'expect';
      readonly position: SourcePosition;
      readonly passed: boolean;
      readonly expect: StfExpect;
      /** What came instead, or what came. */
      readonly received: Uint8Array | undefined;
      readonly difference: Difference | undefined;
    }
  | {
      readonly kind: 'unexpected';
      /** Of the packet that it came from. */
      readonly position: SourcePosition;
      readonly passed: false;
      readonly port: number;
      readonly received: Uint8Array;
    }
  | {
      readonly kind: 'no-packet';
      readonly position: SourcePosition;
      readonly passed: boolean;
      readonly received: readonly SentFrame[];
    }
  | {
      readonly kind: 'check';
      readonly position: SourcePosition;
      readonly passed: boolean;
      readonly check: StfCheck;
      readonly actual: bigint;
    }
  | { readonly kind: 'fault'; readonly position: SourcePosition; readonly passed: false; readonly fault: NpuFault };

export type StfRun =
  | {
      readonly ok: true;
      /** In the order of their places in the test. */
      readonly outcomes: readonly StfOutcome[];
      readonly packets: number;
      /** Clones and replicas for which a context had no place (docs/p4.md). */
      readonly lostPackets: number;
      readonly builds: number;
      /** Of the last image. */
      readonly instructions: number;
      readonly warnings: readonly Diagnostic[];
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };
