import type { PageContent } from '../page.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { ApiRouter } from './context.ts';
import { personOf } from './login.ts';
import { signedInBy } from './web-guards.ts';
import { webPage } from './web-page.ts';

/** What a person sees who opens the office's own address in a browser; it says nothing that a visitor may not know. */
const PAGE: PageContent = {
  title: 'This is a Tabbify office.',
  paragraphs: [
    'It is open and answers. Every app has an address of its own; in this version apps are made and looked after from a terminal.',
  ],
  commands: [
    ['Say what you want; see it, say yes, and it runs', 'npx tabbify chat "a page for my bakery"'],
    ['Put a folder online', 'npx tcli push examples/hello'],
    ['See what there is, and where', 'npx tabbify apps'],
  ],
  foot: 'The API behind all of this: `/docs`',
};

const OPEN_APPS = 'A private app opens in a browser that is signed in: `/login`';

/** `GET /`: a page for people; programs begin at `/openapi.json`. */
export function addFrontDoor(router: ApiRouter, sessions: Pick<Sessions, 'byCookie'>): void {
  router.get('/', (c) => {
    const signedIn = signedInBy(c, sessions);
    const { paragraphs } = PAGE;
    if (signedIn === null) return webPage({ ...PAGE, paragraphs: [...paragraphs, OPEN_APPS] });
    const who = `You are signed in as ${personOf(signedIn.principal)}; your private apps open in this browser.`;
    return webPage({
      ...PAGE,
      paragraphs: [...paragraphs, who],
      forms: [{ action: '/logout', button: 'Sign out' }],
    });
  });
}
