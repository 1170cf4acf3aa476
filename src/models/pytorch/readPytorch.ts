/** From a PyTorch file to its named tensors: chooses among the state dicts that it holds. */
import { damaged, quoteSome } from '../errors';
import { say, type Text } from '../../shared/l10n';
import { parseStackName } from '../stackNames';
import type { ModuleNote, Tensor, TensorFile } from '../tensors';
import { contentsOf, type Group } from './contents';
import type { Container } from './storage';

export interface PytorchFile extends TensorFile {
  /** What was chosen among, one sentence each. */
  readonly warnings: readonly Text[];
}

/** A copy of the weights that is not the trained model itself: of running means, of the best epoch, of a target network. */
const COPY = /ema|avg|averag|best|target|teacher|swa|old|prev|initial/iu;

/** Tensors of an optimiser have none of these names. */
const PARAMETER = /(?:^|\.)(?:weight|bias)(?:_|$|\b)/u;

/** @throws model-damaged, model-unsupported */
export function tensorsOfPytorch(container: Container): PytorchFile {
  const { groups, notes, scalars } = contentsOf(container);
  const { chosen, warnings } = choose(groups);
  const tensors = new Map<string, Tensor>();
  const modules = new Map<string, ModuleNote>();
  for (const { prefix, group } of chosen) {
    for (const [name, tensor] of group.tensors) {
      const full = prefix + name;
      if (tensors.has(full)) throw damaged(container.file, say`Two tensors are called ${full}.`);
      tensors.set(full, { ...tensor, name: full, read: () => tensor.read() });
    }
    for (const [name, module] of group.modules) modules.set(prefix + name, module);
  }
  return {
    file: container.file,
    size: container.size,
    tensors,
    ordered: true,
    modules,
    metadata: Object.fromEntries(scalars),
    notes,
    warnings,
  };
}

interface Chosen {
  readonly prefix: string;
  readonly group: Group;
}

const isRecurrent = ({ tensors }: Group): boolean => [...tensors.keys()].some((name) => parseStackName(name));

const pathText = ({ path }: Group): string => path.join('.');

function choose(groups: readonly Group[]): { chosen: readonly Chosen[]; warnings: readonly Text[] } {
  const recurrent = groups.filter(isRecurrent);
  const [first] = recurrent;
  const named = groups.filter(({ tensors }) => [...tensors.keys()].some((name) => PARAMETER.test(name)));
  // Without a recurrent layer there is nothing to choose for; what there is is named in the refusal.
  if (first === undefined) return { chosen: withPrefixes(named.length > 0 ? named : groups), warnings: [] };
  const kept = withoutCopies(recurrent);
  const left = recurrent.filter((group) => !kept.includes(group));
  const warnings =
    left.length > 0 ? [say`Of ${recurrent.length} state dicts, ${quoteSome(left.map(pathText))} took no part.`] : [];
  // State dicts of single modules lie side by side; what lies elsewhere belongs to something else.
  const parents = new Set(kept.map(({ path }) => path.slice(0, -1).join('.')));
  const beside = named.filter(
    (group) => !recurrent.includes(group) && group.path.length > 0 && parents.has(group.path.slice(0, -1).join('.')),
  );
  const all = groups.filter((group) => kept.includes(group) || beside.includes(group));
  return { chosen: all.length === 1 ? [{ prefix: '', group: kept[0] ?? first }] : withPrefixes(all), warnings };
}

const withPrefixes = (groups: readonly Group[]): readonly Chosen[] => {
  if (groups.length === 1) return groups.map((group) => ({ prefix: '', group }));
  return groups.map((group) => ({ prefix: group.path.length > 0 ? `${pathText(group)}.` : '', group }));
};

/** One of those that have the same names and shapes: the first that is not named as a copy. */
function withoutCopies(groups: readonly Group[]): readonly Group[] {
  const signature = ({ tensors }: Group): string =>
    [...tensors.values()].map(({ name, shape }) => `${name} ${shape.join('x')}`).join('\n');
  const bySignature = new Map<string, Group[]>();
  for (const group of groups) {
    const key = signature(group);
    bySignature.set(key, [...(bySignature.get(key) ?? []), group]);
  }
  const roles = /enc|dec|src|tgt|source|target/iu;
  return [...bySignature.values()].flatMap((same) => {
    // An encoder and a decoder may be alike.
    if (same.length > 1 && same.every(({ path }) => roles.test(path.at(-1) ?? ''))) return same;
    return same
      .filter(({ path }) => !COPY.test(path.join('.')))
      .slice(0, 1)
      .concat(same)
      .slice(0, 1);
  });
}
