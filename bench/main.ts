// npm run bench -- [decode] [activation] [page] [plan] [planTimes] [rates] [serve] [--json]
import { benchActivation } from './activation';
import { benchDecode } from './decode';
import { formatTable, type Figure } from './figure';
import { benchPage } from './page';
import { benchPlan } from './plan';
import { benchPlanTimes } from './planTimes';
import { benchRates } from './rates';
import { benchServe } from './serve';

const benches: Record<string, () => Promise<Figure[]>> = {
  decode: benchDecode,
  activation: benchActivation,
  page: benchPage,
  plan: benchPlan,
  planTimes: benchPlanTimes,
  rates: benchRates,
  serve: benchServe,
};

const args = process.argv.slice(2);
const json = args.includes('--json');
const names = args.filter((arg) => arg !== '--json');
const unknown = names.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(`No bench named ${unknown.join(', ')}. There are: ${Object.keys(benches).join(', ')}.`);
  process.exit(2);
}

const figures: Figure[] = [];
for (const [name, bench] of Object.entries(benches)) {
  if (names.length === 0 || names.includes(name)) figures.push(...(await bench()));
}
console.log(json ? JSON.stringify(figures, null, 2) : formatTable(figures));
process.exitCode = figures.some((figure) => figure.pass === false) ? 1 : 0;
