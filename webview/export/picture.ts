/** The picture as it is on the screen, with a title above, as a PNG or an SVG. */
import { Context as SvgContext } from 'svgcanvas';
import { paintOverlay, type OverlayFrame } from '../draw/overlay';
import { plainColour } from './colour';

export interface Picture {
  readonly title: string;
  readonly subtitle: string;
  /** The plot's heatmaps in device pixels. */
  readonly heat: ImageData;
  readonly overlay: OverlayFrame;
}

export type PictureFormat = 'png' | 'svg';

const MARGIN = 16;
const TITLE = 44;
/** Device pixels of a side and of the whole that a browser's canvas has for certain. */
const MOST_SIDE = 16_384;
const MOST_PIXELS = 2 ** 26;
/** At least so many device pixels a CSS pixel, where the canvas can be so large. */
const FINE = 2;

interface Extent {
  readonly width: number;
  readonly height: number;
  /** Of the part below the title. */
  readonly inner: { readonly width: number; readonly height: number };
}

/** In CSS pixels. What is empty below the last track is left out. */
export function extentOf({ overlay }: Pick<Picture, 'overlay'>): Extent {
  const { stack, scroll, width } = overlay;
  const height = Math.ceil(Math.min(stack.viewport, stack.pinned + stack.content - scroll));
  const inner = { width: width + stack.gutter, height };
  return { width: inner.width + 2 * MARGIN, height: height + TITLE + MARGIN, inner };
}

/** Device pixels a CSS pixel: a whole multiple of the screen's, so that heatmaps stay sharp. */
export function finenessOf({ width, height }: Pick<Extent, 'width' | 'height'>, ratio: number): number {
  const fits = (k: number): boolean =>
    Math.max(width, height) * k <= MOST_SIDE && width * height * k * k <= MOST_PIXELS;
  const wanted = ratio * Math.ceil(FINE / ratio);
  return fits(wanted) ? wanted : ratio;
}

/** What is only true of this moment is left out: the pointer, and what it is on. */
const atRest = (frame: OverlayFrame): OverlayFrame => ({
  ...frame,
  cross: undefined,
  headings: frame.headings.map((heading) => ({ ...heading, value: undefined })),
});

function paintTitle(context: CanvasRenderingContext2D, { title, subtitle, overlay }: Picture): void {
  const { theme } = overlay;
  context.textAlign = 'left';
  context.textBaseline = 'alphabetic';
  context.fillStyle = theme.foreground;
  context.font = `600 13px ${theme.uiFont}`;
  context.fillText(title, MARGIN, 18);
  context.fillStyle = theme.faint;
  context.font = `11px ${theme.uiFont}`;
  context.fillText(subtitle, MARGIN, 34);
}

function heatCanvas({ heat }: Picture): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [heat.width, heat.height];
  contextOf(canvas).putImageData(heat, 0, 0);
  return canvas;
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('This browser gives no 2D canvas.');
  return context;
}

/** As PNG, at twice the screen's fineness or more where that is possible. */
export async function toPng(picture: Picture): Promise<Uint8Array> {
  const { overlay, heat } = picture;
  const { width, height, inner } = extentOf(picture);
  const k = finenessOf({ width, height }, overlay.ratio);
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [Math.round(width * k), Math.round(height * k)];
  const context = contextOf(canvas);
  context.fillStyle = overlay.theme.background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.setTransform(k, 0, 0, k, 0, 0);
  paintTitle(context, picture);
  context.setTransform(1, 0, 0, 1, 0, 0);
  const over = document.createElement('canvas');
  [over.width, over.height] = [Math.round(inner.width * k), Math.round(inner.height * k)];
  paintOverlay(contextOf(over), atRest({ ...overlay, ratio: k }));
  const times = k / overlay.ratio;
  const [left, top] = [Math.round(MARGIN * k), Math.round(TITLE * k)];
  context.beginPath();
  context.rect(left, top, over.width, over.height);
  context.clip();
  context.imageSmoothingEnabled = false;
  const gutter = Math.round(overlay.stack.gutter * overlay.ratio) * times;
  context.drawImage(heatCanvas(picture), left + gutter, top, heat.width * times, heat.height * times);
  context.drawImage(over, left, top);
  const blob = await new Promise<Blob | null>((resolve) => {
    canvas.toBlob(resolve, 'image/png');
  });
  if (blob === null) throw new Error('This browser could not write the picture as PNG.');
  return new Uint8Array(await blob.arrayBuffer());
}

const SVG = 'http://www.w3.org/2000/svg';

function element(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

/** Records what `paint` does; colours are written as every reader of SVG knows them. */
function recorded(
  size: { readonly width: number; readonly height: number },
  paint: (context: CanvasRenderingContext2D) => void,
): readonly Node[] {
  const recorder = new SvgContext(size);
  const scratch = contextOf(document.createElement('canvas'));
  paint(
    new Proxy(recorder, {
      set: (target, name, value: unknown) => {
        if ((name !== 'fillStyle' && name !== 'strokeStyle') || typeof value !== 'string') {
          return Reflect.set(target, name, value);
        }
        // A canvas writes every colour that it is given in one of three ways.
        scratch.fillStyle = value;
        return Reflect.set(target, name, plainColour(scratch.fillStyle));
      },
    }),
  );
  const svg = recorder.getSvg();
  // The recorder writes that there is no underline as one that nobody knows.
  for (const text of svg.querySelectorAll('[text-decoration="undefined"]')) text.removeAttribute('text-decoration');
  // Of a path that was begun and not painted.
  for (const path of svg.querySelectorAll('path:not([d])')) path.remove();
  return Array.from(svg.childNodes);
}

/** As SVG: text, axes, bars and legends as shapes, the heatmaps as a picture of one pixel a value. */
export function toSvg(picture: Picture): Uint8Array {
  const { overlay, heat, title } = picture;
  const { width, height, inner } = extentOf(picture);
  const root = element('svg', { xmlns: SVG, width, height, viewBox: `0 0 ${String(width)} ${String(height)}` });
  const name = element('title', {});
  name.textContent = title;
  root.append(name, element('rect', { width, height, fill: overlay.theme.background }));
  const heading = element('g', {});
  heading.append(
    ...recorded({ width, height }, (context) => {
      paintTitle(context, picture);
    }),
  );
  const { ratio, stack } = overlay;
  const clip = element('clipPath', { id: 'gatescope-inside' });
  clip.append(element('rect', { width: inner.width, height: inner.height }));
  const body = element('g', {
    transform: `translate(${String(MARGIN)} ${String(TITLE)})`,
    'clip-path': 'url(#gatescope-inside)',
  });
  const image = element('image', {
    href: heatCanvas(picture).toDataURL('image/png'),
    x: Math.round(stack.gutter * ratio) / ratio,
    width: heat.width / ratio,
    height: heat.height / ratio,
    preserveAspectRatio: 'none',
    style: 'image-rendering: pixelated',
  });
  body.append(
    image,
    ...recorded(inner, (context) => {
      paintOverlay(context, atRest({ ...overlay, ratio: 1 }));
    }),
  );
  root.append(clip, heading, body);
  return new TextEncoder().encode(new XMLSerializer().serializeToString(root));
}
