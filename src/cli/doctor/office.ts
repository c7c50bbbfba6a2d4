import { type Check, fine, problemFound } from './check.ts';

export const office: Check = {
  name: 'Office',
  async look(context) {
    const client = await context.client();
    if (!(await client.healthy(AbortSignal.timeout(5000)))) {
      return problemFound(
        'Office',
        `nothing answers at ${client.url}`,
        'Start it: `npm start` (from a clone) or `tabbify up`.',
      );
    }
    const apps = await client.apps(); // the key is accepted, or this says why not
    return fine('Office', `answers at ${client.url}, ${apps.length} ${apps.length === 1 ? 'app' : 'apps'}`);
  },
};
