import type { MachineFunction } from './machine.ts';

export function fuseShifts(_function: MachineFunction): void {}
