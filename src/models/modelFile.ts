import { EngineError } from '../errors';
import { GgufError } from '../gguf/ggufError';
import { Metadata } from '../gguf/metadata';
import type { GgufHeader } from '../gguf/model';
import { readGgufHeader } from '../gguf/readHeader';
import type { ModelFileView } from '../protocol/webview';
import { baseName } from './baseName';

/** What a file's header says of the model in it. */
export interface ModelFile extends ModelFileView {
  /** The same for all quant levels of one model; undefined where the header does not say which model it is. */
  identity: string | undefined;
}

/**
 * Reads and checks the header of a GGUF file.
 * @throws EngineError with the header's reason
 */
export async function inspectModelFile(path: string): Promise<ModelFile> {
  try {
    return describeModelFile(path, await readGgufHeader(path));
  } catch (error) {
    if (GgufError.is(error)) throw new EngineError({ reason: error.reason, detail: error.detail });
    throw error;
  }
}

export function describeModelFile(path: string, header: GgufHeader): ModelFile {
  return {
    path,
    name: header.name ?? baseName(path),
    quant: header.quant,
    sizeBytes: header.fileSize,
    totalLayers: header.totalLayers,
    trainContextSize: header.trainContext,
    architecture: header.architecture,
    identity: identityOf(header),
  };
}

/** What pages show of a file. */
export function viewOf(file: ModelFile): ModelFileView {
  const { path, name, quant, sizeBytes, totalLayers, trainContextSize, architecture } = file;
  return { path, name, quant, sizeBytes, totalLayers, trainContextSize, architecture };
}

/** `general.basename` with size and finetune where a converter wrote them, else the name. */
function identityOf(header: GgufHeader): string | undefined {
  const metadata = new Metadata(header.metadata);
  const parts = ['basename', 'size_label', 'finetune', 'version'].map((key) =>
    metadata.text(`general.${key}`),
  );
  if (parts[0] !== undefined && parts[1] !== undefined) return parts.map((part) => part ?? '').join('/');
  return header.name;
}
