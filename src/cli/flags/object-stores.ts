/** Access to object stores as their own tools find it: variables of the environment; of AWS, then the files of a profile. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../checks.js';
import type { ObjectStores, S3Access } from '../../duckdb/remote/object-stores.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** How programs fetch files of other machines. */
export const objectStores: ObjectStores = {
  now: () => new Date(),
  s3: () => s3FromEnvironment(process.env),
  azure: () => ({
    connectionString: process.env['AZURE_STORAGE_CONNECTION_STRING'],
    account: process.env['AZURE_STORAGE_ACCOUNT'],
  }),
};

/** @throws InputError for a profile that is named and not there */
export async function s3FromEnvironment(env: Environment): Promise<S3Access> {
  const profile = env['AWS_PROFILE'] ?? 'default';
  const folder = join(env['HOME'] ?? homedir(), '.aws');
  const secrets = await readSections(env['AWS_SHARED_CREDENTIALS_FILE'] ?? join(folder, 'credentials'));
  const settings = await readSections(env['AWS_CONFIG_FILE'] ?? join(folder, 'config'));
  const own = { ...settings.get(profile === 'default' ? profile : `profile ${profile}`), ...secrets.get(profile) };
  if (env['AWS_PROFILE'] !== undefined && Object.keys(own).length === 0) {
    throw new InputError(`AWS_PROFILE must name a profile of ${folder}, got ${JSON.stringify(profile)}`);
  }
  const isGiven = env['AWS_ACCESS_KEY_ID'] !== undefined && env['AWS_SECRET_ACCESS_KEY'] !== undefined;
  const accessKeyId = isGiven ? env['AWS_ACCESS_KEY_ID'] : own['aws_access_key_id'];
  const secretAccessKey = isGiven ? env['AWS_SECRET_ACCESS_KEY'] : own['aws_secret_access_key'];
  const sessionToken = isGiven ? env['AWS_SESSION_TOKEN'] : own['aws_session_token'];
  return {
    credentials:
      accessKeyId === undefined || secretAccessKey === undefined
        ? undefined
        : { accessKeyId, secretAccessKey, sessionToken },
    region: env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? own['region'],
    endpoint: env['AWS_ENDPOINT_URL_S3'] ?? env['AWS_ENDPOINT_URL'] ?? own['endpoint_url'],
  };
}

/** Sections of a file of AWS's tools; none where there is no file. */
async function readSections(path: string): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const sections = new Map<string, Record<string, string>>();
  let section: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const [, name] = /^\s*\[\s*([^\]]+?)\s*\]/.exec(line) ?? [];
    if (name !== undefined) {
      section = {};
      sections.set(name.replace(/\s+/g, ' '), section);
      continue;
    }
    const [, key, value] = /^([a-z_]+)\s*=\s*(.*?)\s*$/i.exec(line) ?? [];
    if (key !== undefined && value !== undefined) section[key.toLowerCase()] = value;
  }
  return sections;
}
