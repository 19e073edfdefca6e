/** Objects of a bucket whose addresses match a pattern: ListObjectsV2 of S3. */
import { bucketAndKey, s3File, type ObjectStores, type S3Access } from './object-stores.js';
import { ask, textOf } from './send-request.js';

/**
 * The addresses that match, in the order of their bytes. `*` and `?` stand for what is no slash, `**` for any folders, or
 * none, `[ab]` for one of some characters.
 *
 * @throws InputError as `ask`
 */
export async function listObjects(
  pattern: string,
  access: S3Access,
  { now, signal }: Pick<ObjectStores, 'now'> & { readonly signal: AbortSignal | undefined },
): Promise<string[]> {
  const { bucket, key } = bucketAndKey(pattern);
  const prefix = key.slice(0, key.search(/[*?[]/));
  const start = pattern.slice(0, pattern.length - key.length);
  const matches = patternOf(key);
  const found: string[] = [];
  let token: string | undefined;
  do {
    const query = {
      ...(token === undefined ? {} : { 'continuation-token': token }),
      'encoding-type': 'url',
      'list-type': '2',
      prefix,
    };
    const page = s3File({ address: pattern, bucket, key: '' }, access, { now, query });
    // oxlint-disable-next-line no-await-in-loop -- each page names the next
    const text = await ask(page, { signal }, ({ body }) => textOf(body));
    // servers that do not know of the encoding send names as text of XML
    const isEncoded = /<EncodingType>url<\/EncodingType>/.test(text);
    for (const [, written = ''] of text.matchAll(/<Key>([^<]*)<\/Key>/g)) {
      const plain = textOfXml(written);
      const name = isEncoded ? decodeURIComponent(plain.replaceAll('+', ' ')) : plain;
      if (matches.test(name)) found.push(start + name);
    }
    const next = /<NextContinuationToken>([^<]*)<\/NextContinuationToken>/.exec(text)?.[1];
    token = /<IsTruncated>true<\/IsTruncated>/.test(text) && next !== undefined ? textOfXml(next) : undefined;
  } while (token !== undefined);
  return found.sort();
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

function textOfXml(text: string): string {
  return text.replace(
    /&(?:#(\d+)|#x([0-9a-f]+)|([a-z]+));/gi,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return entities[name] ?? whole;
      return String.fromCodePoint(decimal === undefined ? parseInt(hex ?? '', 16) : Number(decimal));
    },
  );
}

function patternOf(key: string): RegExp {
  const source = key.replace(/\*\*\/|\*\*|\*|\?|\[[^\]]*\]|[\\^$.|+(){}[\]]/g, (part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    return part.length > 1 ? part.replace(/^\[!/, '[^') : `\\${part}`;
  });
  return new RegExp(`^${source}$`, 's');
}
