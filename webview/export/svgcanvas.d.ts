/** The part of svgcanvas that is used: a 2D context that writes down what is painted as SVG. */
declare module 'svgcanvas' {
  export const Context: new (size: { readonly width: number; readonly height: number }) => CanvasRenderingContext2D & {
    getSvg(): SVGSVGElement;
  };
}
