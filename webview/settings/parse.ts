/** The edge of the page: turns whatever arrives into a `SettingsEvent`; an unknown message becomes undefined. */
import type { HardwareView, ModelFileView, SettingsEvent } from '../../src/protocol/webview';
import { list, numberOr, optionalNumber, optionalText, record, textOr } from '../loose';
import { parseEngineView } from '../parseEngine';
import { parseForm } from './parseForm';
import { parsePlan, parseQuantAdvice } from './parsePlan';

export function parseSettingsEvent(data: unknown): SettingsEvent | undefined {
  const event = record(data);
  switch (event['kind']) {
    case 'snapshot':
      return {
        kind: 'snapshot',
        engine: parseEngineView(event['engine']),
        saved: parseForm(event['saved']),
        file: parseFile(event['file']),
        fileProblem: optionalText(event['fileProblem']),
        quants: list(event['quants'], parseFile),
        hardware: parseHardware(event['hardware']),
        perModel: event['perModel'] === true,
        applying: parseApplying(event['applying']),
        calibrating: parseProgress(event['calibrating']),
        applyProblem: optionalText(event['applyProblem']),
      };
    case 'inspected':
      if (typeof event['path'] !== 'string') return undefined;
      return {
        kind: 'inspected',
        path: event['path'],
        file: parseFile(event['file']),
        problem: optionalText(event['problem']),
        quants: list(event['quants'], parseFile),
      };
    case 'planned':
      if (typeof event['modelPath'] !== 'string') return undefined;
      return {
        kind: 'planned',
        modelPath: event['modelPath'],
        plan: parsePlan(event['plan']),
        quants: parseQuantAdvice(event['quants']),
        checking: event['checking'] === true,
      };
    default:
      return undefined;
  }
}

function parseApplying(data: unknown): { fraction: number; measuring: boolean } | undefined {
  const progress = parseProgress(data);
  return progress && { ...progress, measuring: record(data)['measuring'] === true };
}

function parseProgress(data: unknown): { fraction: number } | undefined {
  return data ? { fraction: numberOr(record(data)['fraction'], 0) } : undefined;
}

function parseFile(data: unknown): ModelFileView | undefined {
  const file = record(data);
  if (typeof file['path'] !== 'string') return undefined;
  return {
    path: file['path'],
    name: textOr(file['name'], file['path']),
    quant: textOr(file['quant']),
    sizeBytes: numberOr(file['sizeBytes'], 0),
    totalLayers: numberOr(file['totalLayers'], 1),
    trainContextSize: numberOr(file['trainContextSize'], 0),
    architecture: textOr(file['architecture']),
  };
}

function parseHardware(data: unknown): HardwareView {
  const hardware = record(data);
  return {
    gpus: list(hardware['gpus'], (entry) => {
      const gpu = record(entry);
      return {
        name: textOr(gpu['name']),
        totalBytes: numberOr(gpu['totalBytes'], 0),
        usedBytes: optionalNumber(gpu['usedBytes']),
        source: textOr(gpu['source']),
      };
    }),
    ramTotalBytes: numberOr(hardware['ramTotalBytes'], 0),
    ramAvailableBytes: numberOr(hardware['ramAvailableBytes'], 0),
    physicalCores: optionalNumber(hardware['physicalCores']),
  };
}
