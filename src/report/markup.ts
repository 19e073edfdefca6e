/** Text as markup takes it: nothing that a key holds can end an attribute, an element or a script. */

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes a text for element content and for quoted attributes, in HTML and in XML; what XML cannot hold becomes U+FFFD. */
export function escapeMarkup(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/**
 * JSON for a script element: no `<`, so that no `</script>` and no `<!--` can stand in it, and no line separators.
 *
 * HTML living standard §4.12.1.3.
 */
export function escapeJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** One visible line: control characters and line breaks become blanks, marks that reorder a line are left out. */
export function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .trim();
}

/** Shortens a text to so many characters, the last of them an ellipsis. */
export function shorten(text: string, most: number): string {
  const characters = Array.from(text);
  return characters.length <= most
    ? text
    : `${characters
        .slice(0, most - 1)
        .join('')
        .trimEnd()}…`;
}

/** A number as SVG takes it: two decimals at most. */
export function decimal(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** A share as people read it: `94 %`, one decimal below ten percent and where rounding would claim all of it; `–` for none. */
export function percentText(share: number): string {
  if (!Number.isFinite(share)) return '–';
  const percent = share * 100;
  if (percent >= 99.5 && percent < 100) return `${(Math.floor(percent * 10) / 10).toFixed(1)} %`;
  return `${percent < 9.95 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}

/** Shares below each other, all with the decimals of the one that needs most. */
export function percentColumn(shares: readonly number[]): string[] {
  const texts = shares.map(percentText);
  const decimals = texts.some((text) => text.includes('.')) ? 1 : 0;
  return shares.map((share, i) =>
    Number.isFinite(share) && !(texts[i] ?? '').includes('.')
      ? `${(share * 100).toFixed(decimals)} %`
      : (texts[i] ?? ''),
  );
}

/** A whole number with grouped digits. */
export function countText(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
