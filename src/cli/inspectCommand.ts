/** `inspect MODEL`: what a model is, without running it. */
import { resolve } from 'node:path';
import { textIn } from '../shared/l10n';
import type { LayerDescription, ModelDescription } from '../shared/modelInfo';
import { createHandler } from '../worker/handler';
import type { EngineFactory } from '../trace/create';
import type { ModelReader } from '../worker/models';

export interface InspectCommand {
  readonly model: string;
  readonly json: boolean;
}

export async function inspectCommand(
  { model, json }: InspectCommand,
  createEngine: EngineFactory,
  terminal: { readonly write: (text: string) => void },
  readModel?: ModelReader,
): Promise<void> {
  const worker = createHandler(createEngine, { progress: () => undefined }, readModel);
  const description = await worker.inspect({ kind: 'file', path: resolve(model) });
  terminal.write(json ? `${JSON.stringify(description, undefined, 2)}\n` : readable(description));
}

const count = (n: number, what: string): string => `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`;

/** Line by line, names of things on the left. */
export function readable(model: ModelDescription): string {
  const line = (what: string, text: string): string => `${what.padEnd(12)}${text}`;
  const lines = [
    line('model', model.name),
    line('file', `${model.file} (${model.format}, ${count(model.bytes, 'byte')})`),
    line('kind', `${model.architecture}, ${count(model.parameters, 'parameter')}`),
    line('input', inputText(model)),
    ...model.layers.map((layer) => line(layer.name, layerText(layer))),
  ];
  if (model.merge !== undefined) lines.push(line('directions', `joined by ${model.merge}`));
  lines.push(line('head', headText(model)), line('tokenizer', tokenizerText(model)));
  if (model.description !== undefined) lines.push(line('about', model.description));
  for (const what of model.notRun) lines.push(line('not run', textIn(what)));
  for (const warning of model.warnings) lines.push(line('warning', textIn(warning)));
  return `${lines.join('\n')}\n`;
}

function inputText({ input, numbers }: ModelDescription): string {
  if (input.kind === 'tokens') {
    return `${count(input.vocab, 'token')}, ${input.embedding ? `embedded in ${String(input.width)} values` : 'one-hot'}`;
  }
  const columns = numbers?.columns?.map(String).join(', ');
  return `${count(input.width, 'number')} a step${columns === undefined ? '' : `: ${columns}`}`;
}

function layerText(layer: LayerDescription): string {
  const { cell, reverse, inputSize, units, hidden, activations, gruForm, gateOrder, biases, variants, parameters } =
    layer;
  return [
    `${cell.toUpperCase()} ${String(inputSize)} → ${String(units)}${hidden === units ? '' : ` → ${String(hidden)}`}${reverse ? ', backwards' : ''}`,
    activations.join(', '),
    gruForm === undefined
      ? undefined
      : gruForm === 'resetAfter'
        ? 'reset after the product'
        : 'reset before the product',
    gateOrder === undefined ? undefined : `gates in the file ${gateOrder}`,
    biases === 'none' ? 'no bias' : biases === 'one' ? 'one bias' : 'two biases',
    ...variants.map((variant) => textIn(variant)),
    count(parameters, 'parameter'),
  ]
    .filter((part) => part !== undefined)
    .join('; ');
}

const MEANING = { 'next-token': 'the next token', classes: 'classes', values: 'values' } as const;

function headText({ head }: ModelDescription): string {
  if (head === undefined) return 'none: no predictions';
  const sizes = [head.layers[0]?.inputSize ?? 0, ...head.layers.map(({ outputSize }) => outputSize)];
  const names =
    head.classes === undefined ? '' : `: ${head.classes.slice(0, 8).join(', ')}${head.classes.length > 8 ? ' …' : ''}`;
  return `${sizes.join(' → ')}, ${MEANING[head.output]}${names}`;
}

function tokenizerText({ tokenizer, input, needs }: ModelDescription): string {
  if (tokenizer !== undefined) return `${tokenizer.kind}, ${count(tokenizer.tokens, 'token')}, from ${tokenizer.from}`;
  return needs !== undefined && input.kind === 'tokens'
    ? 'not known: put vocab.json or tokenizer.json beside the model'
    : 'none: reads a CSV or TSV';
}
