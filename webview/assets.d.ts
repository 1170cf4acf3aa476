/** What the bundler resolves besides TypeScript. */
declare module '*.css';
