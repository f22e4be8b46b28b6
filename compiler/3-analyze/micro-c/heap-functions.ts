/** C99 7.20.3, and what takes memory from a stack that the NIC does not have. */
export const HEAP_FUNCTIONS: ReadonlySet<string> = new Set(['malloc', 'calloc', 'realloc', 'free', 'alloca']);

/** What to do about a function that wants a heap. */
export function heapHint(name: string): string {
  if (name === 'alloca') return 'declare an array of the largest length that occurs';
  return 'the NIC has no heap: compile with --lower and declare #pragma lambda pool(blocks, octets of one)';
}
