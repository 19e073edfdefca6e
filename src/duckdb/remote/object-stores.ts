/** What reading from object stores and web servers needs to know, and where an address points to. */
import { InputError } from '../../checks.js';
import { encodeStrictly, signRequest, type S3Credentials } from './sign-request.js';

/** Access to S3, or to what speaks its language. */
export interface S3Access {
  /** without them requests are not signed, as for what is public */
  readonly credentials?: S3Credentials | undefined;
  /** default us-east-1 */
  readonly region?: string | undefined;
  /** address of another server than Amazon's, such as `http://127.0.0.1:9000` */
  readonly endpoint?: string | undefined;
}

/** Access to Azure's blobs. */
export interface AzureAccess {
  /** as Azure's portal shows it */
  readonly connectionString?: string | undefined;
  /** account whose credentials are found as Azure's own tools find them */
  readonly account?: string | undefined;
}

/** How files of `https://` and `s3://` addresses are fetched where DuckDB has no extension that reads them in place. */
export interface ObjectStores {
  /** the time, which signatures hold */
  readonly now: () => Date;
  /** asked for once it is needed */
  readonly s3?: (() => Promise<S3Access>) | undefined;
  /** asked for once DuckDB's extension for Azure is loaded */
  readonly azure?: (() => AzureAccess) | undefined;
  /** told how much of a file is here, 0 … 1 */
  readonly onProgress?: ((address: string, share: number) => void) | undefined;
}

/** A request that can be sent again and again, each time with its time and signature. */
export interface RemoteFile {
  /** as the caller named it */
  readonly address: string;
  /** where it is, and the headers to send, signed for now; of another region where a server names one */
  readonly requestFor: (
    headers: Readonly<Record<string, string>>,
    region?: string,
  ) => { readonly url: URL; readonly headers: Record<string, string> };
}

const s3Schemes = ['s3:', 's3a:', 's3n:'];

/** Whether files of such addresses can be fetched. */
export function isFetchable(address: string): boolean {
  return /^(https?|s3[an]?):\/\//i.test(address);
}

/** Whether an address is one of S3. */
export function isS3(address: string): boolean {
  return s3Schemes.some((scheme) => address.toLowerCase().startsWith(`${scheme}//`));
}

/** Bucket and key of an address of S3. @throws InputError where it has no bucket */
export function bucketAndKey(address: string): { readonly bucket: string; readonly key: string } {
  const [, bucket = '', key = ''] = /^[^:]+:\/\/([^/]*)\/?(.*)$/.exec(address) ?? [];
  if (bucket !== '') return { bucket, key };
  throw new InputError(`an address of S3 must be such as s3://bucket/clicks.parquet, got ${address}`);
}

/** A file of a web server. */
export function webFile(address: string): RemoteFile {
  try {
    const url = new URL(address);
    return { address, requestFor: (headers) => ({ url, headers: { ...headers } }) };
  } catch {
    throw new InputError(`an address must be such as https://example.com/clicks.csv, got ${address}`);
  }
}

/**
 * A question to a bucket.
 *
 * @param key - empty for the bucket itself
 */
export function s3File(
  { address, bucket, key }: { readonly address: string; readonly bucket: string; readonly key: string },
  { credentials, region = 'us-east-1', endpoint }: S3Access,
  { now, query = {} }: Pick<ObjectStores, 'now'> & { readonly query?: Readonly<Record<string, string>> },
): RemoteFile {
  const path = key.split('/').map(encodeStrictly).join('/');
  const isHost = endpoint === undefined && /^[a-z0-9-]+$/.test(bucket);
  const search = Object.entries(query)
    .map(([name, value]) => `${encodeStrictly(name)}=${encodeStrictly(value)}`)
    .join('&');
  // a bucket answers at the address of its own region alone
  const urlIn = (where: string): URL => {
    const server = (endpoint ?? `https://s3.${where}.amazonaws.com`).replace(/\/+$/, '');
    const url = new URL(
      isHost ? `https://${bucket}.s3.${where}.amazonaws.com/${path}` : `${server}/${encodeStrictly(bucket)}/${path}`,
    );
    url.search = search;
    return url;
  };
  return {
    address,
    requestFor: (headers, where = region) => {
      const url = urlIn(where);
      if (credentials === undefined) return { url, headers: { ...headers } };
      return { url, headers: signRequest({ url, headers, region: where, now: now() }, credentials) };
    },
  };
}
