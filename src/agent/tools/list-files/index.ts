import { z } from 'zod';
import { defineTool } from '../tool.ts';

export const listFiles = defineTool({
  name: 'list_files',
  description: 'Lists the files of the app with their sizes.',
  input: z.object({}),
  async execute(_input, { workspace }) {
    const files = await workspace.list();
    if (files.length === 0) return { ok: true, text: 'There are no files yet.' };
    return { ok: true, text: files.map((file) => `${file.path} (${file.bytes} bytes)`).join('\n') };
  },
});
