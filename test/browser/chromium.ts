/** A real browser for tests: Chromium without a window, and the explorer served to it. */
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { describe } from 'vitest';
import { runCommand } from '../cli/harness.js';

const known = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/opt/google/chrome/chrome'];
const executablePath = [process.env['CHROMIUM'] ?? '', ...known].find((path) => path !== '' && existsSync(path));

/** Milliseconds for what takes one or two where nothing else runs. */
const patience = 300_000;

const advice =
  'Chromium is not here, so tests in a browser are left out: `apt-get install chromium`, or name one in CHROMIUM';

/**
 * `describe` where there is a Chromium; elsewhere the tests are skipped and it is said how to get one, or fail where
 * they are required.
 */
export function describeInBrowser(title: string, tests: () => void): void {
  if (executablePath === undefined && process.env['REQUIRE_BROWSER'] === '1') throw new Error(advice);
  if (executablePath === undefined) process.stderr.write(`${advice}\n`);
  // oxlint-disable-next-line valid-title, valid-describe-callback -- both are the caller's
  describe.skipIf(executablePath === undefined)(title, tests);
}

/** Starts Chromium with its software renderer. */
export function startChromium(): Promise<Browser> {
  const graphics = ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--hide-scrollbars'];
  // containers have little shared memory, or none
  const args = ['--no-sandbox', '--disable-dev-shm-usage', ...graphics];
  return chromium.launch({ executablePath: executablePath ?? '', args, timeout: patience });
}

/** A folder for the files of one test. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'category2vec-browser-'));
}

/** A running `category2vec explore`. */
export interface Served {
  readonly url: string;
  /** raises the signal that Ctrl-C raises. @returns the exit code */
  stop(): Promise<number>;
}

/** Runs `category2vec explore ARGV --no-open` in this process until it is stopped. */
export async function serveExplorer(argv: readonly string[]): Promise<Served> {
  const control = new AbortController();
  let outcome: ReturnType<typeof runCommand> | undefined;
  const url = await new Promise<string>((resolve, reject) => {
    const onStdout = (text: string): void => {
      const found = /http:\S+/.exec(text)?.[0];
      if (found !== undefined) resolve(found);
    };
    outcome = runCommand(['explore', ...argv, '--no-open', '--quiet'], { signal: control.signal, onStdout });
    outcome.then(({ stderr }) => reject(new Error(stderr)), reject);
  });
  return {
    url,
    stop: async () => {
      control.abort();
      return (await outcome)?.exitCode ?? -1;
    },
  };
}

/** A page that gathers whatever its console complains of. */
export async function openPage(
  browser: Browser,
  url: string,
  options: Parameters<Browser['newPage']>[0] = {},
): Promise<{ readonly page: Page; readonly complaints: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1200, height: 800 }, acceptDownloads: true, ...options });
  page.setDefaultTimeout(patience);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('requestfailed', (request) => complaints.push(`${request.url()} failed`));
  await page.goto(url);
  return { page, complaints };
}

/**
 * Share of the pixels of the first map, as they are seen, that differ from its ground.
 *
 * @param least - difference in any of red, green and blue, of 255, that counts; points that are not selected are paler than 60
 */
export async function paintedShare(page: Page, least = 1): Promise<number> {
  const base64 = (await page.locator('.map').first().screenshot()).toString('base64');
  return page.evaluate(
    async ({ text, enough }) => {
      const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
      context?.drawImage(bitmap, 0, 0);
      const pixels = context?.getImageData(0, 0, bitmap.width, bitmap.height).data ?? new Uint8ClampedArray();
      const ground = (bitmap.width * 4 + 4) * 4;
      let painted = 0;
      for (let at = 0; at < pixels.length; at += 4) {
        const differs = (channel: number): boolean =>
          Math.abs((pixels[at + channel] ?? 0) - (pixels[ground + channel] ?? 0)) >= enough;
        if (differs(0) || differs(1) || differs(2)) painted++;
      }
      return painted / (pixels.length / 4);
    },
    { text: base64, enough: least },
  );
}
