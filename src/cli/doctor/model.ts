import { type Check, fine } from './check.ts';

export const model: Check = {
  name: 'Model',
  async look({ io }) {
    const { MODEL_SETUP_HINT, readModelConfig } = await import('../../agent/index.ts');
    const config = readModelConfig(io.env); // throws when the variables contradict each other
    if (config === null) return fine('Model', `none set up, so apps begin as starters. ${MODEL_SETUP_HINT}`);
    return fine('Model', `${config.provider}/${config.model} at ${config.baseUrl} (not asked)`);
  },
};
