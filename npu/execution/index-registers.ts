/** Registers of the core that count some cycles after they were written; index into `core.indexes`. */
export const T_INDEX = 0;
export const BYTE_INDEX = 1;
export const NN_PUT = 2;
export const NN_GET = 3;
export const PREDICATE = 4;
