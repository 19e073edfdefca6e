/** A server in process that speaks S3, as far as reading goes: it checks signatures, and stumbles where it is told to. */
import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const keys = { accessKeyId: 'AKIDTEST', secretAccessKey: 'secret/of+the=test' };
export const region = 'eu-test-1';

/** What goes wrong, each so many times. */
export interface Faults {
  busy: number;
  cuts: number;
  /** the object is another one from the second range on */
  changes: boolean;
  /** no ranges, no lengths */
  isPlain: boolean;
  /** ranges are never answered */
  hangs: boolean;
  /** tags of versions are weak, and no condition on them holds */
  isWeak: boolean;
  /** names in lists are text of XML, whatever was asked for */
  isXml: boolean;
  /** requests are refused with this code */
  code: string | undefined;
}

export const noFaults: Faults = {
  busy: 0,
  cuts: 0,
  changes: false,
  isPlain: false,
  hangs: false,
  isWeak: false,
  isXml: false,
  code: undefined,
};

export class S3Server {
  readonly objects = new Map<string, Buffer>();
  readonly faults: Faults = { ...noFaults };
  readonly asked: string[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://local');
    this.asked.push(`${url.pathname}${url.search} ${request.headers.range ?? ''}`.trim());
    const refuse = (status: number, code: string): void => {
      response.writeHead(status, { 'content-type': 'application/xml' });
      response.end(`<Error><Code>${code}</Code></Error>`);
    };
    if (this.faults.busy > 0) {
      this.faults.busy--;
      return refuse(503, 'SlowDown');
    }
    if (this.faults.code !== undefined) return refuse(403, this.faults.code);
    const isWeb = url.pathname.startsWith('/web/');
    if (!isWeb && !isSignedWell(request, url)) return refuse(403, 'SignatureDoesNotMatch');
    const [, , ...rest] = url.pathname.split('/');
    const key = decodeURIComponent(rest.join('/'));
    if (key === '') return this.#list(url, response);
    const object = this.objects.get(key);
    if (object === undefined) return refuse(404, 'NoSuchKey');
    if (!this.faults.hangs) this.#send(object, request, response);
  }

  #send(object: Buffer, { headers }: IncomingMessage, response: ServerResponse): void {
    if (this.faults.isPlain) {
      response.writeHead(200);
      response.end(object);
      return;
    }
    const [, from = '0', to = ''] = /bytes=(\d+)-(\d+)/.exec(headers.range ?? '') ?? [];
    const part = object.subarray(Number(from), Number(to) + 1);
    const { isWeak, changes } = this.faults;
    const etag = `${isWeak ? 'W/' : ''}"${changes && from !== '0' ? 'b' : 'a'}"`;
    const expected = headers['if-match'];
    if (object.length === 0) response.writeHead(416).end();
    else if (expected !== undefined && (expected !== etag || isWeak)) response.writeHead(412).end();
    else {
      const range = `bytes ${from}-${Number(from) + part.length - 1}/${object.length}`;
      response.writeHead(206, { etag, 'content-length': part.length, 'content-range': range });
      if (this.faults.cuts > 0) {
        this.faults.cuts--;
        response.write(part.subarray(0, part.length >> 1), () => response.destroy());
      } else response.end(part);
    }
  }

  /** Two objects a page. */
  #list({ searchParams }: URL, response: ServerResponse): void {
    const prefix = searchParams.get('prefix') ?? '';
    const all = [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
    const from = Number(searchParams.get('continuation-token') ?? 0);
    const more = from + 2 < all.length;
    const { isXml } = this.faults;
    const written = (key: string): string => (isXml ? key.replaceAll('&', '&amp;') : encodeURIComponent(key));
    const found = all.slice(from, from + 2).map((key) => `<Contents><Key>${written(key)}</Key></Contents>`);
    response.end(
      `<ListBucketResult>${isXml ? '' : '<EncodingType>url</EncodingType>'}${found.join('')}<IsTruncated>${more}</IsTruncated>` +
        `${more ? `<NextContinuationToken>${from + 2}</NextContinuationToken>` : ''}</ListBucketResult>`,
    );
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Makes the signature anew out of what arrived. */
function isSignedWell({ headers, method = '', url = '' }: IncomingMessage, { searchParams }: URL): boolean {
  const [, day = '', signed = '', signature = ''] =
    new RegExp(
      `^AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/(\\d{8})/${region}/s3/aws4_request,` +
        'SignedHeaders=([a-z0-9;-]+),Signature=([0-9a-f]{64})$',
    ).exec(headers.authorization ?? '') ?? [];
  const time = String(headers['x-amz-date']);
  const mustBeSigned = ['host', 'x-amz-date', ...(headers.range === undefined ? [] : ['range'])];
  if (!time.startsWith(day) || !mustBeSigned.every((name) => signed.split(';').includes(name))) return false;
  const encode = (text: string): string =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const query = [...searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`).sort();
  const lines = signed.split(';').map((name) => `${name}:${String(headers[name])}`);
  const canonical = [method, url.split('?')[0], query.join('&'), ...lines, '', signed, sha256('')].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const key = ['eu-test-1', 's3', 'aws4_request'].reduce(hmac, hmac(`AWS4${keys.secretAccessKey}`, day));
  return hmac(key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`).toString('hex') === signature;
}
