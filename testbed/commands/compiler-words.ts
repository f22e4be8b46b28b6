const GLUED = /^-([IDO])(.+)$/s;

/** `-Idir`, `-DNAME=1` and `-O2` as two words each: C compilers take both, and yargs would read a word of switches. */
export function separateWords(argv: readonly string[]): string[] {
  if (argv[0] !== 'compile' && argv[1] !== 'run-c') return [...argv];
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  return argv.flatMap((word, index) => {
    const glued = index < end ? GLUED.exec(word) : null;
    return glued === null ? [word] : [`-${glued[1]}`, glued[2]!];
  });
}
