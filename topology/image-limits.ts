import type { Host } from './types.ts';

/** A message in NIC memory starts with the lambda header and 12 octets of zero (docs/traffic-gen.md). */
export const MESSAGE_HEAD_OCTETS = 32;
/** Before the pixels: width and height, 2 octets each. */
export const IMAGE_HEAD_OCTETS = 4;
export const RGBA_OCTETS = 4;

/**
 * Why an image does not fit the RDMA slots of every worker, in words, or undefined when it fits. Asked for the image of
 * a topology file and for the one that a user names on the command line, both before the run.
 * @param width in pixels; @param height in pixels
 */
export function imageFault(width: number, height: number, hosts: readonly Host[]): string | undefined {
  if (
    !Number.isInteger(width) ||
    !Number.isInteger(height) ||
    width < 1 ||
    height < 1 ||
    width > 65_535 ||
    height > 65_535
  ) {
    return `image of ${width} x ${height}: expected 1 to 65,535 pixels a side`;
  }
  const inputOctets = MESSAGE_HEAD_OCTETS + IMAGE_HEAD_OCTETS + width * height * RGBA_OCTETS;
  const outputOctets = MESSAGE_HEAD_OCTETS + width * height;
  for (const host of hosts) {
    if (host.role !== 'worker') continue;
    const { rdmaOutputOffset, rdmaSlotOctets } = host.nic.memoryPlan;
    const outputRoom = rdmaSlotOctets - rdmaOutputOffset;
    if (inputOctets > rdmaOutputOffset || outputOctets > outputRoom) {
      return (
        `image of ${width} x ${height}: takes ${inputOctets} octets in and ${outputOctets} out, expected at most ` +
        `${rdmaOutputOffset} in and ${outputRoom} out, the RDMA slot of ${host.name} (${host.nic.name})`
      );
    }
  }
  return undefined;
}
