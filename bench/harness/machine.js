// Where and when a figure was measured, and beside what.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { describePeers } from './peers.js';

/** Vector extensions worth naming, as Linux calls them; the least first. */
const extensions = [
  'sse4_2',
  'avx',
  'fma',
  'avx2',
  'avx512f',
  'avx512vl',
  'avx512_vnni',
  'avx512_bf16',
  'amx_tile',
  'asimd',
  'sve',
];

/**
 * Processor with its vector extensions, cores, memory, Node, peers with their BLAS, date and commit; the commit carries
 * a + where the tree was changed since.
 */
export function describeMachine() {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    vectors: vectorExtensions(),
    cores: availableParallelism(),
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    peers: describePeers(),
    date: new Date().toISOString().slice(0, 10),
    commit: git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+'),
  };
}

/** What the first processor has of `extensions`; none where the system does not say. @returns {string[]} */
function vectorExtensions() {
  try {
    const [, flags = ''] = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8')) ?? [];
    const has = new Set(flags.trim().split(' '));
    return extensions.filter((name) => has.has(name));
  } catch {
    return [];
  }
}

/** @param {readonly string[]} words */
function git(...words) {
  try {
    return execFileSync('git', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
}
