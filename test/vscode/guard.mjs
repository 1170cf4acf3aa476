/**
 * `guard.mjs PROGRAM ARGS…` runs a program and ends it, with everything it started, when stdin closes: stdin is a pipe
 * from whoever started this, so nothing outlives a test run, however that ends. Must lead a process group of its own.
 */
import { spawn } from 'node:child_process';

const [program = '', ...args] = process.argv.slice(2);
spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] }).once('exit', (code) => {
  process.exit(code ?? 1);
});
process.stdin.resume().once('close', () => {
  process.kill(0, 'SIGKILL');
});
