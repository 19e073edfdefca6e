/** Draws points with WebGL 2: places and color codes in buffers, colors in a small texture, one call for all points. */
import { pointRadius } from 'category2vec/page';
import { pixelsPerUnit, toPlace, type Size, type View } from './view.js';

/** Draws a map now. @returns its canvas, of which a picture can be taken in the same turn */
export type DrawMap = () => HTMLCanvasElement | undefined;

/** What is drawn; arrays are uploaded again only where they are other arrays than before. */
export interface Picture {
  /** shape [V, 2], in [−1, 1] */
  readonly coordinates: Float32Array;
  /** where the points come from, shape [V, 2] */
  readonly from: Float32Array;
  /** how far they have come, from 0 to 1 */
  readonly progress: number;
  /** index of each point's color, shape [V] */
  readonly codes: Uint8Array;
  /** RGBA of 256 colors; alpha 0 leaves the points of a color out */
  readonly palette: Uint8Array;
  /** 1 where a point is selected, 2 where it is not shown, shape [V]; undefined where all are shown and none selected */
  readonly marks: Uint8Array | undefined;
  /** whether points are selected, so that the others stand back */
  readonly isSelecting: boolean;
  /** the gray of points that stand back: red, green and blue from 0 to 1 */
  readonly gray: readonly [red: number, green: number, blue: number];
  /** how many times denser it is around a point than on average */
  readonly crowding: number;
  readonly view: View;
  readonly size: Size;
  /** device pixels for one CSS pixel */
  readonly ratio: number;
}

/** A canvas that can be drawn on. */
export interface Renderer {
  draw(picture: Picture): void;
}

/** Opacity of points that are not selected, beside others that are. */
export const behind = 0.35;

const vertexShader = `#version 300 es
in vec2 place; in vec2 origin; in float code; in float mark;
uniform vec2 middle; uniform vec2 unit; uniform float pointSize; uniform float opacity;
uniform int pass; uniform float progress; uniform vec3 gray;
uniform sampler2D palette;
out vec4 color;
void main() {
  color = texelFetch(palette, ivec2(int(code + 0.5), 0), 0);
  bool isSelected = mark > 0.5;
  if (mark > 1.5) color.a = 0.0;
  if (pass == 0) color.a *= opacity;
  if (pass == 1) color = isSelected || color.a == 0.0 ? vec4(0.0) : vec4(gray, ${behind} * opacity);
  if (pass == 2 && !isSelected) color.a = 0.0;
  gl_Position = color.a == 0.0 ? vec4(2.0, 2.0, 2.0, 1.0) : vec4((mix(origin, place, progress) - middle) * unit, 0.0, 1.0);
  gl_PointSize = pass == 2 ? pointSize * 1.25 : pointSize;
}`;

const fragmentShader = `#version 300 es
precision mediump float;
in vec4 color; uniform float softness; out vec4 pixel;
void main() {
  float away = length(gl_PointCoord - 0.5) * 2.0;
  float inside = 1.0 - smoothstep(1.0 - softness, 1.0, away);
  pixel = vec4(color.rgb, 1.0) * color.a * inside;
}`;

/** @returns undefined where the browser has no WebGL 2 */
export function createRenderer(canvas: HTMLCanvasElement): Renderer | undefined {
  const gl = canvas.getContext('webgl2', { alpha: true, antialias: false, premultipliedAlpha: true });
  if (gl === null) return undefined;
  const program = link(gl);
  const uniform = (name: string): WebGLUniformLocation | null => gl.getUniformLocation(program, name);
  const places = uniforms(uniform);
  const upload = {
    place: buffer(gl, program, 'place', 2),
    origin: buffer(gl, program, 'origin', 2),
    code: buffer(gl, program, 'code', 1),
    mark: buffer(gl, program, 'mark', 1),
  };
  const texture = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  gl.useProgram(program);
  let palette: Uint8Array | undefined;
  return {
    draw(picture) {
      const { coordinates, from, progress, codes, marks, crowding, view, size, ratio } = picture;
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      upload.place(coordinates);
      upload.origin(from);
      gl.uniform1f(places.progress, progress);
      upload.code(codes);
      upload.mark(marks);
      gl.uniform3f(places.gray, ...picture.gray);
      if (palette !== picture.palette) {
        palette = picture.palette;
        gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, palette);
      }
      const unit = pixelsPerUnit(view, size);
      const radius = pointRadius(codes.length, size, view.scale);
      const pointSize = 2 * radius * ratio;
      const middle = toPlace({ x: size.width / 2, y: size.height / 2 }, view, size);
      gl.uniform2f(places.middle, middle.x, middle.y);
      gl.uniform2f(places.unit, (2 * unit) / size.width, (2 * unit) / size.height);
      gl.uniform1f(places.pointSize, pointSize);
      gl.uniform1f(places.opacity, opacityOf(codes.length, crowding, radius, unit));
      gl.uniform1f(places.softness, Math.min(1, 2 / pointSize));
      for (const pass of picture.isSelecting ? [1, 2] : [0]) {
        gl.uniform1i(places.pass, pass);
        gl.drawArrays(gl.POINTS, 0, codes.length);
      }
    },
  };
}

/**
 * Opacity of a point: less where points cover each other, so that dense places look dense; full where the view is enlarged.
 *
 * @param crowding - how many times denser it is around a point than on average
 * @param radius - of a point, in pixels
 * @param unit - pixels for one unit of the plane
 */
export function opacityOf(count: number, crowding: number, radius: number, unit: number): number {
  const cover = (count * crowding * Math.PI * radius * radius) / (2 * unit) ** 2;
  return Math.max(0.2, Math.min(1, (0.8 / cover) ** 0.7));
}

function uniforms(locate: (name: string) => WebGLUniformLocation | null) {
  return {
    middle: locate('middle'),
    unit: locate('unit'),
    pointSize: locate('pointSize'),
    opacity: locate('opacity'),
    softness: locate('softness'),
    pass: locate('pass'),
    progress: locate('progress'),
    gray: locate('gray'),
  };
}

/** An attribute with a buffer of its own; undefined turns it off, and every point gets 0. */
function buffer(gl: WebGL2RenderingContext, program: WebGLProgram, name: string, width: number) {
  const location = gl.getAttribLocation(program, name);
  const store = gl.createBuffer();
  let last: Float32Array | Uint8Array | undefined;
  return (data: Float32Array | Uint8Array | undefined): void => {
    if (data === undefined) {
      gl.disableVertexAttribArray(location);
      gl.vertexAttrib1f(location, 0);
      last = undefined;
      return;
    }
    if (data === last) return;
    last = data;
    gl.bindBuffer(gl.ARRAY_BUFFER, store);
    gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(location);
    gl.vertexAttribPointer(location, width, data instanceof Float32Array ? gl.FLOAT : gl.UNSIGNED_BYTE, false, 0, 0);
  };
}

function link(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, vertexShader],
    [gl.FRAGMENT_SHADER, fragmentShader],
  ] as const) {
    const shader = gl.createShader(type);
    if (shader === null) throw new Error('the browser gave no shader');
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (gl.getProgramParameter(program, gl.LINK_STATUS) !== true) {
    throw new Error(`the shaders do not link: ${gl.getProgramInfoLog(program) ?? ''}`);
  }
  return program;
}
