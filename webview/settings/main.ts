import type { SettingsCommand } from '../../src/protocol/webview';
import { registerComponents } from '../components';
import { connectHost } from '../host';
import { readL10n } from '../l10n';
import '../theme/base.css';
import './style/page.css';
import './style/controls.css';
import './style/plan.css';
import { SettingsPage } from './settingsPage';
import type { SettingsKey } from './ui';

registerComponents();
new SettingsPage(connectHost<SettingsCommand>(), readL10n<SettingsKey>(document), document.body).start();
