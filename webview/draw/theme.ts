/** The theme as the painters need it: colours, fonts and colour maps, read from VS Code's CSS variables. */
import { mapsFor, type Maps } from './maps';
import type { Rgb } from './oklab';

export interface Theme {
  readonly dark: boolean;
  readonly highContrast: boolean;
  readonly background: string;
  readonly foreground: string;
  readonly faint: string;
  readonly border: string;
  readonly accent: string;
  readonly selection: string;
  readonly loss: string;
  /** A guess that did not come true. */
  readonly wrong: string;
  readonly uiFont: string;
  readonly textFont: string;
  readonly maps: Maps;
}

/** Reads `#rgb`, `#rrggbb`, `#rrggbbaa` and `rgb()`/`rgba()`; undefined for anything else. */
export function parseColour(text: string): Rgb | undefined {
  const hex = /^#([0-9a-f]{3,8})$/i.exec(text.trim())?.[1];
  if (hex !== undefined && hex.length !== 5 && hex.length !== 7) {
    const wide = hex.length <= 4 ? hex.replace(/./g, '$&$&') : hex;
    const at = (i: number): number => parseInt(wide.slice(i, i + 2), 16) / 255;
    return [at(0), at(2), at(4)];
  }
  const parts = /^rgba?\(([^)]*)\)$/i
    .exec(text.trim())?.[1]
    ?.split(/[\s,/]+/)
    .map(Number);
  const [r, g, b] = parts ?? [];
  if (r === undefined || g === undefined || b === undefined || [r, g, b].some(Number.isNaN)) return undefined;
  return [r / 255, g / 255, b / 255];
}

/** The same colour, with nothing behind it to be seen. */
export function opaque(colour: string): string {
  const rgb = parseColour(colour);
  return rgb === undefined ? colour : `rgb(${rgb.map((part) => Math.round(255 * part)).join(' ')})`;
}

const DARK: Rgb = [0.12, 0.12, 0.12];
const LIGHT: Rgb = [1, 1, 1];

export function readTheme(body: HTMLElement): Theme {
  const style = getComputedStyle(body);
  const read = (name: string, fallback: string): string => style.getPropertyValue(name).trim() || fallback;
  const names = body.classList;
  const light = names.contains('vscode-light') || names.contains('vscode-high-contrast-light');
  const highContrast = names.contains('vscode-high-contrast') || names.contains('vscode-high-contrast-light');
  const background = read('--gs-background', light ? '#ffffff' : '#1f1f1f');
  const foreground = read('--vscode-foreground', light ? '#3b3b3b' : '#cccccc');
  const accent = read('--vscode-focusBorder', '#0078d4');
  return {
    dark: !light,
    highContrast,
    background,
    foreground,
    faint: highContrast ? foreground : read('--vscode-descriptionForeground', foreground),
    border: read('--vscode-contrastBorder', '') || read('--vscode-panel-border', '') || foreground,
    accent,
    selection: read('--vscode-editor-selectionBackground', accent),
    // VS Code's own themes have a third of it; text needs all.
    wrong: opaque(read('--vscode-charts-orange', accent)),
    loss: read('--vscode-charts-yellow', accent),
    uiFont: read('--vscode-font-family', 'sans-serif'),
    textFont: read('--vscode-editor-font-family', 'monospace'),
    maps: mapsFor(parseColour(background) ?? (light ? LIGHT : DARK)),
  };
}
