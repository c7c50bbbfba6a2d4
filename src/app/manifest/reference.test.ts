import { expect, test } from 'vitest';
import { manifestSchema } from './json-schema.ts';
import { manifestReference } from './reference.ts';

test('docs/manifest.md says what the format is', async () => {
  await expect(manifestReference()).toMatchFileSnapshot('../../../docs/manifest.md');
});

test('docs/tabbify.schema.json is the format for editors', async () => {
  const text = `${JSON.stringify(manifestSchema(), null, 2)}\n`;
  await expect(text).toMatchFileSnapshot('../../../docs/tabbify.schema.json');
});
