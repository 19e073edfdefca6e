// npm run bench:peers: a virtual environment in bench/peers/.venv with what requirements.txt pins. PYTHON names the
// interpreter; python3 where it does not.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.venv/', import.meta.url));
const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url));
const python = process.env['PYTHON'] ?? 'python3';

try {
  execFileSync(python, ['-m', 'venv', folder], { stdio: 'inherit' });
  execFileSync(`${folder}bin/python`, ['-m', 'pip', 'install', '--quiet', '-r', requirements], { stdio: 'inherit' });
  process.stdout.write(execFileSync(`${folder}bin/python`, [fileURLToPath(new URL('about.py', import.meta.url))]));
} catch (error) {
  process.stderr.write(`the peers were not installed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.stderr.write('they need Python 3.11 or newer with venv (Debian: apt-get install python3-venv)\n');
  process.exitCode = 2;
}
