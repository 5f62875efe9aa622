import type { DoctorCommand } from '../../src/protocol/doctor';
import { registerComponents } from '../components';
import { connectHost } from '../host';
import { readL10n } from '../l10n';
import '../theme/base.css';
import './style/page.css';
import { DoctorPage } from './doctorPage';
import type { DoctorKey } from './ui';

registerComponents();
new DoctorPage(connectHost<DoctorCommand>(), readL10n<DoctorKey>(document), document.body).start();
