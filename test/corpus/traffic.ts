import type { EventDraft } from '../../src/log/index.ts';
import type { CorpusApp } from './apps.ts';
import { idAt } from './ids.ts';
import type { Random } from './random.ts';
import type { Speaker } from './speaker.ts';
import { prose } from './words.ts';

const ROUTES = ['/v1/apps/{uuid}/deploy', '/v1/apps/{uuid}/purge', '/v1/tokens', '/v1/offices'];
const EMITTED = ['order.paid', 'invoice.created', 'ticket.answered', 'report.written'];

/** The half of the corpus that is not folded, without an end: webhooks, what apps emit, deliveries, refusals. */
export function* traffic(apps: readonly CorpusApp[], random: Random, say: Speaker): Generator<EventDraft> {
  for (let n = 0; ; n += 1) {
    const draw = random.unit();
    if (draw < 0.45) yield webhook(n, random, say);
    else if (draw < 0.75) yield emitted(random.pick(apps), random, say);
    else if (draw < 0.85) yield telegram(n, random, say);
    else if (draw < 0.93) yield delivery(random.pick(apps), n, random, say);
    else yield refusal(random, say);
  }
}

/** Bodies of 300 to 1500 bytes. */
function webhook(n: number, random: Random, say: Speaker): EventDraft {
  const integration = `integration/shop-${random.between(1, 20)}`;
  const length = random.between(170, 1320);
  return say.traffic({
    type: 'ExternalWebhookReceived',
    segment: 'tenant_default.webhook',
    subject: integration,
    actor: 'system',
    data: {
      integration,
      delivery: `whd_${n.toString(36).padStart(8, '0')}`,
      content_type: 'application/json',
      body: { order: n, total: random.between(100, 99_999), currency: 'EUR', note: prose(random, length) },
    },
  });
}

function emitted(app: CorpusApp, random: Random, say: Speaker): EventDraft {
  return say.traffic({
    type: random.pick(EMITTED),
    segment: 'tenant_default.orders',
    subject: `app/${app.uuid}`,
    actor: `app:${app.uuid}`,
    data: { amount: random.between(1, 9999), text: prose(random, random.between(250, 900)) },
  });
}

function telegram(n: number, random: Random, say: Speaker): EventDraft {
  return say.traffic({
    type: 'TelegramMessageReceived',
    segment: 'tenant_default.telegram',
    subject: 'integration/telegram-1',
    actor: 'system',
    data: {
      update_id: 700_000_000 + n,
      message: {
        chat: { id: random.between(1, 500), type: 'private' },
        text: prose(random, random.between(260, 500)),
      },
    },
  });
}

function delivery(app: CorpusApp, n: number, random: Random, say: Speaker): EventDraft {
  const event = {
    app: app.uuid,
    event_position: 1 + 2 * n,
    event_type: 'ExternalWebhookReceived',
    attempts: random.between(1, 3),
  };
  if (!random.onceIn(5)) return say.host('delivery_succeeded', event, app.host);
  const failure = { status: 502, reason: 'the app answered 502', retry_at: null };
  return say.host('delivery_failed', { ...event, ...failure }, app.host);
}

function refusal(random: Random, say: Speaker): EventDraft {
  const n = random.between(0, 400);
  return say.node(
    'request_refused',
    {
      credential_id: idAt(Date.UTC(2026, 4, 3) + n, 0xc000000 + n),
      method: 'POST',
      route: random.pick(ROUTES),
      status: 403,
      code: 'not_allowed',
      suppressed: random.between(0, 9),
    },
    `agent:agent-${n}`,
  );
}
