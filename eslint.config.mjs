import tseslint from 'typescript-eslint';
import importX from 'eslint-plugin-import-x';

/** Which folder may not import from which: the architecture, enforced. */
const zones = [
  { target: 'src/protocol', from: 'src', except: ['./protocol'] },
  { target: 'src/plan', from: 'src', except: ['./plan', './protocol', './gguf'] },
  { target: 'src/gguf', from: 'src', except: ['./gguf'] },
  { target: 'src/engine', from: 'src', except: ['./engine', './protocol', './gguf', './plan'] },
  { target: 'src/quantize', from: 'src', except: ['./quantize', './protocol', './gguf'] },
  {
    target: 'src/fetch',
    from: 'src',
    except: [
      ...['./fetch', './protocol', './gguf', './plan/shapeOf.ts', './models/catalogue.ts'],
      ...['./planner/remoteParts.ts', './planner/remoteError.ts'],
    ],
  },
  {
    target: 'src/engineClient',
    from: 'src',
    except: ['./engineClient', './protocol', './errors.ts', './log.ts'],
  },
  { target: 'webview', from: 'src', except: ['./protocol'] },
  { target: 'src', from: 'webview' },
  { target: 'src', from: 'test' },
  { target: 'webview', from: 'test' },
];

const forbid = (...names) => ({ 'no-restricted-imports': ['error', { paths: names }] });
const noVscode = { name: 'vscode', message: 'This layer runs without the editor.' };
const noLlama = { name: 'node-llama-cpp', message: 'Only src/engine/llama*.ts import the library.' };
const noKoffi = { name: 'koffi', message: 'Only src/quantize/library.ts calls native code.' };
const noToolkit = {
  name: '@vscode/webview-ui-toolkit',
  message: 'Only webview/components.ts imports the toolkit.',
};

export default tseslint.config(
  { ignores: ['dist', 'node_modules', '.vscode-test', '.cache'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-default-export': 'error',
      'no-restricted-imports': ['error', { paths: [noLlama, noKoffi, noToolkit] }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
    },
  },
  {
    files: ['src/{protocol,plan,gguf,engine,fetch,quantize,engineClient}/**/*.ts'],
    rules: forbid(noVscode, noLlama, noKoffi, noToolkit),
  },
  { files: ['src/quantize/library.ts'], rules: forbid(noVscode, noLlama, noToolkit) },
  { files: ['src/engine/llama*.ts', 'src/fetch/**/*.ts'], rules: forbid(noVscode, noKoffi, noToolkit) },
  { files: ['webview/components.ts'], rules: forbid(noVscode, noLlama, noKoffi) },
  { files: ['vitest.config.ts'], rules: { 'import-x/no-default-export': 'off' } },
);
