import type { APICallError } from 'ai';
import { messageOf, TabbifyError } from '../../kit/index.ts';
import { agentError } from '../errors.ts';
import type { ModelConfig } from './config.ts';

/** Anything a provider call threw, as an error with three parts. Never holds the key or the conversation. */
export function providerError(error: unknown, config: ModelConfig): TabbifyError {
  if (error instanceof TabbifyError) return error;
  const last = unwrapped(error);
  const status = statusOf(last);
  const who = `${config.provider} (${new URL(config.baseUrl).host})`;
  const said = messageOf(last).slice(0, 300);
  const keyVariable = `${config.provider.toUpperCase()}_API_KEY`;
  if (status === 401 || status === 403) {
    return agentError('model_unauthorized', {
      what: `${who} does not accept the key`,
      why: said,
      hint: `Check ${keyVariable}; without it \`tabbify chat\` uses a starter.`,
      cause: error,
    });
  }
  if (status === 404) {
    return agentError('model_unknown', {
      what: `${who} does not know the model ${config.model}`,
      why: said,
      hint: 'Set TABBIFY_MODEL to a model that this provider has, and check the base URL.',
      cause: error,
    });
  }
  if (status === 429 || status === 402) {
    return agentError('model_limited', {
      what: `${who} refuses more requests for now`,
      why: said,
      hint: 'Wait a minute and run the command again, or check the limits and the credit of the account.',
      cause: error,
    });
  }
  if ((status !== null && status >= 500) || /overloaded/i.test(said)) {
    return agentError('model_overloaded', {
      what: `${who} is overloaded or out of order`,
      why: said,
      hint: 'Run the command again in a minute; nothing was pushed.',
      cause: error,
    });
  }
  if (isTimeout(last)) {
    return agentError('model_timeout', {
      what: `${who} did not answer in time`,
      why: said,
      hint: 'Run the command again, or choose a faster model with TABBIFY_MODEL; nothing was pushed.',
      cause: error,
    });
  }
  if (status === null && isConnectionFailure(last)) {
    return agentError('model_unreachable', {
      what: `${who} cannot be reached`,
      why: said,
      hint: `Check the network and ${config.provider.toUpperCase()}_BASE_URL.`,
      cause: error,
    });
  }
  return agentError('model_answer', {
    what: `${who} answered something unexpected`,
    why: said,
    hint: 'Run the command again; if it stays, choose another model with TABBIFY_MODEL.',
    cause: error,
  });
}

/** The last of several tries, by name: the `ai` package is loaded only where it is used. */
function unwrapped(error: unknown): unknown {
  return error instanceof Error && 'lastError' in error ? error.lastError : error;
}

function statusOf(error: unknown): number | null {
  const status = (error as Partial<APICallError> | null)?.statusCode;
  return typeof status === 'number' ? status : null;
}

function isTimeout(error: unknown): boolean {
  return (
    error instanceof Error && (error.name === 'TimeoutError' || /timed? ?out|timeout/i.test(error.message))
  );
}

function isConnectionFailure(error: unknown): boolean {
  return (
    error instanceof Error &&
    /cannot connect|fetch failed|ECONN|ENOTFOUND|socket|network/i.test(error.message)
  );
}
