/** The source of an app with all routes of a `RuntimeFixture`, and with ways to its bounds and its end. */
export const FIXTURE_APP = String.raw`
const encoder = new TextEncoder();
const held: unknown[] = [];
const fs = process.getBuiltinModule('node:fs');
const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

export default {
  async fetch(request: Request, env: Record<string, string>): Promise<Response> {
    const { pathname } = new URL(request.url);
    const [, route = '', argument = ''] = pathname.split('/');
    switch (route) {
      case '': return new Response('hello');
      case 'echo': return new Response(request.body);
      case 'bytes': return new Response(new Uint8Array(Number(argument)));
      case 'env': return new Response(Object.entries(env).map(([name, value]) => name + '=' + value + '\n').join(''));
      case 'process-env': return new Response(JSON.stringify(process.env));
      case 'out': {
        const answer = await fetch(request.url.slice(request.url.indexOf('to=') + 3)).catch((error) => error);
        return answer instanceof Response
          ? new Response(answer.body, { status: answer.status })
          : new Response(String(answer), { status: 502 });
      }
      case 'read':
        try {
          return new Response(fs.readFileSync('/run/secrets/' + argument));
        } catch (error) {
          return new Response(String(error), { status: 404 });
        }
      case 'write': {
        const path = '/run/secrets/' + argument;
        const ways = [
          () => fs.writeFileSync(path, 'other'),
          () => fs.chmodSync(path, 0o600),
          () => fs.unlinkSync(path),
          () => fs.renameSync(path, path + '.old'),
          () => fs.copyFileSync('/app/guest.mjs', path),
        ];
        const worked = ways.filter((way) => { try { way(); return true; } catch { return false; } });
        return new Response(null, { status: worked.length > 0 ? 200 : 403 });
      }
      case 'log':
        console.log('one\ntwo');
        console.log('three');
        console.error('oops');
        return new Response('logged');
      case 'sleep':
        await wait(Number(argument));
        return new Response('slept');
      case 'events': {
        let timer: NodeJS.Timeout;
        return new Response(new ReadableStream({
          start(controller) { timer = setInterval(() => controller.enqueue(encoder.encode('data: x\n\n')), 50); },
          cancel() { clearInterval(timer); },
        }), { headers: { 'content-type': 'text/event-stream' } });
      }
      case 'out':
        try {
          const answer = await fetch(request.url.slice(request.url.indexOf('to=') + 3));
          return new Response(answer.body, { status: answer.status });
        } catch (error) {
          return new Response(String(error), { status: 502 });
        }
      case 'spin': for (;;);
      case 'spin-later':
        setTimeout(() => { for (;;); }, 10);
        return new Response('soon');
      case 'busy': {
        // works in small steps, for so many milliseconds
        const end = performance.now() + Number(argument);
        while (performance.now() < end) {
          const step = performance.now() + 5;
          while (performance.now() < step);
          await new Promise((done) => setImmediate(done));
        }
        return new Response('busy');
      }
      case 'heap':
        // arrays of numbers: 1 MiB each; without an argument there is no end
        for (let mib = 0; argument === '' || mib < Number(argument); mib++) {
          held.push(new Array(131_072).fill(Math.random()));
          await new Promise((done) => setImmediate(done));
        }
        return new Response('held');
      case 'hold': {
        // buffers, which V8's own bound does not count
        for (let mib = 0; mib < Number(argument); mib++) held.push(Buffer.alloc(1 << 20, 1));
        return new Response('held');
      }
      case 'exit': process.exit(Number(argument));
      case 'throw-later':
        setTimeout(() => { throw new Error('thrown on purpose'); }, 10);
        return new Response('soon');
      case 'stack': return new Response(new Error('asked for').stack);
      case 'log-stack':
        console.error(new Error('logged on purpose').stack);
        return new Response('logged');
      case 'log-bomb': {
        const line = 'x'.repeat(1000) + '\n';
        for (let n = 0; n < Number(argument); n++) process.stdout.write(line);
        return new Response('logged');
      }
      default: return new Response('no such route', { status: 404 });
    }
  },
};
`;
