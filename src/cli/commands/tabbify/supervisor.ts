import { nodeUrl, ownerKey, partCommand } from '../../office/part-command.ts';

export const supervisor = partCommand(
  'supervisor',
  'Run the supervisor of this host alone; it finds the node by TABBIFY_NODE_URL and joins with TABBIFY_NODE_KEY',
  async (office, config, context) =>
    office.runSupervisor(config, await nodeUrl(context), await ownerKey(context)),
);
