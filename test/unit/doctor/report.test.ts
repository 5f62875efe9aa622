import { describe, expect, it } from 'vitest';
import { settingDefaults, type SettingKey } from '../../../src/contributions';
import { checksOf } from '../../../src/doctor/checks';
import { findingsOf } from '../../../src/doctor/findings';
import { writeReport, type ReportInput } from '../../../src/doctor/report';
import { scrubPaths } from '../../../src/doctor/scrub';
import { solve } from '../../../src/plan/solve';
import { loadedModel } from '../../support/loadedModel';
import { translate } from '../models/translate';
import { machineWith, requestFor, shapeFor, sizes } from '../plan/fixtures';
import { diagnosis, info } from './samples';

function report(
  changes: Parameters<typeof diagnosis>[0] = {},
  settings: Partial<Record<SettingKey, unknown>> = {},
  more: Partial<ReportInput> = {},
): string {
  const found = diagnosis(changes);
  return writeReport({
    diagnosis: found,
    checks: checksOf(found, translate),
    findings: findingsOf(found, translate),
    leftOut: undefined,
    versions: { extension: '0.1.0', editor: 'VS Code 1.104.0', system: 'linux x64 6.8.0' },
    settings: (key) => settings[key] ?? settingDefaults[key],
    privateFolders: ['/home/amy lee'],
    ...more,
  });
}

describe('the report', () => {
  it('holds versions, hardware, timings, plan and findings', () => {
    const request = requestFor(shapeFor(sizes.large), machineWith(12, 64));
    const text = report({ plan: { request, plan: solve(request), advice: [] } });
    for (const line of [
      '# Layercake report',
      '| llama.cpp | v0.5.0 |',
      '| RAM bandwidth, reached | 52.0 GB/s | measured |',
      '| VRAM spilled into system memory | not told |  |',
      '38 tokens read, 32 written, 22.5 s in all.',
      '| context | 8,192 | 8,192 |',
      '- The memory runs at 4,800 MT/s and can do 6,000:',
    ]) {
      expect(text).toContain(line);
    }
    expect(text).toMatch(/^\| decode \| [\d.]+ tok\/s \| 1\.6 tok\/s \|$/m);
  });

  it('names only settings that differ, and nothing that the person wrote', () => {
    const text = report(
      {},
      {
        'load.gpuLayers': 20,
        'chat.systemPrompt': 'Acme Corp secrets',
        'models.endpoint': 'https://token@mirror.acme.internal/x',
        'models.folders': ['/srv/acme models', 'D:\\Acme'],
      },
    );
    const section = text.slice(text.indexOf('## Settings'));
    expect(section.match(/^\| (?!setting|---).+$/gm)).toEqual([
      '| models.folders | 2 folders |',
      '| models.endpoint | set |',
      '| load.gpuLayers | 20 |',
      '| chat.systemPrompt | set |',
    ]);
    expect(text.toLowerCase()).not.toContain('acme');
  });

  it('cuts paths to file names, whatever they look like', () => {
    const model = '/home/amy lee/Modèles secrets/client-x/llama.gguf';
    const detail =
      'dlopen(/home/amy lee/.vscode/extensions/lc/ggml-cuda.so): C:\\Users\\Amy Lee\\AppData\\Local\\cuda.dll missing, ' +
      'file:///home/amy%20lee/x.so, \\\\nas\\amy\\share\\y.dll';
    const text = report(
      {
        engine: {
          info: { ...info, backend: 'cpu', fallback: { wanted: 'cuda', cause: 'unavailable', detail } },
          model: loadedModel({ path: model, name: model }),
          runtime: { path: '/home/amy lee/n/node', kind: 'node', version: 'v22', source: 'setting' },
        },
      },
      {
        'model.path': model,
        'engine.nodePath': 'C:\\Users\\Amy Lee\\node.exe',
        'load.perModel': { [model]: { gpuLayers: 3 }, 'E:\\client-y\\b.gguf': {} },
      },
      { leftOut: `Left out: The model is damaged (${model}: half).` },
    );
    for (const hidden of ['amy', 'secrets', 'client', 'Users', 'AppData', 'nas', '.vscode', '/home', 'E:']) {
      expect(text.toLowerCase(), hidden).not.toContain(hidden.toLowerCase());
    }
    for (const kept of ['llama.gguf', 'node.exe', 'b.gguf', 'gpuLayers']) expect(text).toContain(kept);
  });

  it('lets no name break its tables or call anybody', () => {
    const name = 'a|b `c` @everyone <img src=x>\n## [d](http://e.f/g)';
    const text = report({ engine: { ...diagnosis().engine, model: loadedModel({ name }) } });
    const line = text.split('\n').find((each) => each.startsWith('| model |'));
    expect(line).toBe(
      '| model |  | a\\|b \\`c\\` &#64;everyone &lt;img src=x> ## \\[d\\](http://e.f Q4_K_M, 39.6 GiB |',
    );
  });

  it('says what is missing', () => {
    const engine = { info: undefined, model: undefined, runtime: undefined };
    const text = report({ engine, watched: undefined }, {}, { leftOut: 'Left out: no model is chosen yet.' });
    expect(text).toContain('## Question\n\nLeft out: no model is chosen yet.\n');
    expect(text).toContain('## Plan\n\nNo model is loaded.\n');
    expect(text).toContain('| llama.cpp | engine not started |');
  });
});

describe('paths in a text', () => {
  const cut = (text: string, folders: string[] = []) => scrubPaths(text, folders);

  it('lose their folders', () => {
    expect(cut('open /opt/x/y.so: no')).toBe('open y.so: no');
    expect(cut('at C:/models/big one/z.gguf')).toBe('at z.gguf');
    expect(cut('"~/llm/q.gguf"')).toBe('"q.gguf"');
    expect(cut('in /Data Base/llm/sub dir/x.gguf', ['/Data Base/llm'])).toBe('in x.gguf');
    expect(cut('in c:\\data BASE\\llm', ['C:\\Data Base\\llm\\'])).not.toContain('BASE');
    expect(cut('{"C:\\\\My Models\\\\a.gguf":1}', ['C:\\My Models'])).toBe('{"a.gguf":1}');
  });

  it('are told from other slashes', () => {
    const text = '12 tok/s and/or 3/4, CUDA/Vulkan, 11.3/12.0 GiB';
    expect(cut(text, ['/home/amy'])).toBe(text);
  });

  it('of addresses lose all but the host', () => {
    expect(cut('GET https://user:pw@hub.example/a/b?token=1')).toBe('GET https://hub.example');
  });
});
