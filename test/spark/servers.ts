/**
 * Servers that speak Spark Connect, started for a test: Sail and Spark itself, from the virtual environment that
 * `scripts/install-spark.sh` makes.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';

const environment = fileURLToPath(new URL('../../node_modules/.cache/spark', import.meta.url));
const sail = process.env['SAIL'] ?? `${environment}/bin/sail`;
const sparkSubmit = process.env['SPARK_SUBMIT'] ?? `${environment}/bin/spark-submit`;
const javaHome = process.env['JAVA_HOME'];
const javaFolders = javaHome === undefined ? (process.env['PATH'] ?? '').split(delimiter) : [join(javaHome, 'bin')];

const advice = {
  sail: 'Sail is not here, so tests against it are left out: `bash scripts/install-spark.sh`, or name its program in SAIL',
  spark:
    'Spark or Java is not here, so tests against it are left out: `bash scripts/install-spark.sh` and Java ' +
    '17, or name spark-submit in SPARK_SUBMIT',
};

/**
 * `describe` where there is such a server; elsewhere the tests are skipped with a sentence, or fail where REQUIRE_SAIL
 * or REQUIRE_SPARK asks for them.
 */
export function describeWith(engine: keyof typeof advice, title: string, tests: () => void): void {
  const isHere = engine === 'sail' ? existsSync(sail) : existsSync(sparkSubmit) && isJavaHere();
  if (!isHere && process.env[engine === 'sail' ? 'REQUIRE_SAIL' : 'REQUIRE_SPARK'] === '1')
    throw new Error(advice[engine]);
  if (!isHere) process.stderr.write(`${advice[engine]}\n`);
  // oxlint-disable-next-line valid-title, valid-describe-callback -- both are the caller's
  describe.skipIf(!isHere)(title, tests);
}

function isJavaHere(): boolean {
  return javaFolders.some((folder) => existsSync(join(folder, 'java')));
}

/** A server that runs until `stop`. */
export interface Server {
  readonly address: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** what it has printed */
  readonly log: () => string;
  readonly stop: () => Promise<void>;
}

export function hasEnded({ process: { exitCode, signalCode } }: Server): boolean {
  return exitCode !== null || signalCode !== null;
}

/** Starts Sail on a free port. */
export async function startSail(): Promise<Server> {
  return tryPorts((port) => serve(sail, ['spark', 'server', '--port', String(port)], port));
}

/** Starts a Spark Connect server on a free port. @param settings - `--conf` settings beside those for this machine */
export async function startSpark(settings: readonly string[] = [], port?: number): Promise<Server> {
  if (port === undefined) return tryPorts((free) => startSpark(settings, free));
  const all = [
    'spark.driver.host=127.0.0.1',
    'spark.driver.bindAddress=127.0.0.1',
    'spark.connect.grpc.binding.address=127.0.0.1',
    `spark.connect.grpc.binding.port=${port}`,
    'spark.ui.enabled=false',
    'spark.sql.session.timeZone=UTC',
    'spark.sql.shuffle.partitions=2',
    'spark.log.level=WARN',
    // plans of small queries take longer to make, to better and to print than to run
    'spark.sql.adaptive.enabled=false',
    // else each session's executors ask the driver for every class first
    'spark.sql.artifact.isolation.enabled=false',
    'spark.sql.ui.explainMode=simple',
    'spark.sql.maxPlanStringLength=100',
    // most of its time goes into compiling what then runs for a moment; with one tier the code cache has a fifth of its
    // usual size, and a virtual machine that has filled it ends
    'spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m -XX:+UseSerialGC',
    ...settings,
  ];
  const server =
    '--class org.apache.spark.sql.connect.service.SparkConnectServer --master local[2,4] --driver-memory 1g';
  const args = [...server.split(' '), ...all.flatMap((setting) => ['--conf', setting]), 'spark-internal'];
  return serve(sparkSubmit, args, port);
}

/** Starts a server on one port or another: between the question whether it is free and the answer, it may be taken. */
async function tryPorts(start: (port: number) => Promise<Server>, tries = 4): Promise<Server> {
  try {
    return await start(await freePort());
  } catch (error) {
    if (tries === 1) throw error;
    return tryPorts(start, tries - 1);
  }
}

async function serve(program: string, args: readonly string[], port: number): Promise<Server> {
  // spark-submit asks the python3 beside it where Spark is
  const env = { ...process.env, SPARK_LOCAL_IP: '127.0.0.1', PATH: `${dirname(program)}:${process.env['PATH'] ?? ''}` };
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env, detached: true });
  let said = '';
  child.stdout.on('data', (data: Buffer) => (said += data.toString()));
  child.stderr.on('data', (data: Buffer) => (said += data.toString()));
  let isStopped = false;
  child.once('exit', (code, signal) => {
    // whoever asks it from now on is told that nothing listens: here is why
    if (!isStopped) process.stderr.write(`${program} has ended (${signal ?? code}): ${said.slice(-4000)}\n`);
  });
  const deadline = Date.now() + 200_000;
  while (!(await isListening(port))) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`${program} did not start: ${said.slice(-2000)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const stop = async () => {
    isStopped = true;
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      return;
    }
    await ended;
  };
  return { address: `spark://127.0.0.1:${port}`, port, process: child, log: () => said, stop };
}

/** A server's port over TLS, with a certificate and its key by file, until `stop`. */
export async function behindTls(
  port: number,
  { key, cert }: { readonly key: string; readonly cert: string },
): Promise<{ readonly address: string; readonly stop: () => Promise<void> }> {
  const open = new Set<tls.TLSSocket>();
  const options = { key: readFileSync(key), cert: readFileSync(cert), ALPNProtocols: ['h2'] };
  const proxy = tls.createServer(options, (socket) => {
    const behind = connect(port, '127.0.0.1');
    open.add(socket);
    for (const [one, other] of [
      [socket, behind],
      [behind, socket],
    ] as const) {
      one.on('error', () => undefined).on('close', () => other.destroy());
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const at = proxy.address();
  const on = typeof at === 'object' && at !== null ? at.port : 0;
  const stop = (): Promise<void> => {
    for (const socket of open) socket.destroy();
    return new Promise((resolve) => proxy.close(() => resolve()));
  };
  return { address: `sparks://127.0.0.1:${on}`, stop };
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** A port on which nothing listens: none of those that the system gives to who asks for any, as other tests do. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const port = randomInt(20_000, 32_000);
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(freePort()) : reject(error),
    );
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(port)));
  });
}
