-- The records of all sites. One row a record; a column a field, named as `columns=flat` names it.
--
-- Records come at least once. (observer_name, wifilogger_flow_id, wifilogger_part) tells one from all
-- others, and is the sorting key, so that merges leave the last copy, and FINAL shows no other one at any
-- time, whatever the merges have got to. A flow's id begins with its start, so a site's rows lie in the
-- order of time. A partition is a day: a site's day is one stretch of the disk, and an old day is dropped
-- as files.
--
-- On more machines than one: ReplicatedReplacingMergeTree, and a Distributed table above with
-- cityHash64(observer_name) as its sharding key, so that copies of a record meet.

CREATE DATABASE IF NOT EXISTS wifilogger;

CREATE TABLE IF NOT EXISTS wifilogger.flows
(
    timestamp DateTime64(3, 'UTC') CODEC(Delta, ZSTD),
    event_start DateTime64(6, 'UTC') CODEC(Delta, ZSTD),
    event_end DateTime64(6, 'UTC') CODEC(Delta, ZSTD),
    event_duration UInt64 CODEC(T64, ZSTD),
    event_action LowCardinality(String),
    network_type LowCardinality(String),
    network_transport LowCardinality(String),
    network_protocol LowCardinality(String),
    network_direction LowCardinality(String),
    network_community_id String CODEC(ZSTD),
    network_bytes UInt64 CODEC(T64, ZSTD),
    network_packets UInt64 CODEC(T64, ZSTD),
    source_ip String CODEC(ZSTD),
    source_port UInt16,
    source_mac LowCardinality(String),
    source_domain LowCardinality(String),
    source_bytes UInt64 CODEC(T64, ZSTD),
    source_packets UInt64 CODEC(T64, ZSTD),
    source_geo_country_iso_code LowCardinality(String),
    source_geo_country_name LowCardinality(String),
    source_geo_region_name LowCardinality(String),
    source_geo_city_name LowCardinality(String),
    source_geo_location_lat Float64 CODEC(ZSTD),
    source_geo_location_lon Float64 CODEC(ZSTD),
    source_as_number UInt32 CODEC(ZSTD),
    source_as_organization_name LowCardinality(String),
    destination_ip String CODEC(ZSTD),
    destination_port UInt16,
    destination_domain String CODEC(ZSTD),
    destination_bytes UInt64 CODEC(T64, ZSTD),
    destination_packets UInt64 CODEC(T64, ZSTD),
    destination_geo_country_iso_code LowCardinality(String),
    destination_geo_country_name LowCardinality(String),
    destination_geo_region_name LowCardinality(String),
    destination_geo_city_name LowCardinality(String),
    destination_geo_location_lat Float64 CODEC(ZSTD),
    destination_geo_location_lon Float64 CODEC(ZSTD),
    destination_as_number UInt32 CODEC(ZSTD),
    destination_as_organization_name LowCardinality(String),
    device_manufacturer LowCardinality(String),
    tls_client_server_name String CODEC(ZSTD),
    url_domain String CODEC(ZSTD),
    dns_question_name String CODEC(ZSTD),
    observer_name LowCardinality(String),
    observer_ingress_interface_name LowCardinality(String),
    wifilogger_v UInt8,
    wifilogger_flow_id String CODEC(ZSTD),
    wifilogger_part UInt32 CODEC(T64, ZSTD),
    wifilogger_end_reason LowCardinality(String),
    wifilogger_name_source LowCardinality(String),
    wifilogger_ptr String CODEC(ZSTD),
    wifilogger_ech UInt8,
    wifilogger_clock LowCardinality(String),
    wifilogger_merged_flows UInt32,
    wifilogger_gap_reason LowCardinality(String),
    wifilogger_gap_count UInt64,
    received_at DateTime DEFAULT now() CODEC(Delta, ZSTD),
    INDEX received received_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(received_at)
PARTITION BY toDate(timestamp)
ORDER BY (observer_name, wifilogger_flow_id, wifilogger_part)
TTL toDate(timestamp) + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1;

-- Where records arrive as they are in the log: a text of JSON each. Nothing stays here.
CREATE TABLE IF NOT EXISTS wifilogger.arriving (record String) ENGINE = Null;

CREATE MATERIALIZED VIEW IF NOT EXISTS wifilogger.arriving_to_flows TO wifilogger.flows AS
SELECT
    parseDateTime64BestEffort(JSONExtractString(record, '@timestamp'), 3, 'UTC') AS timestamp,
    parseDateTime64BestEffort(JSONExtractString(record, 'event', 'start'), 6, 'UTC') AS event_start,
    parseDateTime64BestEffort(JSONExtractString(record, 'event', 'end'), 6, 'UTC') AS event_end,
    JSONExtractUInt(record, 'event', 'duration') AS event_duration,
    JSONExtractString(record, 'event', 'action') AS event_action,
    JSONExtractString(record, 'network', 'type') AS network_type,
    JSONExtractString(record, 'network', 'transport') AS network_transport,
    JSONExtractString(record, 'network', 'protocol') AS network_protocol,
    JSONExtractString(record, 'network', 'direction') AS network_direction,
    JSONExtractString(record, 'network', 'community_id') AS network_community_id,
    JSONExtractUInt(record, 'network', 'bytes') AS network_bytes,
    JSONExtractUInt(record, 'network', 'packets') AS network_packets,
    JSONExtractString(record, 'source', 'ip') AS source_ip,
    JSONExtractUInt(record, 'source', 'port') AS source_port,
    JSONExtractString(record, 'source', 'mac') AS source_mac,
    JSONExtractString(record, 'source', 'domain') AS source_domain,
    JSONExtractUInt(record, 'source', 'bytes') AS source_bytes,
    JSONExtractUInt(record, 'source', 'packets') AS source_packets,
    JSONExtractString(record, 'source', 'geo', 'country_iso_code') AS source_geo_country_iso_code,
    JSONExtractString(record, 'source', 'geo', 'country_name') AS source_geo_country_name,
    JSONExtractString(record, 'source', 'geo', 'region_name') AS source_geo_region_name,
    JSONExtractString(record, 'source', 'geo', 'city_name') AS source_geo_city_name,
    JSONExtractFloat(record, 'source', 'geo', 'location', 'lat') AS source_geo_location_lat,
    JSONExtractFloat(record, 'source', 'geo', 'location', 'lon') AS source_geo_location_lon,
    JSONExtractUInt(record, 'source', 'as', 'number') AS source_as_number,
    JSONExtractString(record, 'source', 'as', 'organization', 'name') AS source_as_organization_name,
    JSONExtractString(record, 'destination', 'ip') AS destination_ip,
    JSONExtractUInt(record, 'destination', 'port') AS destination_port,
    JSONExtractString(record, 'destination', 'domain') AS destination_domain,
    JSONExtractUInt(record, 'destination', 'bytes') AS destination_bytes,
    JSONExtractUInt(record, 'destination', 'packets') AS destination_packets,
    JSONExtractString(record, 'destination', 'geo', 'country_iso_code')
        AS destination_geo_country_iso_code,
    JSONExtractString(record, 'destination', 'geo', 'country_name') AS destination_geo_country_name,
    JSONExtractString(record, 'destination', 'geo', 'region_name') AS destination_geo_region_name,
    JSONExtractString(record, 'destination', 'geo', 'city_name') AS destination_geo_city_name,
    JSONExtractFloat(record, 'destination', 'geo', 'location', 'lat') AS destination_geo_location_lat,
    JSONExtractFloat(record, 'destination', 'geo', 'location', 'lon') AS destination_geo_location_lon,
    JSONExtractUInt(record, 'destination', 'as', 'number') AS destination_as_number,
    JSONExtractString(record, 'destination', 'as', 'organization', 'name')
        AS destination_as_organization_name,
    JSONExtractString(record, 'device', 'manufacturer') AS device_manufacturer,
    JSONExtractString(record, 'tls', 'client', 'server_name') AS tls_client_server_name,
    JSONExtractString(record, 'url', 'domain') AS url_domain,
    JSONExtractString(record, 'dns', 'question', 'name') AS dns_question_name,
    JSONExtractString(record, 'observer', 'name') AS observer_name,
    JSONExtractString(record, 'observer', 'ingress', 'interface', 'name')
        AS observer_ingress_interface_name,
    JSONExtractUInt(record, 'wifilogger', 'v') AS wifilogger_v,
    JSONExtractString(record, 'wifilogger', 'flow_id') AS wifilogger_flow_id,
    JSONExtractUInt(record, 'wifilogger', 'part') AS wifilogger_part,
    JSONExtractString(record, 'wifilogger', 'end_reason') AS wifilogger_end_reason,
    JSONExtractString(record, 'wifilogger', 'name_source') AS wifilogger_name_source,
    JSONExtractString(record, 'wifilogger', 'ptr') AS wifilogger_ptr,
    JSONExtractBool(record, 'wifilogger', 'ech') AS wifilogger_ech,
    JSONExtractString(record, 'wifilogger', 'clock') AS wifilogger_clock,
    JSONExtractUInt(record, 'wifilogger', 'merged_flows') AS wifilogger_merged_flows,
    JSONExtractString(record, 'wifilogger', 'gap', 'reason') AS wifilogger_gap_reason,
    JSONExtractUInt(record, 'wifilogger', 'gap', 'count') AS wifilogger_gap_count
FROM wifilogger.arriving;
