import { expect, it } from 'vitest';
import { describeWasmHttp, WASM_BARE } from './description.ts';

const limits = {
  memory: 'enforced',
  cpu: 'enforced',
  tasks: 'enforced',
  tmp: 'enforced',
  openFiles: 'enforced',
} as const;

it('says that there are two walls where there are boxes, and which of their bounds hold', () => {
  expect(describeWasmHttp({ possible: true, limits, lack: null })).toEqual({
    ...{ kind: 'wasm-http', isolation: 'wasm' },
    limits: { memory: 'enforced', fuel: 'enforced', cpu: 'best_effort' },
  });
  const without = { ...limits, cpu: 'unsupported' } as const;
  expect(describeWasmHttp({ possible: true, limits: without, lack: null }).limits.cpu).toBe('unsupported');
});

it('says that there is one where none can be made', () => {
  expect(
    describeWasmHttp({ possible: false, why: 'bubblewrap is not installed', hint: 'Install it' }),
  ).toEqual(WASM_BARE);
  expect(WASM_BARE.isolation).toBe('wasm-bare');
});
