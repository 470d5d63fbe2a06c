/** `struct pcap_sf_pkthdr`: seconds, microseconds, captured length, wire length; 32 bits each. */
export const RECORD_HEADER_LENGTH = 16;
