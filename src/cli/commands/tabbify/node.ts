import { partCommand } from '../../office/part-command.ts';

export const node = partCommand('node', 'Run the node alone: control API, log and edge', (office, config) =>
  office.runNode(config),
);
