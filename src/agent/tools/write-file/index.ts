import { z } from 'zod';
import { defineTool } from '../tool.ts';

export const writeFile = defineTool({
  name: 'write_file',
  description: 'Writes one whole text file of the app; an existing file is replaced.',
  input: z.object({
    path: z.string().describe('Path inside the app, e.g. `tabbify.toml` or `src/index.ts`.'),
    content: z.string().describe('The whole new content of the file.'),
  }),
  async execute({ path, content }, { workspace }) {
    const file = await workspace.write(path, content);
    return { ok: true, text: `Wrote ${file.path} (${file.bytes} bytes).` };
  },
});
