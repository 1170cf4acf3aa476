/** The command line: parses arguments, runs a command, turns errors into an exit code. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { inspectCommand, type InspectCommand } from './cli/inspectCommand';
import { runCommand, type RunCommand } from './cli/runCommand';
import { traceCommand, type TraceCommand } from './cli/traceCommand';
import { verifyCommand, type VerifyCommand } from './cli/verifyCommand';
import { GatescopeError } from './shared/errors';
import { wasmEngines } from './worker/kernels';

const BUNDLED_MODEL = join(__dirname, '../media/models/gatescope-bytes-256.safetensors');

const USAGE = `Usage: npm run trace -- FILE [--model MODEL] [--out OUT.npz] [--json]
       npm run inspect -- MODEL [--json]
       npm run run -- MODEL --input NAME=FILE.npy … [--out OUT.npz] [--json]
       npm run verify -- MODEL TEXT REFERENCE.npz [--tolerance 1e-4] [--json]

trace runs a recurrent model over a text and shows what its gates and cells did.

  FILE                   the text, cut as the model's tokenizer says; a CSV or TSV for a model over numbers
  --model MODEL          a model file; the bundled model otherwise
  --out OUT.npz          writes every signal: l0.input, l0.forget … [tokens, units], loss, tokens, ranges
  --json                 prints the summary as JSON

inspect says what a model is: its layers, gates, tokenizer, head, and what of it cannot be run.

run runs a model on arrays, or an ONNX graph of one RNN, GRU or LSTM node on raw tensors.

  --input tokens=FILE.npy  ids [time] or [batch, time]; for a model over numbers x=FILE.npy, [time, width] or
                           [batch, time, width]; for a graph of one node the value of one of its inputs
  --input FILE.npz         all of them
  --out OUT.npz            writes output and logits, or the graph's outputs, and every signal: l0.forget,
                           l0_reverse.forget … [time, batch, units]

verify compares hidden and cell states with those that your framework wrote, and says where they first differ and why.

  TEXT                   the text, table, or .npy of ids or numbers that the reference was made of
  REFERENCE.npz          arrays such as l0.hidden, l0.cell, output, logits, each [time, units]
  --tolerance 1e-4       the largest absolute error that still agrees
`;

type Command =
  | { readonly kind: 'trace'; readonly of: TraceCommand }
  | { readonly kind: 'inspect'; readonly of: InspectCommand }
  | { readonly kind: 'run'; readonly of: RunCommand }
  | { readonly kind: 'verify'; readonly of: VerifyCommand };

const OPTIONS = {
  model: { type: 'string' },
  out: { type: 'string' },
  json: { type: 'boolean' },
  input: { type: 'string', multiple: true },
  tolerance: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Which command an option belongs to, beside --json. */
const BELONGS = {
  model: ['trace'],
  out: ['trace', 'run'],
  input: ['run'],
  tolerance: ['verify'],
} as const satisfies Record<string, readonly Command['kind'][]>;

/** What each command is given, in order. */
const GIVEN: Readonly<Record<Command['kind'], readonly string[]>> = {
  trace: ['FILE'],
  inspect: ['MODEL'],
  run: ['MODEL'],
  verify: ['MODEL', 'TEXT', 'REFERENCE.npz'],
};

const isCommand = (name: string | undefined): name is Command['kind'] =>
  name !== undefined && Object.hasOwn(GIVEN, name);

/** @returns undefined when help was asked for; a string says what is wrong */
function parse(args: readonly string[]): Command | undefined | string {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
    if (values.help === true) return undefined;
    const { model, input, out, json = false, tolerance } = values;
    const [kind, ...given] = positionals;
    if (!isCommand(kind)) return `there is no command ${kind ?? ''}`;
    const missing = GIVEN[kind][given.length];
    if (missing !== undefined) return `${missing} is missing`;
    if (given.length > GIVEN[kind].length) return `one at a time, not ${given.slice(GIVEN[kind].length).join(' ')} too`;
    for (const [option, commands] of Object.entries(BELONGS)) {
      const isGiven = values[option as keyof typeof BELONGS] !== undefined;
      if (isGiven && !commands.some((one) => one === kind)) return `--${option} belongs to ${commands.join(' and ')}`;
    }
    const [file = '', text = '', reference = ''] = given;
    switch (kind) {
      case 'trace':
        return { kind, of: { file, model: model ?? BUNDLED_MODEL, out, json } };
      case 'inspect':
        return { kind, of: { model: file, json } };
      case 'run':
        return { kind, of: { model: file, inputs: input ?? [], out, json } };
      case 'verify': {
        const most = tolerance === undefined ? undefined : Number(tolerance);
        if (most !== undefined && !(most >= 0 && tolerance?.trim() !== ''))
          return `--tolerance ${String(tolerance)} is no number from 0 on`;
        return { kind, of: { model: file, text, reference, tolerance: most, json } };
      }
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** @returns the exit code */
async function run(command: Command, signal: AbortSignal): Promise<number> {
  const { stdout, stderr } = process;
  const terminal = {
    write: (text: string) => stdout.write(text),
    warn: (text: string) => stderr.write(text),
    status: (text: string) => stderr.isTTY && stderr.write(`\r\x1b[K${text}`),
    columns: stdout.isTTY ? stdout.columns : 80,
    colour: stdout.isTTY ? stdout.hasColors() : (process.env['FORCE_COLOR'] ?? '0') !== '0',
  };
  const engines = wasmEngines(__dirname);
  switch (command.kind) {
    case 'trace':
      await traceCommand(command.of, engines, terminal, signal);
      return 0;
    case 'inspect':
      await inspectCommand(command.of, engines, terminal);
      return 0;
    case 'run':
      await runCommand(command.of, terminal);
      return 0;
    case 'verify':
      return (await verifyCommand(command.of, engines, terminal)) ? 0 : 1;
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
  try {
    return await run(command, abort.signal);
  } catch (error) {
    process.stderr.write(`gatescope: ${error instanceof Error ? error.message : String(error)}\n`);
    // With 1, verify says that a model differs.
    return command.kind === 'verify' ? 2 : 1;
  }
}

void main().then((code) => {
  process.exitCode = code;
});
