import type { ChatCommand } from '../../src/protocol/webview';
import { registerComponents } from '../components';
import { connectHost } from '../host';
import { readL10n } from '../l10n';
import '../theme/base.css';
import './style/page.css';
import './style/messages.css';
import './style/status.css';
import './style/code.css';
import './style/composer.css';
import './style/completion.css';
import './style/history.css';
import { ChatPage } from './chatPage';
import type { ChatKey } from './ui';

registerComponents();
const host = connectHost<ChatCommand>();
new ChatPage(host, readL10n<ChatKey>(document), document.getElementById('app') ?? document.body).start();
