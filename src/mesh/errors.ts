import { defineErrors } from '../kit/index.ts';

export const meshError = defineErrors({
  /** Outside 1 to 65535: the network has no address left, or the caller counted wrongly. */
  peer_index_invalid: { status: 400, title: 'Invalid peer index' },
});
