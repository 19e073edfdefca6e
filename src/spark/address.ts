/** Addresses of Spark Connect servers: `spark://host:port` in plain text, `sparks://host:port` over TLS. */
import { InputError, named, sentence } from '../checks.js';

/** A parsed address. */
export interface SparkAddress {
  /** as it was given */
  readonly name: string;
  /** for HTTP/2 */
  readonly url: string;
  readonly isEncrypted: boolean;
}

/** The port on which Spark Connect listens where none is set. */
const usualPort = 15_002;

/**
 * Reads the address of a Spark Connect server.
 *
 * @param token - sent with every call, if there is one
 * @throws InputError for an address of another kind, or a token that would travel in plain text to another machine
 */
export function sparkAddress(address: string, token?: string): SparkAddress {
  const parts = /^(sparks?):\/\/([^/?#;@:]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?\/?$/i.exec(address);
  const port = Number(parts?.[3] ?? usualPort);
  if (parts === null || port < 1 || port > 65_535) {
    throw new InputError(
      sentence`${named('engine')} must be spark://host:port, or sparks://host:port for TLS, without user, path or
        parameters, got ${JSON.stringify(address)}`,
    );
  }
  const [, scheme = '', host = ''] = parts;
  const isEncrypted = scheme.toLowerCase() === 'sparks';
  if (token !== undefined && !isEncrypted && !isLoopback(host)) {
    throw new InputError(
      sentence`${named('engine')} must be sparks://${host}:${port} where a token is sent, got ${address}: a token must
        not travel in plain text`,
    );
  }
  return { name: address, url: `${isEncrypted ? 'https' : 'http'}://${host}:${port}`, isEncrypted };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}
