-- From NATS: the durable consumer of nats/consumer.json is read, and a message is acknowledged when its
-- row is inserted. NATS keeps what no row was made of.

CREATE TABLE IF NOT EXISTS wifilogger.nats_records (record String)
ENGINE = NATS
SETTINGS
    nats_url = 'nats-1:4222',
    nats_server_list = 'nats-1:4222,nats-2:4222,nats-3:4222',
    nats_secure = 1,
    nats_username = 'clickhouse',
    nats_password = 'CLICKHOUSE_PASSWORD',
    nats_stream = '$MQTT_msgs',
    nats_consumer_name = 'clickhouse',
    nats_subjects = '$MQTT.msgs.wifilogger.*.records',
    nats_format = 'JSONAsString',
    nats_max_block_size = 65536,
    nats_flush_interval_ms = 5000;

-- NATS lets a site publish under its own name only; a record that gives another name is none of its own.
CREATE MATERIALIZED VIEW IF NOT EXISTS wifilogger.nats_to_arriving TO wifilogger.arriving AS
SELECT record
FROM wifilogger.nats_records
WHERE splitByChar('.', _subject)[4] = JSONExtractString(record, 'observer', 'name');
