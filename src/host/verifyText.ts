/** What is said of a comparison with a reference. Pure. */
import { counted, textIn, type Translate } from '../shared/l10n';
import type { VerifyResult } from '../shared/modelInfo';

/** An error to two digits that count, `3.2e-7`. */
export const errorText = (value: number, t: Translate): string =>
  Number.isFinite(value) ? (value === 0 ? '0' : value.toExponential(1)) : t('not finite');

const number = (value: number): string => String(Number(value.toPrecision(6))).replaceAll('-', '\u2212');

/** One sentence or two for a notification. */
export function verdict(model: string, reference: string, result: VerifyResult, t: Translate): string {
  const { agrees, tokens, maxError, tolerance, difference, causes } = result;
  const error = errorText(maxError, t);
  if (agrees) {
    const steps = counted(t, tokens, '{0} token', '{0} tokens');
    return t('{0} agrees with {1} (max error {2}, {3}).', model, reference, error, steps);
  }
  const parts: string[] = [];
  if (difference === undefined) {
    const most = errorText(tolerance, t);
    parts.push(t('{0} differs from {1}: max error {2}, more than {3}.', model, reference, error, most));
  } else {
    const { token, label, layer, signal, unit, ours, theirs } = difference;
    parts.push(
      t(
        '{0} differs from {1} first at token {2} ({3}): {4} of unit {5} is {6}, the reference has {7}.',
        model,
        reference,
        token,
        label,
        `${layer}.${signal}`,
        unit,
        number(ours),
        number(theirs),
      ),
    );
  }
  const [cause] = causes;
  if (cause === undefined) parts.push(t('None of the usual causes explains it.'));
  else {
    const text = textIn(cause.text, t);
    parts.push(
      cause.fits
        ? t('{0} With that, both agree (max error {1}).', text, errorText(cause.maxError, t))
        : t('Perhaps: {0}', text),
    );
  }
  return parts.join(' ');
}

/** All that was found, line by line, for the log. */
export function report(model: string, reference: string, result: VerifyResult, t: Translate): readonly string[] {
  const { compared, ignored, causes } = result;
  const width = compared.reduce((most, { name }) => Math.max(most, name.length), 0);
  return [
    verdict(model, reference, result, t),
    ...compared.map(({ name, reference: theirs, values, maxError }) => {
      const from = theirs === name ? '' : ` ${t('({0} of the reference)', theirs)}`;
      const found = t('max error {0} in {1} values', errorText(maxError, t), values.toLocaleString('en-US'));
      return `  ${name.padEnd(width)}  ${found}${from}`;
    }),
    ...(ignored.length === 0 ? [] : [`  ${t('not compared: {0}', ignored.join(', '))}`]),
    ...causes.map(({ name, text, fits, maxError }) => {
      const error = errorText(maxError, t);
      const what = textIn(text, t);
      return `  ${
        fits
          ? t('fits: {0}, max error {1}. {2}', name, error, what)
          : t('nearer: {0}, max error {1}. {2}', name, error, what)
      }`;
    }),
  ];
}
