import { z } from 'zod';
import { defineTool } from '../tool.ts';

export const checkApp = defineTool({
  name: 'check_app',
  description:
    'Checks the app as the platform will: reads tabbify.toml and builds the code. Answers with the errors to repair, or that the app is right. Call it when all files are written.',
  input: z.object({}),
  async execute(_input, { workspace, platform, signal }) {
    const report = await platform.check(workspace.root, signal);
    if (report.ok)
      return { ok: true, text: `The app is right.${report.text === '' ? '' : `\n${report.text}`}` };
    return { ok: false, text: report.text };
  },
});
