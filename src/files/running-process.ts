/** Whether what a file or folder is named after still runs: left-overs of killed runs carry the number of their process. */

/** Whether a process of this machine is there; one of another user is. */
export function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
