/**
 * For how many contexts there are copies of an object that each has its own of in EMEM: eight islands of sixteen cores with
 * eight contexts, more than any profile of these cards has. Contexts are numbered so (`context-index.ts`).
 */
export const CONTEXT_SLOTS = 8 * 16 * 8;
