/** Objects of a bucket whose addresses match a pattern: ListObjectsV2 of S3. */
import { bucketAndKey, s3File, type ObjectStores, type S3Access } from './object-stores.js';
import { ask, textOf } from './send-request.js';

/**
 * The addresses that match, in the order of their bytes. `*` and `?` stand for what is no slash, `**` for anything,
 * `[ab]` for one of some characters.
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
    for (const [, encoded = ''] of text.matchAll(/<Key>([^<]*)<\/Key>/g)) {
      const name = decodeURIComponent(encoded.replaceAll('+', ' '));
      if (matches.test(name)) found.push(start + name);
    }
    const next = /<NextContinuationToken>([^<]*)<\/NextContinuationToken>/.exec(text)?.[1];
    token = /<IsTruncated>true<\/IsTruncated>/.test(text) ? next?.replaceAll('&amp;', '&') : undefined;
  } while (token !== undefined);
  return found.sort();
}

function patternOf(key: string): RegExp {
  const source = key.replace(/\*\*|\*|\?|\[[^\]]*\]|[\\^$.|+(){}[\]]/g, (part) => {
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    return part.length > 1 ? part.replace(/^\[!/, '[^') : `\\${part}`;
  });
  return new RegExp(`^${source}$`, 's');
}
