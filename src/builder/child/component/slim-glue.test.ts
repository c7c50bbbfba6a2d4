import { expect, it } from 'vitest';
import { slimGlue } from './slim-glue.ts';

it('drops the trace of steps together with its look into the environment, and keeps what the steps do', async () => {
  const glue = `
    const _debugLog = (...args) => { if (!globalThis?.process?.env?.JCO_DEBUG) { return; } console.debug(...args); };
    let count = 0;
    export function instantiate() { _debugLog('[step]', { count }); count += 1; _debugLog('after', { at: count++ }); return count; }
  `;
  const slim = await slimGlue(glue);
  expect(slim).not.toMatch(/JCO_DEBUG|console|\[step\]/);
  const { instantiate } = (await import(`data:text/javascript,${encodeURIComponent(slim)}`)) as {
    instantiate(): number;
  };
  expect(instantiate()).toBe(2); // the effect inside a traced argument is still there
});

it('leaves a trace that is written in another way alone', async () => {
  const slim = await slimGlue(
    "function _debugLog(x) { globalThis.seen = x; } export const run = () => _debugLog('kept');",
  );
  expect(slim).toContain('kept');
});
