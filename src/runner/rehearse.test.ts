import { expect, it } from 'vitest';
import { rehearse } from './rehearse.ts';

const dispose = async () => {};

it('has one request answered, by whoever knows the key of that moment', async () => {
  const seen: (string | undefined)[] = [];
  let isDisposed = false;
  await rehearse({
    dispose,
    rehearsal: async () => ({
      serve(request, response) {
        seen.push(request.url);
        response.end();
      },
      async [Symbol.asyncDispose]() {
        isDisposed = true;
      },
    }),
  });
  expect(seen).toEqual(['/']);
  expect(isDisposed).toBe(true);
});

it('does nothing where there is nothing to rehearse', async () => {
  await expect(rehearse({ dispose })).resolves.toBeUndefined();
});
