import { z } from 'zod';
import { defineTool } from '../tool.ts';

export const readFile = defineTool({
  name: 'read_file',
  description: 'Reads one file of the app.',
  input: z.object({ path: z.string().describe('Path inside the app, e.g. `src/index.ts`.') }),
  async execute({ path }, { workspace }) {
    return { ok: true, text: await workspace.read(path) };
  },
});
