import { defineErrors } from '../kit/index.ts';

/** What can go wrong while an app is written. Statuses below 500 are the caller's to mend. */
export const agentError = defineErrors({
  /** The variables that choose a model contradict each other. */
  model_config: { status: 400, title: 'Model is not set up' },
  /** The provider refuses the key (401, 403). */
  model_unauthorized: { status: 401, title: 'Model refuses the key' },
  /** The provider knows no such model, or not at this address (404). */
  model_unknown: { status: 404, title: 'Unknown model' },
  /** The account's limit or credit is used up (429, 402). */
  model_limited: { status: 429, title: 'Model limit reached' },
  /** The provider is overloaded or broken (5xx, 529), also after the retries. */
  model_overloaded: { status: 503, title: 'Model is overloaded' },
  /** Nothing arrived from the provider in time. */
  model_timeout: { status: 504, title: 'Model did not answer in time' },
  /** The provider cannot be reached at all. */
  model_unreachable: { status: 502, title: 'Model cannot be reached' },
  /** The model declined the request. */
  model_refused: { status: 422, title: 'Model declined' },
  /** The provider rejected or garbled the conversation. */
  model_answer: { status: 502, title: 'Unexpected answer of the model' },
  /** A path, a size or a link that a workspace does not take; goes back to the model. */
  workspace_refused: { status: 400, title: 'Not allowed in the workspace' },
  /** What lies in the workspace is no app that could be pushed. */
  draft_invalid: { status: 422, title: 'Draft is not right' },
  /** Steps, tokens, time or repairs are used up before the app was right. */
  budget_used_up: { status: 422, title: 'Gave up' },
});
