/** Of a workload, whoever asks: a topology file or the command line. */
export const MOST_REQUESTS = 10_000_000;
export const MOST_CONCURRENCY = 4_096;
