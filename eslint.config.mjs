/** Strict, type-aware rules; and the import rule of ARCHITECTURE.md, as a table that test/lint/imports.test.ts proves. */
import { defineConfig } from 'eslint/config';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** What each room may import beside itself; src/kernels is AssemblyScript, a world of its own. */
const ROOMS = {
  'src/shared': [],
  'src/engine': ['src/shared'],
  'src/models': ['src/shared', 'src/engine'],
  'src/text': ['src/shared', 'src/engine'],
  'src/trace': ['src/shared', 'src/engine', 'src/text'],
  'src/worker': ['src/shared', 'src/engine', 'src/models', 'src/text', 'src/trace'],
  'src/stepper': ['src/shared'],
  'src/debug': ['src/shared', 'src/stepper'],
  'src/host': ['src/shared', 'src/stepper', 'src/debug'],
  'src/extension.ts': ['src/shared', 'src/stepper', 'src/debug', 'src/host'],
  'src/cli': ['src/shared', 'src/engine', 'src/models', 'src/text', 'src/trace', 'src/worker'],
  'src/cli.ts': ['src/shared', 'src/worker', 'src/cli'],
  webview: ['src/shared'],
};

/** The only files that may import `vscode`; the suite runs inside it. */
const VSCODE_ROOMS = [
  'src/host/**',
  'src/extension.ts',
  'test/host/**',
  'test/e2e/suite/**',
  'test/bench/extension/**',
];

/** Rooms that run in any JavaScript, browser or Node. */
const PURE_ROOMS = ['src/shared/**', 'src/engine/**', 'webview/**'];

const noVscode = { name: 'vscode', message: 'Only src/host and src/extension.ts know VS Code.' };
const noNode = { regex: '^node:', message: 'This room runs in a browser too.' };

/** Apart from the rest, so that the test can apply it to files that do not exist. */
export const importRule = defineConfig(
  {
    files: ['**/*.{ts,mts,mjs}'],
    languageOptions: { parser: tseslint.parser },
    plugins: { 'import-x': importX },
    settings: {
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.mjs', '.js'] })],
    },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': [
        'error',
        {
          basePath: import.meta.dirname,
          zones: Object.entries(ROOMS).map(([room, allowed]) => ({
            target: `./${room}`,
            from: './',
            except: [room, ...allowed, 'node_modules'],
            message: `${room} imports only ${allowed.join(', ') || 'itself'}.`,
          })),
        },
      ],
      'no-restricted-imports': ['error', { paths: [noVscode] }],
    },
  },
  { files: VSCODE_ROOMS, rules: { 'no-restricted-imports': 'off' } },
  { files: PURE_ROOMS, rules: { 'no-restricted-imports': ['error', { paths: [noVscode], patterns: [noNode] }] } },
);

export default defineConfig(
  {
    ignores: ['dist/', 'dist-test/', 'src/kernels/', 'test-results/', '.vscode-test/', 'test/fixtures/', 'media/'],
  },
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  importRule,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
    },
  },
);
