/** The command line: parses arguments, runs a command, turns errors into an exit code. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runCommand, type RunCommand } from './cli/runCommand';
import { traceCommand, type TraceCommand } from './cli/traceCommand';
import { GatescopeError } from './shared/errors';
import { wasmEngines } from './worker/kernels';

const BUNDLED_MODEL = join(__dirname, '../media/models/gatescope-bytes-256.safetensors');

const USAGE = `Usage: npm run trace -- FILE [--model MODEL] [--out OUT.npz] [--json]
       npm run run -- MODEL.onnx --input NAME=FILE.npy … [--out OUT.npz] [--json]

trace runs a recurrent model over a text and shows what its gates and cells did.

  FILE                   the text; its bytes are the tokens
  --model MODEL          a safetensors file; the bundled model otherwise
  --out OUT.npz          writes every signal: l0.input, l0.forget … [tokens, units], loss, tokens, ranges
  --json                 prints the summary as JSON

run runs an ONNX graph of one RNN, GRU or LSTM node on raw tensors.

  --input NAME=FILE.npy  the value of an input of the graph; or FILE.npz with all of them
  --out OUT.npz          writes the graph's outputs, and every signal: l0.forget, l0_reverse.forget … [steps, batch, units]
  --json                 prints the shapes, and where a NaN or an infinity first arose, as JSON
`;

type Command =
  { readonly kind: 'trace'; readonly of: TraceCommand } | { readonly kind: 'run'; readonly of: RunCommand };

const OPTIONS = {
  model: { type: 'string' },
  out: { type: 'string' },
  json: { type: 'boolean' },
  input: { type: 'string', multiple: true },
  help: { type: 'boolean', short: 'h' },
} as const;

/** @returns undefined when help was asked for; a string says what is wrong */
function parse(args: readonly string[]): Command | undefined | string {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    if (values.help === true) return undefined;
    const { model, input, out, json = false } = values;
    const [name, file, ...rest] = positionals;
    if (name !== 'trace' && name !== 'run') return `there is no command ${name ?? ''}`;
    if (file === undefined) return name === 'trace' ? 'FILE is missing' : 'MODEL.onnx is missing';
    if (rest.length > 0) return `one file at a time, not ${rest.join(' ')} too`;
    if (name === 'trace') {
      if (input !== undefined) return '--input belongs to run';
      return { kind: 'trace', of: { file, model: model ?? BUNDLED_MODEL, out, json } };
    }
    if (model !== undefined) return '--model belongs to trace';
    return { kind: 'run', of: { model: file, inputs: input ?? [], out, json } };
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
    if (command.kind === 'run') {
      await runCommand(command.of, {
        write: (text) => stdout.write(text),
        warn: (text) => stderr.write(text),
      });
      return 0;
    }
    await traceCommand(
      command.of,
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
