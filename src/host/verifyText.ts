/** What is said of a comparison with a reference. Pure. */
import type { VerifyResult } from '../shared/modelInfo';

/** An error to two digits that count, `3.2e-7`. */
export const errorText = (value: number): string =>
  Number.isFinite(value) ? (value === 0 ? '0' : value.toExponential(1)) : 'not finite';

const number = (value: number): string => String(Number(value.toPrecision(6))).replaceAll('-', '\u2212');

/** One sentence or two for a notification. */
export function verdict(model: string, reference: string, result: VerifyResult): string {
  const { agrees, tokens, maxError, tolerance, difference, causes } = result;
  if (agrees) {
    const steps = `${tokens.toLocaleString('en-US')} ${tokens === 1 ? 'token' : 'tokens'}`;
    return `${model} agrees with ${reference} (max error ${errorText(maxError)}, ${steps}).`;
  }
  const parts: string[] = [];
  if (difference === undefined) {
    parts.push(
      `${model} differs from ${reference}: max error ${errorText(maxError)}, more than ${errorText(tolerance)}.`,
    );
  } else {
    const { token, label, layer, signal, unit, ours, theirs } = difference;
    parts.push(
      `${model} differs from ${reference} first at token ${String(token)} (${label}): ${layer}.${signal} of unit ` +
        `${String(unit)} is ${number(ours)}, the reference has ${number(theirs)}.`,
    );
  }
  const [cause] = causes;
  if (cause !== undefined) {
    parts.push(
      cause.fits
        ? `${cause.text} With that, both agree (max error ${errorText(cause.maxError)}).`
        : `Perhaps: ${cause.text}`,
    );
  } else {
    parts.push('None of the usual causes explains it.');
  }
  return parts.join(' ');
}

/** All that was found, line by line, for the log. */
export function report(model: string, reference: string, result: VerifyResult): readonly string[] {
  const { compared, ignored, causes } = result;
  const width = compared.reduce((most, { name }) => Math.max(most, name.length), 0);
  return [
    verdict(model, reference, result),
    ...compared.map(({ name, reference: theirs, values, maxError }) => {
      const from = theirs === name ? '' : ` (${theirs} of the reference)`;
      return `  ${name.padEnd(width)}  max error ${errorText(maxError)} in ${values.toLocaleString('en-US')} values${from}`;
    }),
    ...(ignored.length === 0 ? [] : [`  not compared: ${ignored.join(', ')}`]),
    ...causes.map(
      ({ name, text, fits, maxError }) =>
        `  ${fits ? 'fits' : 'nearer'}: ${name}, max error ${errorText(maxError)}. ${text}`,
    ),
  ];
}
