/** The rings of a NIC. */
export class NicRings {}
