import type { Backend } from '../protocol/engine';

/** What a plan is made for: this machine, or one that is asked about. */
export interface Machine {
  backend: Backend;
  gpu: MachineGpu | undefined;
  ram: { totalBytes: number; availableBytes: number };
  physicalCores: number;
  rates: MachineRates;
  /** VRAM that the driver takes beside llama.cpp's buffers, bytes. */
  residual: { bytes: number; source: 'assumed' | 'learned' };
}

/** Bytes. */
export interface MachineGpu {
  name: string;
  totalBytes: number;
  freeBytes: number;
  /** What one tensor may have there; absent: any size. */
  largestTensorBytes?: number | undefined;
}

/** Effective rates: what llama.cpp reaches, not what a data sheet says. */
export interface MachineRates {
  source: 'assumed' | 'measured';
  /** Weights read from RAM while decoding, bytes/s. */
  ramBytesPerSecond: number;
  /** Weights read from VRAM while decoding, bytes/s; 0 without a GPU. */
  vramBytesPerSecond: number;
  /** Weights copied to the GPU for a batch, bytes/s; 0 without a GPU. */
  copyBytesPerSecond: number;
  /** Weights read from the disk that pages them in, bytes/s. */
  diskBytesPerSecond: number;
  /** Multiply-adds of a batch, one per parameter and token, /s. */
  cpuMultiplyAddsPerSecond: number;
  /** The same on the GPU; 0 without one. */
  gpuMultiplyAddsPerSecond: number;
  /** Tokens of a batch from which the CPU's weights are copied to the GPU (llama.cpp's GGML_OP_OFFLOAD_MIN_BATCH). */
  offloadMinBatch: number;
}
