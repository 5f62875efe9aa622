// Another extension, with its own view of the editor: what it asks of language models, it asks as a stranger.
const { lm } = require('vscode');

exports.activate = () => ({ selectChatModels: (selector) => lm.selectChatModels(selector) });
