/** Token ids as vectors: Gather out of a table, OneHot, and the comparison that PyTorch writes for it. */
import { sizeOf } from './arrays';
import { need, type Context, type NodeView, type Operator } from './context';
import { gather } from './places';
import type { RawSource, TokensSource } from './sources';
import { axisOf, constantOf, entriesOf, NotFollowed, type Constant, type Stream, type Value } from './values';
import { say } from '../../shared/l10n';

/** The one source of a stream that is read as ids; undefined where it is none. */
function idsOf(context: Context, stream: Stream): RawSource | undefined {
  if (stream.columns.length !== 1) return undefined;
  const source = context.sources.of(stream.columns[0] ?? 0);
  return source.kind === 'raw' && source.integers && source.width === 1 ? source : undefined;
}

function tokens(context: Context, node: NodeView, ids: Stream, vocab: number, width: number, table?: Constant): Stream {
  const input = idsOf(context, ids);
  if (input === undefined) throw new NotFollowed(say`it looks up something else than token ids`);
  if (vocab < 1) throw node.damaged(say`no tokens to look up`);
  const source = context.sources.add<TokensSource>({
    kind: 'tokens',
    vocab,
    width,
    table,
    input,
    label: node.label,
    layers: 0,
    behind: 0,
  });
  return { ...ids, columns: context.sources.columnsOf(source) };
}

/** Gather: an embedding where ids pick rows of a constant, else a move. */
const lookUp: Operator = (context, node, inputs) => {
  const table = need(node, inputs, 0);
  const ids = need(node, inputs, 1);
  if (ids.kind !== 'stream') return gather(context, node, inputs);
  const data = table.kind === 'entries' ? constantOf(table) : table;
  const [vocab = 0, width = 0] = data.kind === 'constant' ? data.shape : [];
  if (data.kind !== 'constant' || data.shape.length !== 2 || node.int('axis', 0) !== 0) {
    throw new NotFollowed(say`what it picks is known only when it runs`);
  }
  const found = tokens(context, node, ids, vocab, width, data);
  return [{ ...found, axes: [...ids.axes, width] }];
};

/** [.., ids] -> [.., depth], 1 at the id. */
const oneHot: Operator = (context, node, inputs) => {
  const ids = need(node, inputs, 0);
  if (ids.kind !== 'stream') throw new NotFollowed(say`it is not of the input`);
  const [depth] = entriesOf(need(node, inputs, 1))?.entries ?? [];
  const values = need(node, inputs, 2);
  const [off, on] =
    values.kind === 'constant' && sizeOf(values.shape) === 2
      ? context.read(values)
      : (entriesOf(values)?.entries ?? []);
  if (typeof depth !== 'number' || off !== 0 || on !== 1) throw new NotFollowed(say`it is not of 0 and 1`);
  const rank = ids.axes.length + 1;
  const axis = axisOf(node.int('axis', -1), rank, (what) => node.damaged(what));
  const found = tokens(context, node, ids, depth, depth);
  return [{ ...found, axes: ids.axes.toSpliced(axis, 0, depth) }];
};

/** ids == 0, 1, 2 … is one-hot too: what PyTorch's newer exporter writes. */
export function oneHotOfEqual(context: Context, node: NodeView, ids: Stream, numbers: Value): Stream {
  const { axes } = ids;
  const list = numbers.kind === 'entries' ? constantOf(numbers) : numbers;
  if (list.kind !== 'constant' || axes.at(-1) !== 1) throw new NotFollowed(say`it compares what is not known`);
  const vocab = list.shape.at(-1) ?? 1;
  if (sizeOf(list.shape) !== vocab || !context.read(list).every((one, k) => one === k)) {
    throw new NotFollowed(say`it compares with other numbers than 0, 1, 2 and so on`);
  }
  return { ...tokens(context, node, ids, vocab, vocab), axes: axes.with(-1, vocab) };
}

export const LOOKUPS: Readonly<Record<string, Operator>> = {
  Gather: lookUp,
  OneHot: oneHot,
};
