/** What a person sees whose VS Code is Chinese: no English in the heatmap, the models, the hover and the commands. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Window } from '../../vscode/window';
import { atDesk } from './desk';

/** Names and signs that are the same in every language, as the field and its tools write them. */
const NAMES =
  /\b(?:LSTM|GRU|SimpleRNN|PyTorch|Keras|ONNX|Gatescope|UTF-8|safetensors|Esc|Shift|Alt|Ctrl|Enter|Tab|Delete|Home|End|Page ?Up|Page ?Down|TSV|NumPy|JSON|PNG|SVG|input|forget|candidate|output|cell|hidden|reset|update|change|written|kept|saturation|loss|Viridis|Cividis|english\.txt|bytes|NaN|softmax|tanh|sigmoid|weight_[ih]h)\b/giu;

/** Words of English among what a page says, in its texts and for the ear. */
const english = async (frame: Frame): Promise<string[]> => {
  const said = await frame.evaluate(() => {
    const texts: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node: Node | null = walker.currentNode; node !== null; node = walker.nextNode()) {
      if (node instanceof Element) {
        for (const name of ['title', 'aria-label', 'aria-description', 'aria-valuetext', 'placeholder']) {
          texts.push(node.getAttribute(name) ?? '');
        }
      } else if (!['SCRIPT', 'STYLE', 'CODE'].includes(node.parentElement?.tagName ?? '')) {
        texts.push(node.textContent ?? '');
      }
    }
    return texts;
  });
  return [...new Set(said.filter((text) => /[a-z]{3}/iu.test(text.replaceAll(NAMES, ''))))];
};

describe('with VS Code in Chinese, a person', () => {
  let window: Window;

  atDesk(
    (desk) => {
      ({ window } = desk);
    },
    {
      lay: (folder) => {
        writeFileSync(join(folder, '空.txt'), '');
      },
      window: { language: 'zh-cn' },
    },
  );

  it('is invited in Chinese', async () => {
    await window.statusBar().getByText('内置模型').waitFor();
    await window.command('Gatescope: Focus on 热力图 View');
    const view = await window.webview('.scene');
    await view.getByText('看清每个门在做什么').waitFor();
    expect(await view.evaluate(() => document.documentElement.lang)).toBe('zh-cn');
    await window.screenshot('chinese-start');
    expect(await english(view)).toEqual([]);
  });

  it('traces by a Chinese command, and finds no English in the heatmap', async () => {
    await window.openFile('english.txt');
    await window.command('Gatescope: 追踪 LSTM');
    const view = await window.webview('canvas');
    await window
      .statusBar()
      .getByText(/比特\/字节/)
      .waitFor();
    await window.page.waitForTimeout(1500);
    await window.screenshot('chinese-heatmap');
    expect(await english(view)).toEqual([]);
  });

  it('hovers a character', async () => {
    await window.page
      .locator('.editor-instance .view-lines')
      .first()
      .click({ position: { x: 60, y: 10 } });
    await window.goTo(1, 6);
    const text = await window.hover(/实际出现/);
    expect(text).toContain('在热力图中显示');
    await window.screenshot('chinese-hover');
    await window.page.keyboard.press('Escape');
  });

  it('reads in Chinese why a file is refused', async () => {
    await window.openFile('空.txt');
    await window.command('Gatescope: 追踪 LSTM');
    await window.notifications().filter({ hasText: '空.txt 是空的：没有可追踪的内容。' }).waitFor();
    await window.screenshot('chinese-refusal');
  });

  it('reads about a model in Chinese', async () => {
    await window.command('Gatescope: 打开模型');
    const page = await window.webview('.model-page');
    await page.getByText('与参考结果核对…').waitFor();
    await page.locator('.histogram').first().waitFor();
    await window.screenshot('chinese-model');
    // What a model's file says of itself is in the language of whoever made it.
    await page.evaluate(() => {
      for (const own of document.querySelectorAll('.metadata, .description, .path, h1')) own.remove();
    });
    expect(await english(page)).toEqual([]);
  });
});
