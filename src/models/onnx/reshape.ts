/**
 * New axes over the same values in the same order. Of a stream the axes may be open: then the target's sizes are matched
 * against them from both ends, so that each open size is found in one place and none is guessed.
 */
import type { Context } from './context';
import { sizeOf } from './arrays';
import { isOpen, NotFollowed, type Axis, type Entry } from './values';
import { say } from '../../shared/l10n';

/** A factor of the size: a closed axis or a part of one, or an open one. */
type Factor = number | string;

const cannot = (): NotFollowed => new NotFollowed(say`its shape cannot be matched with what it reshapes`);

/** The axes that a target shape means. @param target 0 copies a size unless `allowZero`, -1 is what is left */
export function reshapedAxes(
  context: Context,
  axes: readonly Axis[],
  target: readonly Entry[],
  allowZero: boolean,
): Axis[] {
  const wanted = target.map((entry, place): Entry | Axis => (entry === 0 && !allowZero ? axes[place] : entry));
  const factors = axes.flatMap((axis): Factor[] => (isOpen(axis) ? [...axis] : axis === 1 ? [] : [axis]));
  const open = wanted.findIndex((entry) => entry === -1 || entry === undefined);
  const unknown = wanted.filter((entry) => entry === -1 || entry === undefined).length;
  if (unknown > 1) throw cannot();
  const left = open < 0 ? wanted : wanted.slice(0, open);
  const right = open < 0 ? [] : wanted.slice(open + 1);
  const before = left.map((entry) => takeFactors(context, factors, entry, 'left'));
  const behind = right.toReversed().map((entry) => takeFactors(context, factors, entry, 'right'));
  const middle = open < 0 ? [] : [axisOf(factors.splice(0))];
  if (factors.length > 0) throw cannot();
  return [...before, ...middle, ...behind.toReversed()];
}

/** @throws NotFollowed where open and closed sizes would make one axis */
function axisOf(factors: readonly Factor[]): Axis {
  const symbols = factors.filter((factor) => typeof factor === 'string');
  const sizes = factors.filter((factor) => typeof factor === 'number');
  if (symbols.length === 0) return sizeOf(sizes);
  if (sizes.length > 0) throw cannot();
  return symbols;
}

/** Takes from one end what makes up a size. */
function takeFactors(context: Context, factors: Factor[], entry: Entry | Axis, end: 'left' | 'right'): Axis {
  const next = (): Factor | undefined => (end === 'left' ? factors.at(0) : factors.at(-1));
  const drop = (): Factor | undefined => (end === 'left' ? factors.shift() : factors.pop());
  const put = (factor: Factor): void => {
    if (end === 'left') factors.unshift(factor);
    else factors.push(factor);
  };
  if (typeof entry === 'object') {
    const { times, symbols } = isOpen(entry) ? { times: 1, symbols: entry } : entry;
    if (times !== 1) throw cannot();
    // A product's factors come in any order: sizes commute, places do not.
    const taken = symbols.map(() => drop());
    if (taken.toSorted().join('\n') !== symbols.toSorted().join('\n')) throw cannot();
    return axisOf((end === 'left' ? taken : taken.toReversed()).filter((factor) => factor !== undefined));
  }
  if (entry === undefined || !(entry >= 1)) throw cannot();
  const taken: Factor[] = [];
  let rest = entry;
  for (;;) {
    const factor = next();
    if (factor === undefined) break;
    if (typeof factor === 'string') {
      const hint = context.hints.get(factor);
      // A size of 1 takes an open axis only if that is known to be 1; another size is what the axis then is.
      if (hint === undefined ? rest === 1 || taken.length > 0 : rest % hint !== 0) break;
      if (hint === 1 && taken.length > 0) break;
      if (hint === undefined) context.hints.set(factor, rest);
      drop();
      taken.push(factor);
      rest /= hint ?? rest;
      if (hint === 1 || rest === 1) break;
      continue;
    }
    if (rest === 1) break;
    drop();
    if (rest % factor === 0) {
      taken.push(factor);
      rest /= factor;
    } else if (factor % rest === 0) {
      put(factor / rest);
      taken.push(rest);
      rest = 1;
    } else {
      throw cannot();
    }
    if (rest === 1) break;
  }
  if (rest !== 1) throw cannot();
  return axisOf(end === 'left' ? taken : taken.toReversed());
}
