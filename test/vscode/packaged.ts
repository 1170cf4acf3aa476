/** Before the steps of a person: builds and packages the extension that they install. */
import type { TestProject } from 'vitest/node';
import { buildIfStale } from './build.mjs';
import { packageExtension } from './package.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the VSIX: `inject('vsix')`. */
    vsix: string;
  }
}

export default function setup(project: TestProject): void {
  if (!buildIfStale()) throw new Error('The build failed.');
  project.provide('vsix', packageExtension());
}
