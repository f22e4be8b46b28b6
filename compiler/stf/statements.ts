import type { SourcePosition } from '../../base/errors.ts';

/** One line of a packet test. STF is the format of the P4 compiler's own tests (p4lang/p4c, tools/stf/stf_parser.py). */
export type StfStatement =
  | StfAdd
  | StfSetDefault
  | StfRemove
  | StfMember
  | StfGroup
  | StfMirror
  | StfMulticast
  | StfMeterRates
  | StfRegisterWrite
  | StfPacket
  | StfExpect
  | StfNoPacket
  | StfWait
  | StfCheck;

/** What changes the rules; the others go through the program, or look at what it did. */
export type StfRuleStatement =
  | StfAdd
  | StfSetDefault
  | StfRemove
  | StfMember
  | StfGroup
  | StfMirror
  | StfMulticast
  | StfMeterRates;

interface Placed {
  readonly position: SourcePosition;
}

export interface StfName extends Placed {
  readonly text: string;
}

/** A value of a key; more than one of mask, prefix and high never stands together. */
export interface StfKeyValue extends Placed {
  readonly value: bigint;
  /** `a&&&b`: the mask. */
  readonly mask: bigint | undefined;
  /** `0x1**0`: ones where digits are unknown; the digits that are not written are zeros. */
  readonly unknown: bigint;
  /** `a/n` */
  readonly prefixBits: number | undefined;
  /** `a->b` */
  readonly high: bigint | undefined;
}

export interface StfKey {
  readonly name: StfName;
  readonly value: StfKeyValue;
}

export interface StfAction {
  readonly name: StfName;
  /** `parameter:value`, or values in the order of the parameters. */
  readonly arguments: readonly {
    readonly name: StfName | undefined;
    readonly value: bigint;
    readonly at: SourcePosition;
  }[];
}

/** What an entry does: an action, or a member or group of its table's action profile. */
export type StfTarget =
  | ({ readonly kind: 'action' } & StfAction)
  | { readonly kind: 'member' | 'group'; readonly name: StfName };

/** `add TABLE [priority] key:value ... action(args) [= $handle]` */
export interface StfAdd extends Placed {
  readonly kind: 'add';
  readonly table: StfName;
  readonly priority: number | undefined;
  readonly keys: readonly StfKey[];
  readonly target: StfTarget;
  readonly handle: string | undefined;
}

/** `setdefault TABLE action(args)` */
export interface StfSetDefault extends Placed {
  readonly kind: 'setdefault';
  readonly table: StfName;
  readonly action: StfAction;
}

/** `remove all`, `remove $handle`, `remove TABLE` */
export interface StfRemove extends Placed {
  readonly kind: 'remove';
  readonly what: StfName;
}

/** `member PROFILE NAME action(args)` */
export interface StfMember extends Placed {
  readonly kind: 'member';
  readonly profile: StfName;
  readonly name: StfName;
  readonly action: StfAction;
}

/** `group PROFILE NAME member...` */
export interface StfGroup extends Placed {
  readonly kind: 'group';
  readonly profile: StfName;
  readonly name: StfName;
  readonly members: readonly StfName[];
}

/** `mirroring_add SESSION PORT`, `mirroring_delete SESSION` */
export interface StfMirror extends Placed {
  readonly kind: 'mirror';
  readonly session: number;
  readonly port: number | undefined;
}

/** `mc_mgrp_create GROUP`, `mc_node_create RID PORT...`, `mc_node_associate GROUP NODE` (nodes count from 0) */
export interface StfMulticast extends Placed {
  readonly kind: 'multicast';
  readonly what: 'group' | 'node' | 'associate';
  readonly numbers: readonly number[];
}

/** `meter_set_rates METER(index) RATE:BURST RATE:BURST`, per second */
export interface StfMeterRates extends Placed {
  readonly kind: 'meter-rates';
  readonly meter: StfName;
  readonly index: StfIndex;
  readonly rates: readonly { readonly rate: number; readonly burst: number }[];
}

/** A number, or the handle of an entry. */
export type StfIndex =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'handle'; readonly name: StfName };

/** `register_write REGISTER(index) VALUE` */
export interface StfRegisterWrite extends Placed {
  readonly kind: 'register-write';
  readonly register: StfName;
  readonly index: number;
  readonly value: bigint;
}

/** `packet PORT OCTETS` */
export interface StfPacket extends Placed {
  readonly kind: 'packet';
  readonly port: number;
  readonly octets: Uint8Array;
}

/** `expect PORT [NIBBLES [$]]` */
export interface StfExpect extends Placed {
  readonly kind: 'expect';
  readonly port: number;
  /** Hexadecimal digits in lower case and `*`; absent: anything. */
  readonly nibbles: string | undefined;
  /** Nothing may follow. */
  readonly exact: boolean;
}

/** The packets before it, back to the last of these or of `expect`, left nothing. */
export interface StfNoPacket extends Placed {
  readonly kind: 'no-packet';
}

/** `wait [MICROSECONDS]` */
export interface StfWait extends Placed {
  readonly kind: 'wait';
  readonly microseconds: number;
}

export type StfComparison = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** `check_counter NAME(index) [packets|bytes] == N`, `check_register NAME(index) == N` */
export interface StfCheck extends Placed {
  readonly kind: 'check';
  readonly what: 'counter' | 'register';
  readonly name: StfName;
  readonly index: StfIndex;
  readonly unit: 'packets' | 'bytes' | undefined;
  readonly comparison: StfComparison;
  readonly value: bigint;
}

/** How far a test has come: the rules that count are those of its first `done` statements. */
export interface StfProgress {
  readonly statements: readonly StfStatement[];
  readonly done: number;
}
