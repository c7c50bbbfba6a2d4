import { isUuid } from '../../kit/index.ts';
import { cliError } from '../errors.ts';

/** The id of a deployment as a person gave it. @throws TabbifyError `usage` when it is something else */
export function deploymentId(text: string): string {
  if (isUuid(text)) return text;
  throw cliError('usage', {
    what: `There is no deployment ${text}`,
    why: 'a deployment is named by its id, which looks like 0191e7c2-1111-7222-8333-444455556666',
    hint: 'See the ids of an app with `tabbify deployments <app>`.',
  });
}
