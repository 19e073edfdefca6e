import { expect, test } from 'vitest';
import { startWorkers } from '../../src/engine/workers.js';
import { compileKernels } from '../../src/numerics/kernels.js';

test('hands on what ended a thread, and again to every later call', async () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const workers = await startWorkers(compileKernels(), memory, 2);
  try {
    await expect(workers.callAll('noSuchKernel')).rejects.toThrow('kernels export no function noSuchKernel');
    await expect(workers.callAll('mix', 1)).rejects.toThrow('kernels export no function noSuchKernel');
  } finally {
    await workers.stop();
  }
});
