import type { NodeContext } from '../time/node.ts';

/** What the stack needs of its node. */
export type StackContext = Pick<NodeContext, 'nowPs' | 'at' | 'cancel' | 'send' | 'record'>;

/** An interface; its index in the host's list is the node's port. Addresses as in packet/addresses.ts. */
export interface HostInterface {
  readonly mac: number;
  readonly address: number;
  readonly prefixLength: number;
}
