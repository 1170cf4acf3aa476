/** The bench's own pages: one that is empty, and one that draws one ready texture. */
import { PAINTED } from './api';

const head = (nonce: string): string => `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-${nonce}'" />
    <style>html, body { margin: 0; padding: 0; height: 100%; overflow: hidden }</style>`;

/** A line of text; said to be painted from within its first frame. */
export const emptyPage = (nonce: string): string => `${head(nonce)}
  </head>
  <body data-gatescope-bench="empty">
    <p>Empty</p>
    <script nonce="${nonce}">
      requestAnimationFrame(() => performance.mark('${PAINTED}'));
    </script>
  </body>
</html>
`;

/**
 * A texture of the canvas's size, uploaded once; each wheel's turn moves it a little and has it drawn at the next frame.
 * Bytes of noise, and one lookup a pixel without filtering.
 */
export const texturePage = (nonce: string, width: number, height: number): string => `${head(nonce)}
  </head>
  <body data-gatescope-bench="texture">
    <canvas width="${String(width)}" height="${String(height)}"></canvas>
    <script nonce="${nonce}">
      const canvas = document.querySelector('canvas');
      canvas.style.width = canvas.width / devicePixelRatio + 'px';
      canvas.style.height = canvas.height / devicePixelRatio + 'px';
      const gl = canvas.getContext('webgl2', { alpha: false, antialias: false, depth: false });
      const shader = (type, source) => {
        const made = gl.createShader(type);
        gl.shaderSource(made, '#version 300 es\\nprecision highp float;\\n' + source);
        gl.compileShader(made);
        if (!gl.getShaderParameter(made, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(made));
        return made;
      };
      const program = gl.createProgram();
      gl.attachShader(program, shader(gl.VERTEX_SHADER,
        'uniform float shift; out vec2 at; void main() { vec2 p = vec2(gl_VertexID & 1, gl_VertexID >> 1);' +
        ' at = p + vec2(shift, 0.0); gl_Position = vec4(2.0 * p - 1.0, 0.0, 1.0); }'));
      gl.attachShader(program, shader(gl.FRAGMENT_SHADER,
        'uniform sampler2D picture; in vec2 at; out vec4 colour; void main() { colour = texture(picture, at); }'));
      gl.linkProgram(program);
      gl.useProgram(program);
      const pixels = new Uint32Array(canvas.width * canvas.height);
      for (let n = 0; n < pixels.length; n++) pixels[n] = (Math.imul(n, 2654435761) >>> 0) | 0xff000000;
      gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, canvas.width, canvas.height, 0, gl.RGBA, gl.UNSIGNED_BYTE,
        new Uint8Array(pixels.buffer));
      for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, name, gl.NEAREST);
      const shift = gl.getUniformLocation(program, 'shift');
      let turns = 0;
      let asked = false;
      const draw = () => {
        asked = false;
        gl.uniform1f(shift, (turns % 100) / 100);
        gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
      };
      canvas.addEventListener('wheel', (event) => {
        event.preventDefault();
        turns++;
        if (asked) return;
        asked = true;
        requestAnimationFrame(draw);
      }, { passive: false });
      requestAnimationFrame(() => {
        draw();
        performance.mark('${PAINTED}');
      });
    </script>
  </body>
</html>
`;
