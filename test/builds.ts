/** Before the unit tests: builds what some of them load, the kernels above all. A failed build fails those by itself. */
import { buildIfStale } from './vscode/build.mjs';

export default function setup(): void {
  buildIfStale();
}
