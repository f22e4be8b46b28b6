import { vi } from 'vitest';
import type { CoreEngine, ExecutionWorld } from '../npu/execution/engine.ts';

/*
 * Set up before the NPU's tests in their second round: what they run by the interpreter runs translated, from its first
 * instruction on, and the other way round.
 */
const original = vi.hoisted(() => ({
  interpretCore: undefined as CoreEngine | undefined,
  createTranslatingEngine: undefined as ((worthwhileVisits: number) => CoreEngine) | undefined,
}));

vi.mock('../npu/execution/interpreter.ts', async (importOriginal) => {
  const module = await importOriginal<{ interpretCore: CoreEngine }>();
  original.interpretCore = module.interpretCore;
  const engines = new WeakMap<ExecutionWorld, CoreEngine>();
  const interpretCore: CoreEngine = (world, core, until, sharedUntil) => {
    const engine = engines.get(world) ?? original.createTranslatingEngine!(1);
    engines.set(world, engine);
    engine(world, core, until, sharedUntil);
  };
  return { ...module, interpretCore };
});

vi.mock('../npu/translate/translating-engine.ts', async (importOriginal) => {
  const module = await importOriginal<{ createTranslatingEngine: (worthwhileVisits: number) => CoreEngine }>();
  original.createTranslatingEngine = module.createTranslatingEngine;
  return { ...module, createTranslatingEngine: () => original.interpretCore };
});
