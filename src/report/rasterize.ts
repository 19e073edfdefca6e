/** SVG → PNG, with the font that we ship. */
import { Resvg } from '@resvg/resvg-js';
import { fontFiles, isCovered } from './font.js';

/**
 * Draws one of our pictures as PNG, in the pixels that its width asks for.
 *
 * The shipped font has Latin, Greek and Cyrillic; where a text needs more, the system's fonts are asked too (then the pixels depend on
 * them), otherwise not.
 *
 * @param svg - as `drawMap` gives it
 */
export function rasterize(svg: string): Uint8Array {
  const { regular, bold } = fontFiles();
  const texts = svg.replace(/<[^>]*>/g, '');
  return new Resvg(svg, {
    font: {
      fontFiles: [regular, bold],
      defaultFontFamily: 'Inter',
      sansSerifFamily: 'Inter',
      loadSystemFonts: !isCovered(texts.replace(/\s/g, '')),
    },
  })
    .render()
    .asPng();
}
