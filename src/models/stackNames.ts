/**
 * Finds recurrent stacks by PyTorch's parameter names, behind any prefix: `weight_ih_l0`, `weight_hh_l0_reverse` of
 * nn.LSTM, nn.GRU and nn.RNN (https://pytorch.org/docs/stable/generated/torch.nn.LSTM.html), `weight_ih`, `weight_hh` of
 * the cells (nn.LSTMCell and its like).
 */

export type Part = 'weight_ih' | 'weight_hh' | 'weight_hr' | 'bias_ih' | 'bias_hh';

export interface StackName {
  readonly prefix: string;
  readonly part: Part;
  /** Undefined for a cell, which has one layer. */
  readonly layer: number | undefined;
  readonly reverse: boolean;
}

const NAME =
  /^(?<prefix>|.*\.)(?<part>weight_ih|weight_hh|weight_hr|bias_ih|bias_hh)(?:_l(?<layer>\d{1,3})(?<reverse>_reverse)?)?$/su;

export function parseStackName(name: string): StackName | undefined {
  const groups = NAME.exec(name)?.groups;
  if (groups === undefined) return undefined;
  const { prefix = '', part, layer, reverse } = groups;
  return {
    prefix,
    part: part as Part,
    layer: layer === undefined ? undefined : Number(layer),
    reverse: reverse !== undefined,
  };
}

/** All that one module calls its own. */
export interface StackGroup {
  /** `encoder.lstm.` */
  readonly prefix: string;
  /** Of names without a layer. */
  readonly isCell: boolean;
  /** Layers up to the highest that is named. */
  readonly layers: number;
  readonly bidirectional: boolean;
  /** Place of its first and last tensor among all. */
  readonly first: number;
  readonly last: number;
}

/** The group's full name of a parameter. */
export const parameterName = (
  { prefix, isCell }: Pick<StackGroup, 'prefix' | 'isCell'>,
  part: Part,
  layer: number,
  reverse: boolean,
): string => `${prefix}${part}${isCell ? '' : `_l${String(layer)}`}${reverse ? '_reverse' : ''}`;

/** What a tensor belongs to: `decoder.fc.weight` → `decoder.fc`. */
export const moduleOf = (tensor: string): string => tensor.slice(0, Math.max(0, tensor.lastIndexOf('.')));

/** A module's own name, and that of what holds it where it is a number: `head.0` → `head`. */
export const labelOf = (module: string): string => {
  const segments = module.split('.');
  const own = segments.at(-1) ?? '';
  return /^\d+$/u.test(own) ? (segments.at(-2) ?? own) : own;
};

/** Numbers within names count as numbers: `cells.2` comes before `cells.10`. */
export const naturally = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

/**
 * @param ordered whether the names come in the order in which modules were made; else groups are in that of their names
 */
export function findGroups(names: readonly string[], ordered: boolean): readonly StackGroup[] {
  const groups = new Map<string, StackGroup>();
  for (const [place, name] of names.entries()) {
    const found = parseStackName(name);
    if (found === undefined) continue;
    const isCell = found.layer === undefined;
    const key = `${found.prefix}${isCell ? ' cell' : ''}`;
    const before = groups.get(key);
    groups.set(key, {
      prefix: found.prefix,
      isCell,
      layers: Math.max(before?.layers ?? 0, 1 + (found.layer ?? 0)),
      bidirectional: (before?.bidirectional ?? false) || found.reverse,
      first: before?.first ?? place,
      last: place,
    });
  }
  const found = [...groups.values()];
  return ordered ? found : found.sort((a, b) => naturally(a.prefix, b.prefix));
}
