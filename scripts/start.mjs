// npm start: from a fresh clone to an editor with the extension in it and a model that answers.
//   npm start [-- --check] [-- --model FILE]
import { cp, mkdir, stat } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { mustRun, node, root, run, seconds, step } from './childProcess.mjs';
import { ensureInstalled } from './install.mjs';

const cache = path.join(root, '.cache');

async function main() {
  const { values } = parseArgs({ options: { check: { type: 'boolean' }, model: { type: 'string' } } });
  const started = performance.now();
  await ensureInstalled();
  await step('Building', () => node(['esbuild.mjs']));
  const model = await getModel(values.model);

  const { packageVsix } = await import('./package.mjs');
  const cuda = await hasNvidia();
  const vsix = await step(`Packaging for this machine${cuda ? ', CUDA included' : ''}`, () =>
    packageVsix({ cuda }),
  );

  const { findProfile, installInto } = await import('./profile.mjs');
  const profile = await findProfile();
  const extension = await step('Installing the package into an editor profile of its own', async () => {
    const folder = await installInto(profile, vsix, model.path);
    console.log(`  ${path.relative(root, folder)}`);
    return folder;
  });
  await step('Self-check: the installed engine loads the model and answers', async () => {
    if (model.warning !== undefined) console.log(`  ${model.warning}`);
    const script = await bundle('scripts/selfCheck.ts');
    await node([script, path.join(extension, 'dist/engine.mjs'), model.path]);
  });
  console.log(`\nReady after ${seconds(performance.now() - started)}.`);
  if (values.check !== true) await openEditor(profile);
}

/** The file that is named, else the starter, else a model of the tests. */
async function getModel(file) {
  if (file !== undefined) {
    const model = path.resolve(process.env['INIT_CWD'] ?? '.', file);
    const info = await stat(model).catch(() => undefined);
    if (info?.isFile() !== true) throw new Error(`There is no model file at ${model}.`);
    return { path: model };
  }
  const { ensureStarter } = await import('./starter.mjs');
  const starter = await step('Getting the starter model (98 MB, once)', ensureStarter);
  if ('path' in starter) return starter;
  console.log(`  ${starter.reason}`);
  return step('Writing the scripted model of the tests in its place', async () => {
    const { writeScriptedModel } = await import(await bundle('test/support/scriptedModel.ts'));
    const target = path.join(cache, 'models/scripted.gguf');
    await writeScriptedModel(target, { name: 'Scripted test model' });
    return {
      path: target,
      warning:
        'SCRIPTED MODEL: it knows one answer by heart and writes no code of its own. It shows that the engine works; ' +
        'run `npm start` again with a network connection, or `npm start -- --model FILE` with a GGUF file of yours.',
    };
  });
}

/** Bundles a module of the project's TypeScript so that this Node can run it. */
async function bundle(entry) {
  const { build } = await import('esbuild');
  const outfile = path.join(cache, 'scripts', `${path.basename(entry, '.ts')}.mjs`);
  await build({
    entryPoints: [path.join(root, entry)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
  });
  return outfile;
}

async function hasNvidia() {
  const result = await run('nvidia-smi', ['-L'], { capture: true, timeoutMs: 10_000 }).catch(() => undefined);
  return result?.code === 0 && /^GPU \d/m.test(result.output);
}

async function openEditor(profile) {
  const sample = path.join(cache, 'sample');
  await mkdir(cache, { recursive: true });
  await cp(path.join(root, 'scripts/sample'), sample, { recursive: true, force: false });
  if (profile.editor === 'desktop') {
    const { desktopArguments } = await import('./profile.mjs');
    await step('Opening VS Code', () =>
      mustRun('code', [...desktopArguments(profile), '--new-window', sample]),
    );
    return;
  }
  if (profile.editor === 'none') {
    console.log('No editor to open: put VS Code’s `code` on PATH and run `npm start` again.');
    return;
  }
  const { startServer } = await import('./vscodeServer.mjs');
  const server = await step('Starting the VS Code server', () =>
    startServer({ profile: profile.folder, token: randomBytes(16).toString('hex') }),
  );
  console.log(`\nOpen this address in a browser:\n\n  ${server.url(sample)}\n\nCtrl+C stops the server.`);
  await Promise.race([server.exited, ...['SIGINT', 'SIGTERM'].map((signal) => once(signal))]);
  await server.stop();
}

function once(signal) {
  return new Promise((resolve) => process.once(signal, () => resolve()));
}

await main().catch((error) => {
  console.error(`\n${error.message}`);
  process.exitCode = 1;
});
