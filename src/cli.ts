/** The command line: parses arguments, runs a command, turns errors into an exit code. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { traceCommand, type TraceCommand } from './cli/traceCommand';
import { GatescopeError } from './shared/errors';
import { wasmEngines } from './worker/kernels';

const BUNDLED_MODEL = join(__dirname, '../media/models/gatescope-bytes-256.safetensors');

const USAGE = `Usage: npm run trace -- FILE [--model MODEL] [--out OUT.npz] [--json]

Runs a recurrent model over a text and shows what its gates and cells did.

  FILE             the text; its bytes are the tokens
  --model MODEL    a safetensors file; the bundled model otherwise
  --out OUT.npz    writes every signal: l0.input, l0.forget … [tokens, units], loss, tokens, ranges
  --json           prints the summary as JSON
`;

/** @returns undefined when help was asked for; a string says what is wrong */
function parse(args: readonly string[]): TraceCommand | undefined | string {
  const options = { model: { type: 'string' }, out: { type: 'string' }, json: { type: 'boolean' } } as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
    if (values.help === true) return undefined;
    const [name, file, ...rest] = positionals;
    if (name !== 'trace') return `there is no command ${name ?? ''}`;
    if (file === undefined) return 'FILE is missing';
    if (rest.length > 0) return `one FILE at a time, not ${rest.join(' ')} too`;
    return { file, model: values.model ?? BUNDLED_MODEL, out: values.out, json: values.json ?? false };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function main(): Promise<number> {
  const command = parse(process.argv.slice(2));
  if (command === undefined) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (typeof command === 'string') {
    process.stderr.write(`gatescope: ${command}\n\n${USAGE}`);
    return 2;
  }
  const abort = new AbortController();
  process.once('SIGINT', () => {
    abort.abort(new GatescopeError('cancelled', 'Stopped. Nothing was written.'));
  });
  const { stdout, stderr } = process;
  try {
    await traceCommand(
      command,
      wasmEngines(__dirname),
      {
        write: (text) => stdout.write(text),
        status: (text) => stderr.isTTY && stderr.write(`\r\x1b[K${text}`),
        columns: stdout.isTTY ? stdout.columns : 80,
        colour: stdout.isTTY ? stdout.hasColors() : (process.env['FORCE_COLOR'] ?? '0') !== '0',
      },
      abort.signal,
    );
    return 0;
  } catch (error) {
    stderr.write(`gatescope: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

void main().then((code) => {
  process.exitCode = code;
});
