/// <reference types="node" />
/** Runs axe-core on a page of the harness, past its content security policy, and tells what is serious in one line each. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const GRAVE: ReadonlySet<string> = new Set(['serious', 'critical']);

/** `rule: element: why`, of what is serious or critical; empty where all is well. */
export async function graveFaults(tab: Page): Promise<readonly string[]> {
  // Evaluated by the debugger, not by the page: its policy forbids the latter, and stays as it is.
  if (!(await tab.evaluate(() => 'axe' in window))) await tab.evaluate(source);
  const results = await tab.evaluate(async () => {
    const axe = (window as unknown as { axe: { run: (root: Document, options: RunOptions) => Promise<AxeResults> } })
      .axe;
    return axe.run(document, { resultTypes: ['violations'], iframes: false });
  });
  return results.violations
    .filter(({ impact }) => GRAVE.has(impact ?? ''))
    .flatMap(({ id, nodes }) =>
      nodes.map(
        ({ target, failureSummary }) => `${id}: ${String(target)}: ${(failureSummary ?? '').replace(/\s+/gu, ' ')}`,
      ),
    );
}
