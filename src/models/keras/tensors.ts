/** The tensors of a layer: found, checked, counted, and read when they are asked for. */
import { damaged, quote, shapeText, unsupported } from '../errors';
import { say, type Text } from '../../shared/l10n';
import { weightsLimit } from '../limits';
import { countOf, type Tensor } from '../tensors';
import type { KerasLayer } from './config';

/** Where a format keeps weights. */
export interface KerasStore {
  /** A layer's, in the order in which Keras lists them; none where it has none. @throws model-damaged, model-unsupported */
  weightsOf(layer: KerasLayer): readonly Tensor[];
}

/** Hands out a model's tensors, and knows which took part. */
export class TensorReader {
  private readonly used = new Set<Tensor>();
  private readonly judged = new Set<Tensor>();
  private bytes = 0;

  /** @param warnings grows as tensors are read that hold NaN or infinities */
  constructor(
    private readonly file: string,
    private readonly fileBytes: number,
    private readonly warnings: Text[],
  ) {}

  /** Number of values in all tensors that took part. */
  get parameters(): number {
    return [...this.used].reduce((sum, tensor) => sum + countOf(tensor), 0);
  }

  /**
   * Notes that a tensor takes part.
   *
   * @throws model-damaged where its shape is another, or all are too large for the file; model-unsupported for whole numbers
   */
  use(tensor: Tensor, shape: readonly number[]): void {
    if (tensor.shape.length !== shape.length || tensor.shape.some((size, axis) => size !== shape[axis])) {
      throw damaged(
        this.file,
        say`Tensor ${quote(tensor.name)} has the shape ${shapeText(tensor.shape)}; ${shapeText(shape)} is expected.`,
      );
    }
    if (tensor.floating === false) {
      throw unsupported(
        this.file,
        say`Tensor ${quote(tensor.name)} holds whole numbers.`,
        say`Save the model without quantisation.`,
      );
    }
    this.used.add(tensor);
    this.claim(countOf(tensor));
  }

  /**
   * Counts values that will be held in memory: those of a tensor, or of a product of tensors, which may have far more than
   * they have.
   *
   * @throws model-damaged where all are too many for the file
   */
  claim(count: number): void {
    this.bytes += 4 * count;
    if (this.bytes > weightsLimit(this.fileBytes)) {
      throw damaged(this.file, say`Its tensors have ${this.bytes} bytes, too many for the file.`);
    }
  }

  read(tensor: Tensor): Float32Array {
    const values = tensor.read();
    if (this.judged.has(tensor)) return values;
    this.judged.add(tensor);
    const odd = values.reduce((count, value) => count + (Number.isFinite(value) ? 0 : 1), 0);
    if (odd > 0) {
      this.warnings.push(say`Tensor ${quote(tensor.name)} has ${odd} of ${values.length} values NaN or infinite.`);
    }
    return values;
  }
}

/** [rows, columns] → [columns, rows] */
export function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) out[c * rows + r] = values[r * columns + c] ?? 0;
  }
  return out;
}
