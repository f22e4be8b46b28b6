import type { WorkloadProgress } from '../../time/node.ts';

/** Follows a run while it goes on, and may ask it to stop. */
export interface RunObserver {
  readonly stopRequested: boolean;
  progress(node: string, progress: WorkloadProgress): void;
  emulatedTime(nowPs: number): void;
}
