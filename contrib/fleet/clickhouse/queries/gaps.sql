-- What is missing from the log, and why, by site: records, and packets or records that they tell of.
SELECT observer_name AS site, wifilogger_gap_reason AS reason, count() AS gaps, sum(wifilogger_gap_count) AS missing
FROM wifilogger.flows FINAL
WHERE event_action = 'gap' AND timestamp >= now() - INTERVAL 7 DAY
GROUP BY site, reason
ORDER BY missing DESC, gaps DESC;
