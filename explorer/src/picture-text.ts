/** Texts as pictures take them: XML, in which no control character and no half of a character may stand. */

/** What XML 1.0 §2.2 cannot hold becomes U+FFFD. */
export function legible(text: string): string {
  return text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');
}

/** A text for element content and quoted attributes. */
export function escaped(text: string): string {
  return legible(text).replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

/** So many characters of a text, the last of them an ellipsis where it is longer; none is cut in two. */
export function shortened(text: string, most: number): string {
  // a text of so many units has no more characters, and of a very long one only the start is looked at
  if (text.length <= most) return text;
  const characters = Array.from(text.slice(0, 2 * most + 2));
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}
