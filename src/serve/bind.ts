/** Taking a port, and the sentence for one that cannot be had. */
import type { Server } from 'node:http';
import { InputError, named, sentence } from '../checks.js';

/**
 * Listens on a port.
 *
 * @param port - 0 takes a free one
 * @throws InputError where the port or the host cannot be had
 */
export function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const code = 'code' in error ? error.code : undefined;
      if (code === 'EADDRINUSE')
        reject(new InputError(sentence`${named('port')} must be free, but ${port} is taken; choose another`));
      else if (code === 'EACCES')
        reject(new InputError(sentence`${named('port')} must be one that you may open, got ${port}`));
      else if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
        reject(
          new InputError(sentence`${named('host')} must be an address of this machine, got ${JSON.stringify(host)}`),
        );
      } else reject(error);
    });
    server.listen(port, host, () => resolve());
  });
}
