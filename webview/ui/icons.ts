/** The icons: 16-pixel outlines in the colour of the text around them. */

export type IconName =
  | 'plus'
  | 'minus'
  | 'copy'
  | 'fit'
  | 'open'
  | 'clear'
  | 'help'
  | 'close'
  | 'signals'
  | 'stop'
  | 'warning'
  | 'down'
  | 'check'
  | 'up'
  | 'right'
  | 'tracks'
  | 'rows'
  | 'table'
  | 'grip';

const PATHS: Readonly<Record<IconName, string>> = {
  up: 'M4 9.8l4-4 4 4',
  right: 'M6.2 4l4 4-4 4',
  tracks: 'M2.5 3h11v2.6h-11zM2.5 7.2h11v2.6h-11zM2.5 11.4h11v1.8h-11z',
  rows: 'M6.5 3.5h7M6.5 6.5h7M6.5 9.5h7M6.5 12.5h7M4.5 3.5v3H2.5M4.5 9.5v3H2.5',
  table: 'M2.5 3h11v10h-11zM2.5 6.3h11M2.5 9.7h11M6.5 3v10',
  grip: 'M6 3.8v.4M10 3.8v.4M6 7.8v.4M10 7.8v.4M6 11.8v.4M10 11.8v.4',
  check: 'M3.5 8.5l3 3 6-7',
  copy: 'M5.5 5.5h7.5v8h-7.5zM3 10.5v-8h7.5',
  down: 'M4 6.2l4 4 4-4',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  fit: 'M2 4v8M14 4v8M4.5 8h7M6.5 6l-2 2 2 2M9.5 6l2 2-2 2',
  open: 'M7 3H3v10h10V9M9.5 3H13v3.5M13 3 7.5 8.5',
  clear: 'M3 4.5h10M6 4.5V3h4v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5M6.7 7v3.7M9.3 7v3.7',
  help: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM6.2 6.3a1.8 1.8 0 1 1 2.6 1.6c-.6.3-.8.7-.8 1.3M8 11v.6',
  close: 'M4 4l8 8M12 4l-8 8',
  signals: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  stop: 'M4.5 4.5h7v7h-7z',
  warning: 'M8 2.5 14.5 13.5h-13zM8 6.5v3.6M8 11.6v.6',
};

const SVG = 'http://www.w3.org/2000/svg';

export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  for (const [key, value] of Object.entries({
    width: '16',
    height: '16',
    viewBox: '0 0 16 16',
    fill: 'none',
    stroke: 'currentColor',
    'stroke-width': '1.2',
    'stroke-linecap': 'round',
    'stroke-linejoin': 'round',
    'aria-hidden': 'true',
  })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}
