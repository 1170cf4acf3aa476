/**
 * The shaders, and textures that are tables. twgl.js would save some of these lines, but none of the thinking: there is
 * one program, no matrices, no buffers and no filtering.
 */

const VERTEX = `#version 300 es
precision highp int;
uniform ivec2 size;
uniform ivec2 edges;
uniform ivec4 band;
void main() {
  int x = (gl_VertexID & 1) == 0 ? edges.x : edges.y;
  int y = (gl_VertexID & 2) == 0 ? band.x : band.x + band.y;
  gl_Position = vec4(2.0 * vec2(x, size.y - y) / vec2(size) - 1.0, 0.0, 1.0);
}`;

// band: top, height, first row, rows. place: column of the first pixel, level, last column, row of the colour table.
// Division of whole numbers is slow in software, division of others not exact: so the quotient is put right afterwards.
const FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;
uniform usampler2D tile;
uniform usampler2D columns;
uniform lowp sampler2D colours;
uniform ivec2 size;
uniform ivec4 band;
uniform ivec4 place;
out lowp vec4 colour;
void main() {
  int x = int(gl_FragCoord.x);
  int y = size.y - 1 - int(gl_FragCoord.y) - band.x;
  int column = clamp(int(texelFetch(columns, ivec2(x, place.y), 0).r) + place.x, 0, place.z);
  int above = (2 * y + 1) * band.w;
  int below = 2 * band.y;
  int row = int(float(above) / float(below));
  row += int(above >= (row + 1) * below) - int(above < row * below);
  int value = int(texelFetch(tile, ivec2(column, band.z + row), 0).r);
  colour = texelFetch(colours, ivec2(value, place.w), 0);
}`;

export interface Program {
  readonly size: WebGLUniformLocation | null;
  readonly edges: WebGLUniformLocation | null;
  readonly band: WebGLUniformLocation | null;
  readonly place: WebGLUniformLocation | null;
}

function compile(gl: WebGL2RenderingContext, kind: number, source: string): WebGLShader | undefined {
  const shader = gl.createShader(kind);
  if (shader === null) return undefined;
  gl.shaderSource(shader, source);
  gl.compileShader(shader);
  return shader;
}

/** Compiles, links and takes into use; undefined where that fails, so that Canvas 2D can do it. */
export function buildProgram(gl: WebGL2RenderingContext): Program | undefined {
  const vertex = compile(gl, gl.VERTEX_SHADER, VERTEX);
  const fragment = compile(gl, gl.FRAGMENT_SHADER, FRAGMENT);
  // Its type says that there always is one; of a lost context there is none.
  const program = gl.createProgram() as WebGLProgram | null;
  if (vertex === undefined || fragment === undefined || program === null) return undefined;
  gl.attachShader(program, vertex);
  gl.attachShader(program, fragment);
  gl.linkProgram(program);
  if (gl.getProgramParameter(program, gl.LINK_STATUS) !== true) {
    console.warn('Gatescope draws without WebGL:', gl.getProgramInfoLog(program), gl.getShaderInfoLog(fragment));
    return undefined;
  }
  gl.useProgram(program);
  ['tile', 'columns', 'colours'].forEach((name, unit) => {
    gl.uniform1i(gl.getUniformLocation(program, name), unit);
  });
  const at = (name: string): WebGLUniformLocation | null => gl.getUniformLocation(program, name);
  return { size: at('size'), edges: at('edges'), band: at('band'), place: at('place') };
}

/** An empty texture that is only looked up, bound to the active unit. Undefined where the context is lost. */
export function createTable(
  gl: WebGL2RenderingContext,
  format: number,
  width: number,
  height: number,
): WebGLTexture | undefined {
  const texture = gl.createTexture() as WebGLTexture | null;
  if (texture === null) return undefined;
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texStorage2D(gl.TEXTURE_2D, 1, format, width, height);
  for (const [name, value] of [
    [gl.TEXTURE_MIN_FILTER, gl.NEAREST],
    [gl.TEXTURE_MAG_FILTER, gl.NEAREST],
    [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE],
    [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE],
  ] as const) {
    gl.texParameteri(gl.TEXTURE_2D, name, value);
  }
  return texture;
}
