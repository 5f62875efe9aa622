import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { QuantizeError } from './quantizeError';

/** llama.cpp's shared libraries, in the order in which they are to be loaded. Absolute paths. */
export interface LibraryFiles {
  ggmlBase: string;
  ggml: string;
  llama: string;
}

/** The package of node-llama-cpp's whose build runs on any machine of a platform. */
const packages: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'linux-arm': 'linux-armv7l',
  'darwin-arm64': 'mac-arm64-metal',
  'darwin-x64': 'mac-x64',
  'win32-x64': 'win-x64',
  'win32-arm64': 'win-arm64',
};

/** Finds them beside this program. @throws QuantizeError `noLibrary` */
export async function findLibraryFiles(platform: string, arch: string): Promise<LibraryFiles> {
  const target = packages[`${platform}-${arch}`];
  if (target === undefined) throw missing(`there is no build of llama.cpp for ${platform}-${arch}`);
  const folder = join(await binaries(`@node-llama-cpp/${target}`), target);
  const names = await readdir(folder).catch((error: unknown) => {
    throw missing(String(error));
  });
  // The release stands in some of the names: libllama.v0.5.0.so.
  const find = (library: string) => {
    const pattern = new RegExp(`^(lib)?${library}(\\.[\\w.]+)?\\.(so|dylib|dll)$`);
    const name = names.find((each) => pattern.test(each));
    if (name === undefined) throw missing(`${folder} holds no library "${library}"`);
    return join(folder, name);
  };
  return { ggmlBase: find('ggml-base'), ggml: find('ggml'), llama: find('llama') };
}

async function binaries(name: string): Promise<string> {
  try {
    const found = (await import(name)) as { getBinsDir(): { binsDir: string } };
    return found.getBinsDir().binsDir;
  } catch (error) {
    throw missing(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function missing(detail: string): QuantizeError {
  return new QuantizeError('noLibrary', detail);
}
