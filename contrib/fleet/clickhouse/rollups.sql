-- Sums that reports ask for again and again. A materialized view that adds what is inserted would add a
-- record that comes twice twice. So each refresh takes the sites' days in which anything arrived since the
-- last one, sums their records anew with FINAL, and appends; ReplacingMergeTree keeps what was appended last.
-- What arrives twice, or a week late, changes nothing or just its own day. Ask them with FINAL.
--
-- The refresh knows from the roll-up itself how far the last one came, so that one that failed, or a server
-- that was off, leaves no hole. Ten minutes more are taken for inserts that were under way.

-- How much, by site, hour and device: the device is the local end, by its MAC address where that was seen.
CREATE TABLE IF NOT EXISTS wifilogger.site_hours
(
    hour DateTime('UTC') CODEC(Delta, ZSTD),
    site LowCardinality(String),
    device String CODEC(ZSTD),
    device_name SimpleAggregateFunction(max, String),
    up_bytes UInt64 CODEC(T64, ZSTD),
    down_bytes UInt64 CODEC(T64, ZSTD),
    packets UInt64 CODEC(T64, ZSTD),
    flows UInt64 CODEC(T64, ZSTD),
    summed_at DateTime CODEC(Delta, ZSTD)
)
ENGINE = ReplacingMergeTree(summed_at)
PARTITION BY toYYYYMM(hour)
ORDER BY (site, hour, device)
TTL toDate(hour) + INTERVAL 2 YEAR;

CREATE MATERIALIZED VIEW IF NOT EXISTS wifilogger.sum_site_hours
REFRESH EVERY 1 HOUR APPEND TO wifilogger.site_hours AS
WITH
    (SELECT toDateTime(greatest(600, toUnixTimestamp(max(summed_at))) - 600) FROM wifilogger.site_hours) AS since,
    network_direction = 'inbound' AS is_inbound
SELECT
    toStartOfHour(toDateTime(timestamp, 'UTC')) AS hour,
    observer_name AS site,
    multiIf(is_inbound, destination_ip, source_mac != '', source_mac, source_ip) AS device,
    max(if(is_inbound, '', source_domain)) AS device_name,
    sum(if(is_inbound, destination_bytes, source_bytes)) AS up_bytes,
    sum(if(is_inbound, source_bytes, destination_bytes)) AS down_bytes,
    sum(network_packets) AS packets,
    sum(if(wifilogger_merged_flows > 0, wifilogger_merged_flows, wifilogger_part = 0)) AS flows,
    now() AS summed_at
FROM wifilogger.flows FINAL
WHERE event_action != 'gap'
    AND toDate(timestamp) IN (SELECT DISTINCT toDate(timestamp) FROM wifilogger.flows WHERE received_at >= since)
    AND (observer_name, toDate(timestamp)) IN
        (SELECT DISTINCT observer_name, toDate(timestamp) FROM wifilogger.flows WHERE received_at >= since)
GROUP BY hour, site, device;

-- How much, by site, day and what was reached: its name, its country and the owner of its network.
CREATE TABLE IF NOT EXISTS wifilogger.name_days
(
    day Date CODEC(Delta, ZSTD),
    site LowCardinality(String),
    name String CODEC(ZSTD),
    country LowCardinality(String),
    owner LowCardinality(String),
    up_bytes UInt64 CODEC(T64, ZSTD),
    down_bytes UInt64 CODEC(T64, ZSTD),
    packets UInt64 CODEC(T64, ZSTD),
    flows UInt64 CODEC(T64, ZSTD),
    first_seen DateTime64(3, 'UTC') CODEC(Delta, ZSTD),
    summed_at DateTime CODEC(Delta, ZSTD)
)
ENGINE = ReplacingMergeTree(summed_at)
PARTITION BY toYYYYMM(day)
ORDER BY (site, day, name, country, owner)
TTL day + INTERVAL 2 YEAR;

CREATE MATERIALIZED VIEW IF NOT EXISTS wifilogger.sum_name_days
REFRESH EVERY 1 HOUR APPEND TO wifilogger.name_days AS
WITH
    (SELECT toDateTime(greatest(600, toUnixTimestamp(max(summed_at))) - 600) FROM wifilogger.name_days) AS since,
    network_direction = 'inbound' AS is_inbound
SELECT
    toDate(timestamp) AS day,
    observer_name AS site,
    destination_domain AS name,
    if(is_inbound, source_geo_country_iso_code, destination_geo_country_iso_code) AS country,
    if(is_inbound, source_as_organization_name, destination_as_organization_name) AS owner,
    sum(if(is_inbound, destination_bytes, source_bytes)) AS up_bytes,
    sum(if(is_inbound, source_bytes, destination_bytes)) AS down_bytes,
    sum(network_packets) AS packets,
    sum(if(wifilogger_merged_flows > 0, wifilogger_merged_flows, wifilogger_part = 0)) AS flows,
    min(timestamp) AS first_seen,
    now() AS summed_at
FROM wifilogger.flows FINAL
WHERE event_action != 'gap'
    AND toDate(timestamp) IN (SELECT DISTINCT toDate(timestamp) FROM wifilogger.flows WHERE received_at >= since)
    AND (observer_name, toDate(timestamp)) IN
        (SELECT DISTINCT observer_name, toDate(timestamp) FROM wifilogger.flows WHERE received_at >= since)
GROUP BY day, site, name, country, owner;
