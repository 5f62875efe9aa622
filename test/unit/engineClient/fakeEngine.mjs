// A small program in the engine's place: a real process, a real socket, the real protocol, no model.
// The backend argument chooses how it starts, the prompt what happens during an answer.
import { createServer } from 'node:net';
import { createMessageConnection, SocketMessageReader, SocketMessageWriter } from 'vscode-jsonrpc/node';

const argument = (name) => process.argv[process.argv.indexOf(name) + 1];

if (argument('--backend') === 'metal') {
  console.error('ggml_metal_init: error: no device found');
  process.exit(3);
}

createServer((socket) => {
  const connection = createMessageConnection(
    new SocketMessageReader(socket),
    new SocketMessageWriter(socket),
  );
  connection.onError(() => undefined);
  socket.on('close', () => process.exit(0));
  connection.onRequest('initialize', ({ token }) => {
    if (token !== process.env.LAYERCAKE_TOKEN) throw new Error('wrong token');
    return {
      pid: process.pid,
      libraryVersion: '0',
      llamaCppRelease: '0',
      nodeVersion: process.versions.node,
      backend: 'cpu',
      devices: [],
      mathCores: 1,
    };
  });
  connection.onRequest('model/load', (options) => ({ path: options.modelPath, name: 'Fake' }));
  connection.onRequest('engine/end', () => {
    setImmediate(() => process.exit(0));
    return null;
  });
  connection.onRequest('memory/read', () => ({ rssBytes: process.memoryUsage.rss(), devices: [] }));
  connection.onRequest('chat/generate', async ({ messages, progressToken }) => {
    const say = (text) =>
      connection.sendNotification('$/progress', {
        token: progressToken,
        value: { kind: 'text', text, tokens: 1, tokensPerSecond: 1 },
      });
    await say('Once upon ');
    if (messages.at(-1).content === 'go on for ever') await new Promise(() => undefined);
    if (messages.at(-1).content === 'abort') {
      console.error('/llama.cpp/ggml.c:1: GGML_ASSERT(false) failed');
      process.abort();
    }
    await say('a time');
    return { text: 'Once upon a time', stopReason: 'end' };
  });
  connection.listen();
}).listen(argument('--socket'));
