import { nodeUrl, partCommand } from '../../office/part-command.ts';

export const gateway = partCommand(
  'gateway',
  'Run the gateway alone; it finds the node by TABBIFY_NODE_URL',
  async (office, config, context) => office.runGateway(config, await nodeUrl(context)),
);
