/// <reference types="node" />
/** What the suites in Chromium have in common: the harness around them, and what they ask of the fake host and the view. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';
import { findChromium, startHarness, type Harness, type On, type OpenOptions } from './open';

/**
 * A suite of one page after another. Where there is no Chromium it is skipped, with a word; in CI the harness fails then.
 *
 * @param standard what pages are opened with unless a test says otherwise; of queries, what a test's does not have
 */
export function describeInChromium(name: string, standard: OpenOptions, body: (on: On) => void): void {
  const missing = findChromium() === undefined && process.env['CI'] !== 'true';
  if (missing) console.warn(`No Chromium found: not tested: ${name}. Install it or set GATESCOPE_CHROMIUM.`);
  describe.skipIf(missing)(name, () => {
    let harness: Harness;
    beforeAll(async () => {
      harness = await startHarness();
    });
    afterAll(async () => {
      await harness.close();
    });
    body((options, act) => {
      // Of a name that is there twice the first counts.
      const query = [options.query, standard.query].filter((part) => part !== undefined).join('&');
      return harness.on({ ...standard, ...options, query }, act);
    });
  });
}

/** What the fake host was called with by that name, in order. */
export const calls = (tab: Page, method: string): Promise<readonly (readonly unknown[])[]> =>
  tab.evaluate((name) => window.fake.calls.filter((call) => call.method === name).map(({ args }) => args), method);

/** Forgets the calls so far. */
export const forget = (tab: Page): Promise<void> =>
  tab.evaluate(() => {
    window.fake.calls.length = 0;
  });

export const text = (tab: Page, selector: string): Promise<string> => tab.locator(selector).first().innerText();

/** In CSS pixels of the page, of what must be there. */
export async function boxOf(
  tab: Page,
  selector: string,
): Promise<{ readonly x: number; readonly y: number; readonly width: number; readonly height: number }> {
  const box = await tab.locator(selector).first().boundingBox();
  if (box === null) throw new Error(`${selector} has no place in the page.`);
  return box;
}
