/** A dropped file as text. */
import { badRow, lineAt } from './csv.js';

/** The whole file as text. @throws InputError where it is not UTF-8, or holds a NUL character, with the line */
export async function readText(file: Blob): Promise<string> {
  const bytes = await file.arrayBuffer();
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const shown = new TextDecoder().decode(bytes);
    throw badRow(lineAt(shown, shown.indexOf('\ufffd')), 'holds bytes that are not UTF-8');
  }
  const nul = text.indexOf('\0');
  if (nul >= 0) throw badRow(lineAt(text, nul), 'holds a NUL character');
  return text;
}
