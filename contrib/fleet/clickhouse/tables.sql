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
WITH
    -- All fields by one reading of the text; those that a record lacks are empty, or 0.
    JSONExtract(record, 'Tuple(
        `@timestamp` String,
        event Tuple(start String, `end` String, duration UInt64, action String),
        network Tuple(type String, transport String, protocol String, direction String,
            community_id String, bytes UInt64, packets UInt64),
        source Tuple(ip String, port UInt16, mac String, domain String, bytes UInt64, packets UInt64,
            geo Tuple(country_iso_code String, country_name String, region_name String,
                city_name String, location Tuple(lat Float64, lon Float64)),
            `as` Tuple(number UInt32, organization Tuple(name String))),
        destination Tuple(ip String, port UInt16, domain String, bytes UInt64, packets UInt64,
            geo Tuple(country_iso_code String, country_name String, region_name String,
                city_name String, location Tuple(lat Float64, lon Float64)),
            `as` Tuple(number UInt32, organization Tuple(name String))),
        device Tuple(manufacturer String),
        tls Tuple(client Tuple(server_name String)),
        url Tuple(domain String),
        dns Tuple(question Tuple(name String)),
        observer Tuple(name String, ingress Tuple(interface Tuple(name String))),
        wifilogger Tuple(v UInt8, flow_id String, part UInt32, end_reason String,
            name_source String, ptr String, ech Bool, clock String, merged_flows UInt32,
            gap Tuple(reason String, count UInt64)))') AS r
SELECT
    parseDateTime64BestEffort(r.`@timestamp`, 3, 'UTC') AS timestamp,
    parseDateTime64BestEffort(r.event.start, 6, 'UTC') AS event_start,
    parseDateTime64BestEffort(r.event.`end`, 6, 'UTC') AS event_end,
    r.event.duration AS event_duration,
    r.event.action AS event_action,
    r.network.type AS network_type,
    r.network.transport AS network_transport,
    r.network.protocol AS network_protocol,
    r.network.direction AS network_direction,
    r.network.community_id AS network_community_id,
    r.network.bytes AS network_bytes,
    r.network.packets AS network_packets,
    r.source.ip AS source_ip,
    r.source.port AS source_port,
    r.source.mac AS source_mac,
    r.source.domain AS source_domain,
    r.source.bytes AS source_bytes,
    r.source.packets AS source_packets,
    r.source.geo.country_iso_code AS source_geo_country_iso_code,
    r.source.geo.country_name AS source_geo_country_name,
    r.source.geo.region_name AS source_geo_region_name,
    r.source.geo.city_name AS source_geo_city_name,
    r.source.geo.location.lat AS source_geo_location_lat,
    r.source.geo.location.lon AS source_geo_location_lon,
    r.source.`as`.number AS source_as_number,
    r.source.`as`.organization.name AS source_as_organization_name,
    r.destination.ip AS destination_ip,
    r.destination.port AS destination_port,
    r.destination.domain AS destination_domain,
    r.destination.bytes AS destination_bytes,
    r.destination.packets AS destination_packets,
    r.destination.geo.country_iso_code AS destination_geo_country_iso_code,
    r.destination.geo.country_name AS destination_geo_country_name,
    r.destination.geo.region_name AS destination_geo_region_name,
    r.destination.geo.city_name AS destination_geo_city_name,
    r.destination.geo.location.lat AS destination_geo_location_lat,
    r.destination.geo.location.lon AS destination_geo_location_lon,
    r.destination.`as`.number AS destination_as_number,
    r.destination.`as`.organization.name AS destination_as_organization_name,
    r.device.manufacturer AS device_manufacturer,
    r.tls.client.server_name AS tls_client_server_name,
    r.url.domain AS url_domain,
    r.dns.question.name AS dns_question_name,
    r.observer.name AS observer_name,
    r.observer.ingress.interface.name AS observer_ingress_interface_name,
    r.wifilogger.v AS wifilogger_v,
    r.wifilogger.flow_id AS wifilogger_flow_id,
    r.wifilogger.part AS wifilogger_part,
    r.wifilogger.end_reason AS wifilogger_end_reason,
    r.wifilogger.name_source AS wifilogger_name_source,
    r.wifilogger.ptr AS wifilogger_ptr,
    r.wifilogger.ech AS wifilogger_ech,
    r.wifilogger.clock AS wifilogger_clock,
    r.wifilogger.merged_flows AS wifilogger_merged_flows,
    r.wifilogger.gap.reason AS wifilogger_gap_reason,
    r.wifilogger.gap.count AS wifilogger_gap_count
FROM wifilogger.arriving;
