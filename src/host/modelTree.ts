/** The rows of the Models view: what is under a model, from its description. Knows no `vscode`. */
import { textIn, type Translate } from '../shared/l10n';
import type { LayerDescription, ModelDescription } from '../shared/modelInfo';
import { CELLS, layerLine, modelFacts, type FactKey } from '../shared/modelText';

export interface Row {
  readonly label: string;
  readonly description: string;
  /** Name of a codicon. */
  readonly icon: string;
  /** How the icon is coloured. */
  readonly tone: 'plain' | 'warning';
  readonly tooltip: string;
  /** The matrix that the row stands for. */
  readonly matrix: string | undefined;
  /** The row asks for the tokenizer. */
  readonly asks: boolean;
  readonly children: readonly Row[];
}

const row = (label: string, description: string, icon: string, more: Partial<Row> = {}): Row => ({
  label,
  description,
  icon,
  tone: 'plain',
  tooltip: description === '' ? label : `${label}: ${description}`,
  matrix: undefined,
  asks: false,
  children: [],
  ...more,
});

const ICONS: Readonly<Record<FactKey, string>> = {
  reads: 'sign-in',
  tokenizer: 'whole-word',
  scaling: 'settings',
  gates: 'list-ordered',
  form: 'symbol-operator',
  head: 'sign-out',
};

/** What is odd first, then the whole, then layer by layer. */
export function modelRows(model: ModelDescription, t: Translate): readonly Row[] {
  const { warnings, notRun, layers, parameters, needs, format } = model;
  const rows = [
    ...warnings.map((text) => row(textIn(text, t), '', 'warning', { tone: 'warning' })),
    ...notRun.map((what) => row(textIn(what, t), t('cannot be run'), 'circle-slash', { tone: 'warning' })),
    ...modelFacts(model, t).map(({ key, term, text, hint }) => {
      const asks = key === 'tokenizer' && needs === 'tokenizer';
      const tooltip = asks
        ? t('Choose how a text becomes tokens')
        : t('{0}: {1}', term, text) + (hint === undefined ? '' : `\n${hint}`);
      return row(term, asks ? t('not known: choose…') : text, asks ? 'question' : ICONS[key], {
        tooltip,
        asks,
        tone: asks ? 'warning' : 'plain',
      });
    }),
    row(t('Parameters'), t('{0} in {1}', parameters.toLocaleString('en-US'), format), 'symbol-number'),
  ];
  return [...rows, ...layers.map((layer) => layerRow(layer, t))];
}

function layerRow(layer: LayerDescription, t: Translate): Row {
  const matrices = layer.matrices.map(({ name, shape: [rows, columns] }) =>
    row(name.replace(/^.*\./u, ''), `[${String(rows)}, ${String(columns)}]`, 'table', {
      matrix: name,
      tooltip: name.endsWith('weight_hh')
        ? t('{0}: heatmap, histogram and spectral radius', name)
        : t('{0}: heatmap, histogram', name),
    }),
  );
  const text = `${CELLS[layer.cell]} · ${layerLine(layer, t)}`;
  return row(layer.name, text, 'layers', { children: matrices });
}
