import { describe, expect, test, vi } from 'vitest';
import { named, sentence } from '../../src/checks.js';
import { Progress } from '../../src/cli/print/progress.js';
import { gather, terminal } from './harness.js';

/** A clock that is set by hand. */
function handClock(): { seconds: number; readonly now: () => number } {
  const clock = { seconds: 100, now: () => clock.seconds };
  return clock;
}

describe('notes of the library', () => {
  test('name flags where they name options, are told once, and are warnings where results may be wrong', () => {
    const { stream, text } = gather();
    const progress = new Progress(stream, { spell: (name) => `--${name}` });
    const told = sentence`leave it out with ${named('where')}`;
    for (const isWarning of [false, false]) progress.onNote(String(told), { sentence: told, isWarning });
    const wrong = sentence`give ${named('lag')}`;
    new Progress(stream, { isQuiet: true }).onNote(String(wrong), { sentence: wrong, isWarning: true });
    expect(text()).toBe('leave it out with --where\nwarning: give lag\n');
  });
});

describe('on a pipe', () => {
  test('a line comes at every tenth, at most one a second, with rates, loss and time left', () => {
    const { stream, text } = gather();
    const clock = handClock();
    const progress = new Progress(stream, { now: clock.now });
    for (let i = 0; i <= 100; i++) {
      clock.seconds = 100 + i / 5;
      progress.update('training', { share: i / 100, clicks: i * 1000, pairs: i * 20_000, loss: 2 });
    }
    progress.end();

    const lines = text().trimEnd().split('\n');
    expect(lines).toHaveLength(10);
    expect(lines[4]).toBe('training: 50.0 %  5.00 k clicks/s  100 k pairs/s  loss 2.000  10.0 s left');
  });

  test('a slow step still gives a sign of life', () => {
    const { stream, text } = gather();
    const clock = handClock();
    const progress = new Progress(stream, { now: clock.now });
    progress.update('training', { share: 0 });
    clock.seconds += 16;
    progress.update('training', { share: 0.01 });

    expect(text()).toBe('training: 1.0 %  26 min 24 s left\n');
  });

  test('a step with nothing to report is announced after a second', () => {
    vi.useFakeTimers();
    const { stream, text } = gather();
    const progress = new Progress(stream);
    progress.update('reading', { share: 0 });
    vi.advanceTimersByTime(999);
    const before = text();
    vi.advanceTimersByTime(1);
    vi.useRealTimers();
    progress.end();

    expect([before, text()]).toEqual(['', 'reading …\n']);
  });

  test('a fast step says nothing', () => {
    const { stream, text } = gather();
    const clock = handClock();
    const progress = new Progress(stream, { now: clock.now });
    progress.update('training', { share: 0 });
    clock.seconds += 0.3;
    progress.update('training', { share: 1 });

    expect(text()).toBe('');
  });

  test('a resumed step counts its rates and its time left from where it began', () => {
    const { stream, text } = gather();
    const clock = handClock();
    const progress = new Progress(stream, { now: clock.now });
    progress.update('training', { share: 0.5, pairs: 1000 });
    clock.seconds += 10;
    progress.update('training', { share: 0.75, pairs: 2000 });

    expect(text()).toBe('training: 75.0 %  100 pairs/s  10.0 s left\n');
  });
});

describe('on a terminal', () => {
  test('a bar is drawn, fits into the line, and is wiped away at the end', () => {
    const { stream, text } = terminal(60);
    const clock = handClock();
    const progress = new Progress(stream, { now: clock.now });
    progress.update('training', { share: 0, clicks: 0, pairs: 0 });
    clock.seconds += 1;
    progress.update('training', { share: 0.5, clicks: 10, pairs: 10, loss: 3.25 });
    progress.end();

    expect(text()).toContain('training  ████████████░░░░░░░░░░░░  50.0 %');
    const drawn = text()
      .split('\u001b[')
      .map((part) => part.replace(/^[^a-zA-Z]*[a-zA-Z]/, ''));
    expect(Math.max(...drawn.map((part) => part.length))).toBeLessThan(60);
  });

  test('a note does not break the bar', () => {
    const { stream, text } = terminal();
    const progress = new Progress(stream);
    progress.update('training', { share: 0 });
    progress.note('the learning rate was halved');
    progress.end();

    expect(text()).toContain('\r\u001b[Kthe learning rate was halved\n');
  });
});

test('quiet leaves warnings only', () => {
  const { stream, text } = terminal();
  const progress = new Progress(stream, { isQuiet: true });
  progress.note('reading');
  progress.update('training', { share: 0 });
  progress.warn('half of the histories were dropped');
  progress.end();

  expect(text()).toBe('warning: half of the histories were dropped\n');
});
