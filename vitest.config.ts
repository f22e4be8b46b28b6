import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    exclude: ['node_modules/**', 'dist/**', 'results/**'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      { extends: true, test: { name: 'testbed', include: ['**/*.test.ts'] } },
      {
        // The same programs, each by the other engine: see docs/npu-engines.md.
        extends: true,
        test: {
          name: 'npu, engines exchanged',
          include: ['npu/execution/**/*.test.ts', 'npu/nic/**/*.test.ts'],
          setupFiles: ['test/exchange-npu-engines.ts'],
        },
      },
    ],
  },
});
