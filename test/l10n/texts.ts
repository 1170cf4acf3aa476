/** Finds in the sources every text that is translated, and every text that ought to be: by syntax, without types. */
import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';

export interface Found {
  /** `src/host/notify.ts:12` */
  readonly place: string;
  readonly text: string;
}

export interface Texts {
  readonly translated: readonly Found[];
  /** What stands where a text must be a literal. */
  readonly unclear: readonly Found[];
  /** Literals given to VS Code or to a page as they are, which a person reads. */
  readonly bare: readonly Found[];
}

/** By the name of a call, which of its arguments are texts. */
const CALLS: Readonly<Record<string, readonly number[]>> = {
  t: [0],
  'l10n.t': [0],
  'vscode.l10n.t': [0],
  counted: [2, 3],
};

/** The doors between a text and its language: they alone call `t` with what is not a literal. */
const DOORS = ['src/shared/l10n.ts', 'src/host/l10n.ts', 'webview/l10n.ts'];

/** Calls whose literal arguments a person reads. */
const SHOWS =
  /(?:^|\.)(?:showInformationMessage|showWarningMessage|showErrorMessage|setStatusBarMessage|button|iconButton|menuButton|progressRing|checkbox|dropdown)$/u;
/** Properties whose literal values a person reads. */
const SHOWN = [
  'title',
  'placeHolder',
  'placeholder',
  'prompt',
  'openLabel',
  'tooltip',
  'hoverMessage',
  'detail',
  'aria-label',
  'aria-description',
  'aria-roledescription',
  'hint',
];
/** A word of a language, rather than a name, a class or a sign. */
const WORDY = /(?:^|[\s"'])[A-Za-z][a-z]+ [a-z]|^[A-Z][a-z]+(?:…|\.|\?)?$/u;

export const sourcesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`);

/** Texts of the command line are English, as those of its options are. */
export const SOURCES = [...sourcesOf('src'), ...sourcesOf('webview')].filter(
  (file) => !/^src\/(?:cli\.ts|cli\/|kernels\/)/u.test(file),
);

export function textsOf(files: readonly string[], read = (file: string) => readFileSync(file, 'utf8')): Texts {
  const translated: Found[] = [];
  const unclear: Found[] = [];
  const bare: Found[] = [];
  for (const file of files) {
    const source = ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true);
    const found = (node: ts.Node, text = node.getText()): Found => {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      return { place: `${file}:${String(line + 1)}`, text };
    };
    const visit = (node: ts.Node): void => {
      if (ts.isTaggedTemplateExpression(node) && node.tag.getText() === 'say') {
        translated.push(found(node, templateText(node.template)));
      } else if (ts.isCallExpression(node)) {
        const name = node.expression.getText();
        for (const place of CALLS[name] ?? []) {
          const argument = node.arguments[place];
          const text = argument && literalText(argument);
          if (text !== undefined && argument !== undefined) translated.push(found(argument, text));
          else if (!DOORS.includes(file)) unclear.push(found(node));
        }
        if (SHOWS.test(name)) for (const argument of node.arguments) checkBare(argument);
        // The children and texts of an element.
        if (name === 'el') for (const argument of node.arguments.slice(2)) checkBare(argument);
        if (name === 'setText') for (const argument of node.arguments.slice(1)) checkBare(argument);
        if (name === 'setAttribute' && /label|title|valuetext|description/u.test(node.arguments[1]?.getText() ?? '')) {
          for (const argument of node.arguments.slice(2)) checkBare(argument);
        }
      } else if (ts.isPropertyAssignment(node)) {
        const name = node.name.getText().replaceAll(/['"]/gu, '');
        if (SHOWN.includes(name)) checkBare(node.initializer);
      }
      ts.forEachChild(node, visit);
    };
    const checkBare = (node: ts.Expression): void => {
      if (ts.isConditionalExpression(node)) {
        checkBare(node.whenTrue);
        checkBare(node.whenFalse);
        return;
      }
      const text = literalText(node) ?? (ts.isTemplateExpression(node) ? templateText(node) : undefined);
      if (text !== undefined && WORDY.test(text.replaceAll(/\{\d+\}|\$\([\w~-]+\)/gu, '').trim()))
        bare.push(found(node));
    };
    visit(source);
  }
  return { translated, unclear, bare };
}

/** The text of a literal, or of literals that are joined with `+`. */
function literalText(node: ts.Expression): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return undefined;
  const [left, right] = [literalText(node.left), literalText(node.right)];
  return left === undefined || right === undefined ? undefined : left + right;
}

/** As `say` makes it of a template literal. */
function templateText(template: ts.TemplateLiteral): string {
  const text = ts.isTemplateExpression(template)
    ? template.head.text + template.templateSpans.map(({ literal }, n) => `{${String(n)}}${literal.text}`).join('')
    : template.text;
  return text.replaceAll(/\s*\n\s*/gu, ' ');
}
