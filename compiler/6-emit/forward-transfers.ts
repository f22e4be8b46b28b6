import type { MachineFunction } from './machine.ts';

export function forwardTransfers(_function: MachineFunction): void {}
