import { agentError } from '../errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Which model to ask and how. */
export interface ModelConfig {
  readonly provider: 'anthropic' | 'openai';
  readonly model: string;
  /** Empty where a server of one's own asks for none. */
  readonly apiKey: string;
  /** API prefix with its version, e.g. `https://api.anthropic.com/v1`. */
  readonly baseUrl: string;
  /** The OpenAI API has two dialects; other servers know `chat` only. */
  readonly dialect: 'messages' | 'responses' | 'chat';
}

/** Newest general models that the provider packages of the lockfile document. */
const DEFAULT_MODELS = { anthropic: 'claude-sonnet-5-5', openai: 'gpt-6-astra' } as const;

/** What sets a model up, for texts. */
export const MODEL_SETUP_HINT =
  'To have it written by a model: `export ANTHROPIC_API_KEY=…` (or OPENAI_API_KEY; a server of your own: OPENAI_BASE_URL and TABBIFY_MODEL), then run `tabbify chat` again.';

/**
 * Reads the model from `ANTHROPIC_API_KEY`, `ANTHROPIC_BASE_URL`, `OPENAI_API_KEY`, `OPENAI_BASE_URL` and
 * `TABBIFY_MODEL` (a name, optionally as `anthropic/<name>` or `openai/<name>`). Anthropic is asked where both are set.
 *
 * @returns null when no model is set up
 * @throws TabbifyError `model_config`
 */
export function readModelConfig(env: Environment): ModelConfig | null {
  const wish = /^(?:(?<provider>anthropic|openai)\/)?(?<name>.+)$/.exec(
    env.TABBIFY_MODEL?.trim() || '',
  )?.groups;
  const available = {
    anthropic: Boolean(env.ANTHROPIC_API_KEY || env.ANTHROPIC_BASE_URL),
    openai: Boolean(env.OPENAI_API_KEY || env.OPENAI_BASE_URL),
  };
  const provider =
    (wish?.provider as 'anthropic' | 'openai' | undefined) ?? (available.anthropic ? 'anthropic' : 'openai');
  if (!available[provider]) {
    if (wish === undefined) return null;
    const variables = wish.provider
      ? `${provider.toUpperCase()}_API_KEY`
      : 'ANTHROPIC_API_KEY or OPENAI_API_KEY';
    throw agentError('model_config', {
      what: `The model ${env.TABBIFY_MODEL} cannot be asked`,
      why: 'TABBIFY_MODEL names a model, but no key is set',
      hint: `Set ${variables}, or unset TABBIFY_MODEL to use a starter.`,
    });
  }
  const model = wish?.name ?? DEFAULT_MODELS[provider];
  if (provider === 'anthropic') {
    const baseUrl = prefixOf(
      'ANTHROPIC_BASE_URL',
      env.ANTHROPIC_BASE_URL || 'https://api.anthropic.com',
      true,
    );
    return { provider, model, apiKey: env.ANTHROPIC_API_KEY ?? '', baseUrl, dialect: 'messages' };
  }
  const baseUrl = prefixOf('OPENAI_BASE_URL', env.OPENAI_BASE_URL || 'https://api.openai.com/v1', false);
  return {
    provider,
    model,
    apiKey: env.OPENAI_API_KEY ?? '',
    baseUrl,
    dialect: env.OPENAI_BASE_URL ? 'chat' : 'responses',
  };
}

/** ANTHROPIC_BASE_URL is given without `/v1` by convention, OPENAI_BASE_URL with it; a bare host gets it in both cases. */
function prefixOf(variable: string, text: string, always: boolean): string {
  if (!URL.canParse(text) || !/^https?:/.test(text)) {
    throw agentError('model_config', {
      what: `${variable} is not a URL: ${text}`,
      hint: 'Write it with its scheme, e.g. https://api.example.com',
    });
  }
  const url = new URL(text);
  const path = url.pathname.replace(/\/+$/, '');
  const needsVersion = always ? !path.endsWith('/v1') : path === '';
  return `${url.origin}${path}${needsVersion ? '/v1' : ''}`;
}
