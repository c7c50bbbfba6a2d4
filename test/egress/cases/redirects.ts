import { connectTo, type EgressCase, type Fill } from '../case.ts';
import type { ComponentRequest } from '../component-request.ts';

const GRANTED = 'http://allowed.example:{http}';
const granted = [GRANTED, '127.0.0.1:{http}'];
const addresses = {
  'allowed.example': [['127.0.0.1']],
  'far.example': [['127.0.0.1']],
  localhost: [['127.0.0.1']],
};

/** The granted server leads there; the app follows, by itself or by its client. */
function redirect(name: string, location: string, entry?: string, status = 302): EgressCase {
  const url = (fill: Fill) => `${GRANTED}/inward/${status}?to=${encodeURIComponent(fill(location))}`;
  const next = location.startsWith('//') ? `http:${location}` : location;
  return {
    name: `a redirect to ${name}`,
    ...{ granted, addresses, ...(entry !== undefined && { entry }) },
    worker: (fill) => [
      { by: 'fetch', url: fill(url(fill)), ...(status === 307 && { method: 'POST', body: 'body' }) },
    ],
    component: [requestTo(next)], // it follows none by itself: its next request is its own
    proxy: (fill) => [
      `GET ${fill(url(fill))} HTTP/1.1\r\nhost: allowed.example\r\n\r\n`,
      'answer',
      next.startsWith('https:')
        ? connectTo('127.0.0.1', fill('{port}'))
        : `GET ${fill(next)} HTTP/1.1\r\nhost: x\r\n\r\n`,
    ],
  };
}

function requestTo(url: string): ComponentRequest {
  const [, scheme = '', authority = '', path = ''] = /^(https?):\/\/([^/]*)(.*)$/.exec(url) ?? [];
  return { scheme, authority, path };
}

/** The granted place answers with another one. */
export const REDIRECTS: readonly EgressCase[] = [
  redirect('the loopback', 'http://127.0.0.1:{port}/', '127.0.0.1:{port}'),
  redirect('the loopback with the body', 'http://127.0.0.1:{port}/', '127.0.0.1:{port}', 307),
  redirect('the loopback of IPv6', 'http://[::1]:{port}/', '[::1]:{port}'),
  redirect('another address of the loopback', 'http://127.0.0.2:{port}/', '127.0.0.2:{port}'),
  redirect('a short address', 'http://127.1:{port}/', '127.0.0.1:{port}'),
  redirect('a name of this machine', 'http://localhost:{port}/', 'localhost:{port}'),
  redirect('a name that is not granted', 'http://far.example:{port}/', 'far.example:{port}'),
  redirect('another port of the granted name', 'http://allowed.example:{port}/', 'allowed.example:{port}'),
  redirect('HTTPS', 'https://127.0.0.1:{port}/', '127.0.0.1:{port}'),
  redirect('a place without a scheme', '//127.0.0.1:{port}/', '127.0.0.1:{port}'),
];
