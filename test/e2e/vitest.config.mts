/** The steps that a person would take, one window after another: a machine has few cores, and one screen. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/e2e/person/**/*.steps.ts'],
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // One second by default, which a busy machine may take for anything.
    expect: { poll: { timeout: 60_000, interval: 200 } },
    teardownTimeout: 30_000,
    globalSetup: 'test/vscode/packaged.ts',
  },
});
