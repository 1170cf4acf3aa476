/** Makes a Model of the layers of a Keras model and their weights, as far along its path as can be run. */
import { GATES } from '../../engine/network';
import type { DenseLayer, Head, RecurrentNetwork, TokensInput } from '../../engine/recurrent';
import type { RecurrentLayer } from '../../engine/sequence';
import type { Squashing } from '../../engine/squashing';
import { isRecord } from '../../shared/json';
import { damaged, quote, quoteSome, unsupported } from '../errors';
import { say, type Text } from '../../shared/l10n';
import type { Model } from '../model';
import type { Tensor } from '../tensors';
import { activationOf, layerActivation, type Activation } from './activations';
import { isAffine, readAffine } from './affine';
import { layerText, wrapped, type KerasLayer, type KerasPath } from './config';
import { folded, passThrough, readDense, throughDense, withActivation } from './dense';
import { isList, textOf } from './json';
import { NotRun } from './notRun';
import { isRecurrent, readRecurrent, widthOf } from './recurrentLayers';
import { TensorReader, type KerasStore } from './tensors';

export interface KerasContents {
  /** For people: the path or name of the file. */
  readonly file: string;
  /** Bytes of it and of what belongs to it. */
  readonly fileBytes: number;
  readonly path: KerasPath;
  readonly store: KerasStore;
  /** Version of Keras: 1, 2 or 3. */
  readonly major: number;
  /** Whether a configuration says what the layers are; else their shapes do, and options are as Keras sets them. */
  readonly configured: boolean;
  readonly warnings: Text[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Layers that do nothing when a model is only run. */
const INERT = new Set([
  'InputLayer',
  'Dropout',
  'SpatialDropout1D',
  'GaussianNoise',
  'GaussianDropout',
  'AlphaDropout',
  'ActivityRegularization',
  'Masking',
  'Identity',
]);

/**
 * How wide an output must be to be taken for one over tokens where it is as wide as the input: with a softmax at least an
 * alphabet of four (DNA), without one more than a table of sensors has columns.
 */
const FEWEST_TOKENS = 4;
const FEWEST_LINEAR_TOKENS = 24;

const CELL_TEXT = { lstm: 'LSTM', gru: 'GRU', rnn: 'SimpleRNN' } as const;

interface HeadPart {
  readonly dense: DenseLayer;
  readonly layer: KerasLayer;
  /** Ends in a softmax, which is left out. */
  readonly softmax: boolean;
}

/** @throws model-damaged, model-unsupported where no recurrent layer can be run */
export function modelOfLayers(contents: KerasContents): Model {
  return new Builder(contents).build();
}

class Builder {
  private readonly reader: TensorReader;
  private embedding: { readonly table: () => Float32Array; readonly vocab: number; readonly width: number } | undefined;
  /** Dense layers in front of the first recurrent one. */
  private front: DenseLayer[] = [];
  private readonly layers: RecurrentLayer[] = [];
  private head: HeadPart[] = [];
  private width: number | undefined;
  /** Values of a step of the input, as the configuration says. */
  private declared: number | undefined;
  /** Whether the data runs from the last step to the first here: behind a layer that goes backwards. */
  private backwards = false;
  private last: KerasLayer | undefined;

  constructor(private readonly contents: KerasContents) {
    this.reader = new TensorReader(contents.file, contents.fileBytes, contents.warnings);
  }

  build(): Model {
    const { file, path, warnings, metadata } = this.contents;
    const notRun: Text[] = [];
    for (const [index, layer] of path.layers.entries()) {
      try {
        this.take(layer);
      } catch (error) {
        if (!(error instanceof NotRun)) throw error;
        if (this.layers.length === 0) this.refuse(layer, error.text);
        notRun.push(
          error.text,
          ...path.layers
            .slice(index + 1)
            .filter((one) => !INERT.has(one.className))
            .map(layerText),
        );
        break;
      }
    }
    if (this.layers.length === 0) {
      throw unsupported(
        file,
        path.end === undefined
          ? say`It has no recurrent layer${this.seenText()}.`
          : say`Before its first recurrent layer, ${path.end}.`,
        say`Models in which data passes through an LSTM, GRU or SimpleRNN are supported.`,
      );
    }
    if (path.end !== undefined) warnings.push(say`The model is traced up to where ${path.end}.`);
    notRun.push(...path.beside.filter(({ className }) => !INERT.has(className)).map(layerText));
    const { network, architecture } = this.network();
    return {
      name: baseName(file),
      architecture,
      notes: {},
      network,
      notRun,
      description: undefined,
      parameters: this.reader.parameters,
      warnings,
      metadata: path.name === undefined ? metadata : { ...metadata, name: path.name },
    };
  }

  private seenText(): Text {
    const seen = [...new Set(this.contents.path.layers.map(({ className }) => className))];
    return seen.length === 0 ? '' : say`: its layers are ${quoteSome(seen)}`;
  }

  private refuse(layer: KerasLayer, what: Text): never {
    const later = this.contents.path.layers.slice(this.contents.path.layers.indexOf(layer));
    const recurrent = later.some(isRecurrent);
    throw unsupported(
      this.contents.file,
      recurrent
        ? say`${what} stands at or before the first recurrent layer.`
        : say`It has no recurrent layer${this.seenText()}.`,
      say`An embedding, linear dense layers and LSTM, GRU or SimpleRNN layers can be run there.`,
    );
  }

  private take(layer: KerasLayer): void {
    const { warnings, major } = this.contents;
    const { className, config } = layer;
    const shape = config['batch_shape'] ?? config['batch_input_shape'];
    const last: unknown = isList(shape) && shape.length === 3 ? shape[2] : undefined;
    if (typeof last === 'number' && Number.isSafeInteger(last) && last > 0) this.declared ??= last;
    if (INERT.has(className)) {
      if (className === 'Masking') {
        warnings.push(
          say`${layerText(layer)} makes Keras skip steps of nothing but its mask value; here no step is skipped.`,
        );
      }
      return;
    }
    const policy = config['dtype'];
    if (isRecord(policy) && /quantized/iu.test(textOf(policy, 'class_name') ?? '')) {
      throw new NotRun(say`${layerText(layer)} with quantised weights`);
    }
    if (className === 'TextVectorization') {
      warnings.push(say`${layerText(layer)} cuts texts into tokens; here the tokenizer does.`);
      return;
    }
    if (className === 'Embedding') {
      this.takeEmbedding(layer);
      return;
    }
    if (isRecurrent(layer)) {
      this.takeRecurrent(layer);
      return;
    }
    if (isAffine(layer)) {
      const tensors = this.weightsOf(layer);
      const width = this.width ?? tensors[0]?.shape[0] ?? this.declared;
      if (width === undefined) throw new NotRun(layerText(layer));
      this.push(layer, readAffine(this.contents.file, layer, width, tensors, this.reader), false);
      return;
    }
    const timed = className === 'TimeDistributed' ? wrapped(this.contents.file, layer, 'layer') : undefined;
    const inner = timed ?? layer;
    if (INERT.has(inner.className)) return;
    if (inner.className === 'Dense' || inner.className === 'TimeDistributedDense') {
      this.takeDense(layer, inner, activationOf(inner.config['activation'], major));
      return;
    }
    const activation = layerActivation(inner.className, inner.config, major);
    if (activation === undefined) throw new NotRun(layerText(layer));
    this.takeActivation(layer, activation);
  }

  private weightsOf(layer: KerasLayer): readonly Tensor[] {
    return this.contents.store.weightsOf(layer);
  }

  private takeEmbedding(layer: KerasLayer): void {
    const { file, warnings } = this.contents;
    if (this.embedding !== undefined || this.layers.length > 0 || this.front.length > 0)
      throw new NotRun(layerText(layer));
    const [table, ...more] = this.weightsOf(layer);
    const [vocab = 0, width = 0] = table?.shape ?? [];
    if (table === undefined || more.length > 0 || vocab === 0 || width === 0) {
      throw damaged(file, say`${layerText(layer)} has no table of [tokens, width].`);
    }
    this.reader.use(table, [vocab, width]);
    if (layer.config['mask_zero'] === true) {
      warnings.push(say`${layerText(layer)} masks token 0, which Keras skips; here it is a token like the others.`);
    }
    this.embedding = { table: () => this.reader.read(table), vocab, width };
    this.width = width;
  }

  private takeDense(layer: KerasLayer, inner: KerasLayer, activation: Activation): void {
    if (activation.kind === 'unknown')
      throw new NotRun(say`${layerText(layer)} with the function ${quote(activation.name)}`);
    const softmax = activation.kind === 'softmax';
    const squashing = activation.kind === 'squashing' ? activation.squashing : undefined;
    const dense = readDense(
      this.contents.file,
      { ...inner, name: layer.name },
      this.weightsOf(layer),
      this.reader,
      squashing,
    );
    this.push(layer, dense, softmax);
  }

  /** @throws NotRun where it has a function that nothing there can take */
  private push(layer: KerasLayer, dense: DenseLayer, softmax: boolean): void {
    this.fits(layer, dense.inputSize);
    if (this.layers.length === 0) {
      // A table's rows can go through anything; numbers only through what is linear.
      if (softmax || (dense.activation && this.embedding === undefined)) throw new NotRun(layerText(layer));
      this.front.push(dense);
      if (this.embedding) this.reader.claim(this.embedding.vocab * dense.outputSize);
    } else {
      if (this.head.at(-1)?.softmax) throw new NotRun(layerText(layer));
      this.head.push({ dense, layer, softmax });
    }
    this.width = dense.outputSize;
  }

  private takeActivation(layer: KerasLayer, activation: Activation): void {
    if (activation.kind === 'none') return;
    if (activation.kind === 'unknown')
      throw new NotRun(say`${layerText(layer)}, the function ${quote(activation.name)}`);
    const softmax = activation.kind === 'softmax';
    const squashing = activation.kind === 'squashing' ? activation.squashing : undefined;
    const before = this.head.at(-1);
    if (before && before.dense.activation === undefined && !before.softmax) {
      const dense = squashing ? withActivation(before.dense, squashing) : before.dense;
      this.head.splice(-1, 1, { ...before, dense, softmax });
      return;
    }
    const front = this.front.at(-1);
    if (this.layers.length === 0) {
      if (squashing === undefined || this.embedding === undefined) throw new NotRun(layerText(layer));
      if (front && front.activation === undefined) this.front.splice(-1, 1, withActivation(front, squashing));
      else this.push(layer, this.passThrough(squashing), false);
      return;
    }
    if (before?.softmax) throw new NotRun(layerText(layer));
    this.head.push({ dense: this.passThrough(squashing), layer, softmax });
  }

  private passThrough(squashing: Squashing | undefined): DenseLayer {
    const width = this.width ?? 0;
    this.reader.claim(width ** 2);
    return passThrough(width, squashing);
  }

  /** @throws model-damaged, or NotRun where the path is a guess, for a layer that takes another width than it is given */
  private fits(layer: KerasLayer, inputSize: number): void {
    if (this.width === undefined || this.width === inputSize) return;
    // Without a configuration something that holds no weights may stand between.
    if (!this.contents.configured) throw new NotRun(layerText(layer));
    throw damaged(
      this.contents.file,
      say`${layerText(layer)} takes ${inputSize} values, but the layer before gives ${this.width}.`,
    );
  }

  private takeRecurrent(layer: KerasLayer): void {
    // What stands between two recurrent layers can be folded into the second only if it is linear.
    const bent = this.head.findIndex(({ dense, softmax }) => softmax || dense.activation !== undefined);
    const first = this.head[bent];
    if (first) {
      this.head = this.head.slice(0, bent);
      throw new NotRun(say`${layerText(first.layer)} before ${layerText(layer)}`);
    }
    const { file, major } = this.contents;
    const context = { file, major, reader: this.reader, backwards: this.backwards };
    const { layers, backwards } = readRecurrent(context, layer, this.weightsOf(layer));
    const [lowest, ...rest] = layers;
    const inputSize = lowest?.directions[0]?.weights.inputSize ?? 0;
    if (lowest === undefined) throw damaged(file, say`${layerText(layer)} has no cells.`);
    this.fits(layer, inputSize);
    const linear = this.layers.length === 0 ? this.frontOfNumbers() : this.head.map(({ dense }) => dense);
    if (this.layers.length === 0) this.firstWidth = linear[0]?.inputSize ?? inputSize;
    const directions = lowest.directions.map(({ reverse, weights }) => {
      for (const { inputSize: size } of linear) this.reader.claim(GATES[weights.cell] * weights.units * size);
      return { reverse, weights: linear.reduceRight(folded, weights) };
    });
    this.layers.push({ directions, merge: lowest.merge }, ...rest);
    this.head = [];
    this.width = widthOf(layers.at(-1) ?? lowest);
    this.backwards = backwards;
    this.last = layer;
  }

  /** Dense layers before a recurrent one that go into its weights; behind an embedding they go into its table. */
  private frontOfNumbers(): readonly DenseLayer[] {
    return this.embedding === undefined ? this.front : [];
  }

  /** Values of a step of the input, where there is no embedding. */
  private firstWidth = 0;

  private network(): { network: RecurrentNetwork; architecture: string } {
    const { warnings } = this.contents;
    const head = this.readHead();
    const input = this.input(head);
    if (this.contents.configured && head && this.last) this.warnOfLastStep(this.last);
    if (this.last?.className !== 'Bidirectional' && this.backwards) {
      warnings.push(say`It reads from the last step to the first: what Keras lists first is the last step here.`);
    }
    const cells = [
      ...new Set(
        this.layers.map(({ directions }) => {
          const name = CELL_TEXT[directions[0]?.weights.cell ?? 'lstm'];
          return directions.length > 1 ? `bidirectional ${name}` : name;
        }),
      ),
    ];
    const architecture = cells.join(', ').replace(/^b/u, 'B');
    return { network: { input, layers: this.layers, head }, architecture };
  }

  /** A head that is given one step in Keras is shown at each of them here. */
  private warnOfLastStep(layer: KerasLayer): void {
    const both = layer.className === 'Bidirectional';
    const cell = both ? wrapped(this.contents.file, layer, 'layer') : layer;
    if (cell?.config['return_sequences'] === true) return;
    this.contents.warnings.push(
      both
        ? say`${layerText(layer)} gives only where its directions end, at both ends of the text, to what follows; here
          that is shown for every step, and none of them is what Keras gives.`
        : say`${layerText(layer)} gives only its state after the last step to what follows; here that is shown for
          every step.`,
    );
  }

  private readHead(): Head | undefined {
    const last = this.head.at(-1);
    if (last === undefined) {
      this.contents.warnings.push(say`It has no head, so that there is no loss and no prediction.`);
      return undefined;
    }
    const layers = this.head.map(({ dense }) => dense);
    const outputs = last.dense.outputSize;
    const { activation } = last.dense;
    const vocab = this.embedding?.vocab;
    if (activation === undefined && outputs === vocab) return { layers, output: 'next-token' };
    const fewest = last.softmax ? FEWEST_TOKENS : FEWEST_LINEAR_TOKENS;
    const oneHot = this.embedding === undefined && outputs === this.firstWidth && activation === undefined;
    if (oneHot && outputs >= fewest) return { layers, output: 'next-token' };
    const classes = last.softmax || activation?.name === 'sigmoid';
    return { layers, output: classes ? 'classes' : 'values' };
  }

  private input(head: Head | undefined): RecurrentNetwork['input'] {
    const { embedding, front } = this;
    if (embedding === undefined) {
      const width = this.firstWidth;
      if (head?.output !== 'next-token') return { kind: 'numbers', width };
      const last = this.head.at(-1);
      if (!last?.softmax) {
        this.contents.warnings.push(
          say`Its ${width} outputs are as many as its inputs; they are taken for tokens, one-hot, not for numbers.`,
        );
      }
      return { kind: 'tokens', vocab: width, width, table: undefined };
    }
    const { vocab } = embedding;
    const input: TokensInput = {
      kind: 'tokens',
      vocab,
      width: front.at(-1)?.outputSize ?? embedding.width,
      get table() {
        return front.reduce(throughDense, embedding.table());
      },
    };
    return input;
  }
}

/** `models/tiny.keras` → `tiny` */
const baseName = (file: string): string => (file.split(/[/\\]/u).at(-1) ?? file).replace(/(?:\.weights)?\.[^.]+$/u, '');
