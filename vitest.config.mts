import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that drive a browser take longest, whatever their size: what is started last should be short. */
class BrowsersFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const drives = ({ moduleId }: TestSpecification): boolean => moduleId.endsWith('.browser.test.ts');
    return [...sorted.filter(drives), ...sorted.filter((file) => !drives(file))];
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**'],
    // By default one core is left over, which of two is half: the tests would come one file after the other.
    maxWorkers: '100%',
    sequence: { sequencer: BrowsersFirst },
    // The machine may be slow or busy; a test that hangs is found all the same.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    globalSetup: 'test/builds.ts',
  },
});
