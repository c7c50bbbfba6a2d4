/** Shows the clock as it ticks. Addresses are relative, so that it works at the root of a host and below a path alike. */
export const PAGE = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Streams</title>
  <link rel="icon" href="data:,">
  <style>
    :root { color-scheme: light dark; --ink: light-dark(#12203a, #e6edf9); --soft: light-dark(#5a6880, #93a1b9);
      --paper: light-dark(#f4f7fc, #0d131e); --accent: light-dark(#1d55c8, #7aa7ff); }
    body { margin: 0; min-height: 100svh; display: grid; place-content: center; padding: 1.5rem; background: var(--paper); color: var(--ink);
      font: 1.0625rem/1.6 system-ui, sans-serif; }
    main { max-width: 34rem; }
    output { display: block; font: 600 clamp(2.6rem, 13vw, 5rem)/1.1 ui-monospace, monospace; letter-spacing: -.04em; color: var(--accent);
      font-variant-numeric: tabular-nums; }
    p { color: var(--soft); }
    code { font: .9em ui-monospace, monospace; }
  </style>
</head>
<body>
  <main>
    <output aria-live="off">--:--:--</output>
    <p>This time comes from the app once a second, over one answer that stays open for a minute.</p>
    <p><code>curl -N -T - …/upper</code> sends back what you type, louder, line by line.</p>
  </main>
  <script>
    const output = document.querySelector('output');
    const source = new EventSource('clock?ticks=60');
    source.onmessage = ({ data }) => { output.textContent = new Date(data).toLocaleTimeString(); };
    source.addEventListener('end', () => source.close());
  </script>
</body>
</html>
`;
