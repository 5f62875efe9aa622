/**
 * Errors that the editor logs by itself, without any extension of ours. Each was seen and understood. A pattern is
 * tried on the message and the address that it comes from.
 */
export const editorNoise: readonly { pattern: RegExp; reason: string }[] = [
  {
    pattern: /status of 404 .*\/node_modules\/vsda\//,
    reason: 'vsda signs connections in the vendor’s own builds; others come without it.',
  },
  {
    pattern:
      /Failed to register a ServiceWorker|A bad HTTP response code \(404\) was received when fetching the script/,
    reason: 'The workbench’s service worker is served by a wrapper that this server runs without.',
  },
  { pattern: /status of 404 .*\/update\/check$/, reason: 'The wrapper’s own update check.' },
  {
    pattern: /Activating extension 'vscode\.[\w-]+' failed: Not Found/,
    reason: 'A built-in extension that the tests leave out: vscodeServer.mjs.',
  },
  {
    pattern: /Could not locate the bindings file|Cannot find module '\.\/build\/Release\/watchdog'/,
    reason: 'Native log writer and watchdog of the server, which only a compiler could provide.',
  },
  {
    pattern: /authentication provider 'github'/,
    reason: 'The built-in provider is left out.',
  },
  {
    pattern: /queryRawGalleryExtensions|ENOTFOUND|EAI_AGAIN|ECONNREFUSED/,
    reason: 'The extension gallery cannot be reached from where tests run.',
  },
  {
    pattern: /Found unexpected null[\s\S]*\/webview\/browser\/pre\//,
    reason: 'The editor’s frame of a page whose extension host was killed looks for the page that is gone.',
  },
  {
    pattern: /Long running operations during shutdown are unsupported in the web/,
    reason: 'The editor’s own parts, where its page is loaded again.',
  },
];
