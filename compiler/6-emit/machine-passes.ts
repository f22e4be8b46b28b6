/** Passes of phase 6 that can be switched off. */
export const MACHINE_PASSES = ['fuse-shifts', 'forward-transfers', 'fill-defer'] as const;
