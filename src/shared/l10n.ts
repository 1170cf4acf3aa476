/**
 * Texts for people that are made where no language is known (the worker, the errors): a sentence and its values are kept
 * apart until the moment of showing, when the host or a page translates it. The command line shows it in English.
 */

/** A sentence with its values: `{0}` is the first. Plain data, so that any message can carry it. */
export interface Message {
  readonly template: string;
  readonly args: readonly Part[];
}

/** A text that stays as it is (a name, a formula), or one to be translated. */
export type Text = string | Message;

export type Part = number | Text;

/** `vscode.l10n.t`, or a page's `t`: the text in the person's language, with its values put in. */
export type Translate = (text: string, ...args: (string | number)[]) => string;

/**
 * A message of a template literal: say`${file} is empty.` is translated as `{0} is empty.` A line that is broken in the
 * source goes on after one space.
 */
export function say(strings: TemplateStringsArray, ...args: readonly Part[]): Message {
  let template = TEMPLATES.get(strings);
  if (template === undefined) {
    const joint = strings.reduce((text, part, n) => (n === 0 ? part : `${text}{${String(n - 1)}}${part}`), '');
    template = joint.replaceAll(/\s*\n\s*/gu, ' ');
    TEMPLATES.set(strings, template);
  }
  return { template, args };
}

/** By their place in the source: thousands of labels are said at once of one. */
const TEMPLATES = new WeakMap<TemplateStringsArray, string>();

/** Several texts as one, with something between. Nothing of it is translated but the texts. */
export function joined(texts: readonly Text[], between: string): Message {
  return { template: texts.map((_, n) => `{${String(n)}}`).join(between), args: texts };
}

/** A text with its values in place of `{0}`, `{1}` …; other braces stay, which VS Code's own way may trip over. */
export const fill: Translate = (text, ...args) =>
  args.length === 0 ? text : text.replaceAll(/\{(\d+)\}/gu, (hole, n: string) => String(args[Number(n)] ?? hole));

/** The text as it was written. */
export const english: Translate = fill;

/** A text in a language; by default in English. Values that are messages are translated too. */
export function textIn(text: Text, t: Translate = english): string {
  if (typeof text === 'string') return text;
  return t(text.template, ...text.args.map((arg) => (typeof arg === 'number' ? arg : textIn(arg, t))));
}

/** A number of things, as a person writes it: `counted(t, 2, '{0} token', '{0} tokens')`. */
export const counted = (t: Translate, count: number, one: string, many: string): string =>
  t(count === 1 ? one : many, formatCount(count));

const formatCount = (value: number): string => value.toLocaleString('en-US');
