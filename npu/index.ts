/**
 * The NPU for other programs: `import { runProgram } from 'lambda-nic-testbed/npu'`. `docs/npu-run.md` is its manual.
 *
 * Text becomes instructions (`assemble`), instructions a file for machine NFP (`encodeProgram`, `writeFirmwareElf`) and
 * back; `runProgram` runs them on some cores of a NIC; `Npu` is the whole NIC, for whoever brings the frames.
 */
export { InputError, type SourcePosition } from '../base/errors.ts';
export type { Result, WireError } from '../base/result.ts';
export { type AssembleOptions, type Assembly, assemble } from './assembler/assembler.ts';
export type { AssemblyError } from './assembler/assembly-error.ts';
export { disassemblyLines, instructionText } from './assembler/disassembler.ts';
export { decodeProgram } from './image/decode.ts';
export { readFirmwareElf } from './image/elf-read.ts';
export { writeFirmwareElf } from './image/elf-write.ts';
export { encodeProgram } from './image/encode.ts';
export type {
  FirmwareData,
  FirmwareImage,
  FirmwareLine,
  FirmwareMemory,
  FirmwareRegion,
  FirmwareSymbol,
} from './image/firmware-image.ts';
export type { ContextMode, Instruction } from './isa/instruction.ts';
export type { ChangedOctets } from './memory/changes.ts';
export type { Memory } from './memory/memory.ts';
export type { ContextAccount } from './nic/cycle-account.ts';
export { Npu, type NpuCounters, type NpuEvents, type NpuFault } from './nic/npu.ts';
export type { PacketArrival, PacketReport } from './nic/packet-feed.ts';
export type { MemoryChange, ProgramChanges, RegisterChange } from './nic/program-changes.ts';
export type { ProgramState, UnfinishedContext } from './nic/program-state.ts';
export {
  type ProgramResult,
  type ProgramRun,
  type RunEnd,
  runProgram,
  type SentFrame,
  type TracedStep,
} from './nic/run-program.ts';
export type { ExecutedStep } from './nic/stepping-engine.ts';
export { type NicProfile, parseNicProfile } from './profile.ts';
export { createTranslatingEngine } from './translate/translating-engine.ts';
