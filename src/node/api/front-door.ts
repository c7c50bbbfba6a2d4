import { PAGE_POLICY, page } from '../page.ts';
import type { ApiRouter } from './context.ts';

/** What a person sees who opens the office's own address in a browser; it says nothing that a visitor may not know. */
const PAGE = page({
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
});

/** `GET /`: a page for people; programs begin at `/openapi.json`. */
export function addFrontDoor(router: ApiRouter): void {
  router.get('/', (c) =>
    c.body(PAGE, 200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': PAGE_POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    }),
  );
}
