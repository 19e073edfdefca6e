/** Work that can wait. */

/** Runs `work` when the page has nothing else to do, after two seconds at the latest. */
export function whenIdle(work: () => void): void {
  // Safari has no idle callbacks.
  if ('requestIdleCallback' in window) window.requestIdleCallback(work, { timeout: 2000 });
  else setTimeout(work, 200);
}
