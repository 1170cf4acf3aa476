/** The rows of the Models view: what is under a model, from its description. Knows no `vscode`. */
import type { LayerDescription, ModelDescription } from '../shared/modelInfo';
import { CELLS, layerLine, modelFacts } from '../shared/modelText';

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

const ICONS: Readonly<Record<string, string>> = {
  Reads: 'sign-in',
  Tokenizer: 'whole-word',
  Scaling: 'settings',
  'Gates in the file': 'list-ordered',
  'GRU form': 'symbol-operator',
  Head: 'sign-out',
};

/** What is odd first, then the whole, then layer by layer. */
export function modelRows(model: ModelDescription): readonly Row[] {
  const { warnings, notRun, layers, parameters, needs, format } = model;
  const rows = [
    ...warnings.map((text) => row(text, '', 'warning', { tone: 'warning' })),
    ...notRun.map((what) => row(what, 'cannot be run', 'circle-slash', { tone: 'warning' })),
    ...modelFacts(model).map(({ term, text, hint }) => {
      const asks = term === 'Tokenizer' && needs === 'tokenizer';
      const tooltip = asks
        ? 'Choose how a text becomes tokens'
        : `${term}: ${text}${hint === undefined ? '' : `\n${hint}`}`;
      return row(term, asks ? 'not known: choose…' : text, asks ? 'question' : (ICONS[term] ?? 'dash'), {
        tooltip,
        asks,
        tone: asks ? 'warning' : 'plain',
      });
    }),
    row('Parameters', `${parameters.toLocaleString('en-US')} in ${format}`, 'symbol-number'),
  ];
  return [...rows, ...layers.map(layerRow)];
}

function layerRow(layer: LayerDescription): Row {
  const matrices = layer.matrices.map(({ name, shape: [rows, columns] }) =>
    row(name.replace(/^.*\./u, ''), `[${String(rows)}, ${String(columns)}]`, 'table', {
      matrix: name,
      tooltip: `${name}: heatmap, histogram${name.endsWith('weight_hh') ? ' and spectral radius' : ''}`,
    }),
  );
  const text = `${CELLS[layer.cell]} · ${layerLine(layer)}`;
  return row(layer.name, text, 'layers', { children: matrices });
}
